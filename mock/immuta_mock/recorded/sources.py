"""The data sources that an archive tells of, each as the entry of a seed document that grows with what is seen."""

from collections.abc import Iterator
from typing import Any

from immuta_mock.connectors import Connector
from immuta_mock.store.metadata import connection_string
from immuta_mock.store.records import Json

Entry = dict[str, Any]


class Sources:
    """Entries by data source id; of those created several at a time only the name is known at first."""

    def __init__(self) -> None:
        self._by_id: dict[int, Entry] = {}
        self._by_name: dict[str, Entry] = {}

    def __iter__(self) -> Iterator[Entry]:
        yield from sorted(self._by_id.values(), key=lambda entry: int(entry["id"]))
        yield from self._by_name.values()

    def known(self, data_source_id: int, name: str | None = None) -> Entry:
        """The entry of an id; what was known of one of this name that had no id yet is in it."""
        entry = self._by_id.setdefault(data_source_id, {"id": data_source_id})
        if name is not None:
            if "name" not in entry:
                entry.update({**self._by_name.pop(name, {}), **entry})
            entry["name"] = name
        return entry

    def named(self, name: str) -> Entry:
        """The entry of something just made under a name, whose id is not known."""
        return self._by_name.setdefault(name, {"name": name})

    def remove(self, data_source_id: int) -> None:
        """Forget a data source."""
        self._by_id.pop(data_source_id, None)

    def selected(self, connector: Connector, body: Json) -> list[Entry]:
        """Those that a bulk update reaches, as far as their handlers are known."""
        ids, wanted = body.get("ids"), body.get("connectionString")
        return [
            entry
            for entry in self
            if entry.get("connector") == connector.prefix and "metadata" in entry
            and (entry.get("id") in ids if ids is not None else _connection_string(entry, connector) == wanted)
        ]  # fmt: skip


def _connection_string(entry: Entry, connector: Connector) -> str | None:
    try:
        return connection_string(entry["metadata"], connector)
    except (LookupError, TypeError, ValueError):
        return None
