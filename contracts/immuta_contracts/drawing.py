"""Data of the model layer, drawn from small pools so that names, connections and columns of a sequence meet often."""

from functools import cache
from typing import Any

from hypothesis import strategies as st

from immuta_contracts import strategies
from immuta_contracts.connectors import Connector
from immuta_contracts.pins import pinned
from immuta_contracts.settings import Connection
from immuta_contracts.world import Json, World

SUFFIX = "abAB%_0"
PORTS = (443, 1433, 5439)
DATABASES = ("db", "DB", "db2")


class Pools:
    """What one sequence draws from; `token` begins every column name, `hosts` are the only hosts."""

    def __init__(self, w: World, token: str, hosts: list[str]) -> None:
        self._w, self._token, self._hosts = w, token, hosts
        self._tables = 0

    def connection(self) -> Json:
        """Host, database and now and then port and user name: few enough to be shared."""
        draw = self._w.draw
        optional = {"port": st.sampled_from(PORTS), "username": st.sampled_from(("u1", "U1"))}
        return draw(
            st.fixed_dictionaries(
                {"hostname": st.sampled_from(self._hosts), "database": st.sampled_from(DATABASES)}, optional=optional
            )
        )

    def table(self) -> str:
        """A table that no other element names."""
        self._tables += 1
        return f"t{self._tables}"

    def metadata(self, connector: Connector, **given: Any) -> Json:
        """Whole handler metadata, with or without columns."""
        drawn = self._w.draw(_metadata(connector))
        columns = {"columns": self.columns()} if self._w.draw(st.booleans()) else {}
        generated = {**drawn, **self.connection(), "table": self.table(), **columns, **given}
        return pinned(self._reach(connector), generated, nth=self._tables)

    def changes(self, connector: Connector) -> Json:
        """Some metadata fields, as a bulk update merges them."""
        drawn = self._w.draw(_changes(connector))
        connection = self.connection() if self._w.draw(st.integers(0, 2)) == 0 else {}
        columns = {"columns": self.columns()} if self._w.draw(st.integers(0, 3)) == 0 else {}
        changed = {**drawn, **connection, **columns}
        return {name: value for name, value in changed.items() if self._reach(connector).leaves(name)}

    def _reach(self, connector: Connector) -> Connection:
        return self._w.client.settings.connection(connector.prefix)

    def columns(self) -> list[Json]:
        """Up to four columns whose names differ, some only in letter case."""
        return self._w.draw(_columns(self._token))

    def search_text(self) -> str:
        """A text that only columns of the sequence can match."""
        text = self._token + self._w.draw(st.text(SUFFIX, max_size=2))
        return text.swapcase() if self._w.draw(st.booleans()) else text

    def settings(self, connector: Connector, *, name: str) -> Json:
        """A whole `dataSource`."""
        fixed = {"blobHandlerType": connector.blob_handler_type, "recordFormat": "", "type": "queryable", "name": name}
        return {**fixed, **self._w.draw(_settings()), "blobHandler": {"scheme": "https", "url": ""}}


@cache
def _metadata(connector: Connector) -> st.SearchStrategy[Json]:
    unknown = {"x_owner_note": strategies.json_values()}
    return st.fixed_dictionaries(
        {},
        optional={"password": st.just(strategies.PASSWORD), **strategies.optional_metadata(connector), **unknown},
    )


@cache
def _changes(connector: Connector) -> st.SearchStrategy[Json]:
    fields = {"password": st.just(strategies.PASSWORD), **strategies.optional_metadata(connector)}
    pairs = st.sampled_from(sorted(fields)).flatmap(lambda name: st.tuples(st.just(name), fields[name]))
    return st.lists(pairs, min_size=1, max_size=3).map(dict)


@cache
def _settings() -> st.SearchStrategy[Json]:
    unknown = {"x_label": strategies.json_values()}
    return st.fixed_dictionaries(
        {"sqlTableName": strategies.identifiers()}, optional={**strategies.source_fields(), **unknown}
    )


@cache
def _columns(token: str) -> st.SearchStrategy[list[Json]]:
    starts = st.sampled_from((token, token.upper()))
    name = st.tuples(starts, st.text(SUFFIX, max_size=3)).map("".join)
    return st.lists(strategies.column(name), max_size=4, unique_by=lambda column: column["name"])
