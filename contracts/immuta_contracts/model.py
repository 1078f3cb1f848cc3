"""The oracle of the model layer: what a tenant must hold after each call, as plain data and from the promises alone."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from immuta_contracts.connectors import Connector
from immuta_contracts.world import Json

ELSEWHERE = ("password", "columns", "dataSourceName")  # written in metadata, but not kept there


@dataclass(frozen=True)
class Refusal:
    """The only right answer to a call that must fail; `promise` breaks otherwise."""

    status: int
    promise: str
    text: str = ""


NAME_TAKEN = Refusal(422, "ERR-5", "already exists")
SAME_TABLES = Refusal(422, "ERR-6", "duplicate tables are specified in the payload.")
SAME_COLUMNS = Refusal(400, "ERR-2", "Bad request: ")
INVALID = Refusal(400, "ERR-2", "Bad request: ")
NO_SOURCE = Refusal(404, "DICT-11", "Data source not found.")
NO_HANDLER = Refusal(404, "ERR-3")
NO_DICTIONARY = Refusal(404, "DICT-10")
DICTIONARY_EXISTS = Refusal(400, "DICT-9", "Bad request: ")
NOT_OF_CONNECTOR = Refusal(404, "BULK-8")
REMOVED = Refusal(404, "COMP-5")


@dataclass
class Dictionary:
    """`id` and `created_at` are None until an answer told them; from then on they must stay."""

    columns: list[Json]
    id: int | None = None
    created_at: str | None = None

    @property
    def shown(self) -> list[Json]:
        """The columns as answers show them."""
        return [{**column, "nullable": column.get("nullable", True)} for column in self.columns]

    @property
    def types(self) -> list[str]:
        return list(dict.fromkeys(column["dataType"] for column in self.columns))

    @property
    def names(self) -> list[str]:
        return [column["name"] for column in self.columns]

    @property
    def high_cardinality(self) -> tuple[str | None, ...]:
        """The columns that the job may find: the marked keys, else the first column, else none."""
        keys = [column["name"] for column in self.columns if column.get("isPrimaryKey") is True]
        return tuple(keys) or tuple(self.names[:1]) or (None,)


@dataclass(eq=False)
class Source:
    """One data source: `metadata` and `fields` are what reads must show of its handler and of itself.

    `written_by` names for each metadata field the promise under which it was last written; `gone` holds the fields
    once sent and left out since; `high_cardinality` the values it may have, empty while nothing is promised.
    """

    connector: Connector
    id: int
    handler_id: int
    name: str
    metadata: Json
    fields: Json
    dictionary: Dictionary | None = None
    written_by: dict[str, str] = field(default_factory=dict)
    gone: set[str] = field(default_factory=set)
    named_by: str = "CREATE-1"
    string_by: str = "CREATE-16"
    columns_by: str = "CREATE-19"
    high_cardinality: tuple[str | None, ...] = ()
    disabled: bool = False

    @property
    def connection_string(self) -> str:
        return self.connector.connection_string(self.metadata)

    @property
    def handler_path(self) -> str:
        return f"/{self.connector.prefix}/handler/{self.handler_id}"

    @property
    def dictionary_path(self) -> str:
        return f"/dictionary/{self.id}"

    @property
    def path(self) -> str:
        return f"/dataSource/{self.id}"

    def replace(self, written: Json) -> None:
        """A PUT of the handler: what is left out is gone, but for the columns and the name."""
        kept = _kept(written)
        self.gone = (self.gone | self.metadata.keys()) - kept.keys()
        self.metadata, self.written_by = kept, dict.fromkeys(kept, "UPDATE-1")
        self.string_by = "UPDATE-9"
        self.columns_by = "UPDATE-2" if self.dictionary else self.columns_by
        self._beside(written, named="UPDATE-6", columns="UPDATE-3")

    def merge(self, written: Json) -> None:
        """A bulk update that reaches this data source."""
        kept = _kept(written)
        self.gone -= kept.keys()
        self.metadata = {**self.metadata, **kept}
        self.written_by |= dict.fromkeys(kept, "BULK-3")
        self.string_by = "BULK-5"
        self.columns_by = "BULK-3" if self.dictionary else self.columns_by
        self._beside(written, named="BULK-3", columns="BULK-3")

    def describe(self, columns: list[Json], promise: str) -> None:
        """A new column list, in the dictionary there is or in a new one."""
        if self.dictionary is None:
            self.dictionary = Dictionary(columns)
        else:
            self.dictionary.columns = columns
        self.columns_by = promise
        self._follow_high_cardinality()

    def undescribe(self) -> None:
        """The dictionary is deleted."""
        self.dictionary, self.columns_by = None, "DICT-8"
        self._follow_high_cardinality()

    def computed(self) -> None:
        """The high cardinality job completed."""
        self.high_cardinality = self.dictionary.high_cardinality if self.dictionary else (None,)

    def _beside(self, written: Json, *, named: str, columns: str) -> None:
        if "columns" in written:
            self.describe(written["columns"], columns)
        if "dataSourceName" in written:
            self.name, self.named_by = written["dataSourceName"], named

    def _follow_high_cardinality(self) -> None:
        """A computed column survives as long as it is in the dictionary, else it becomes null."""
        names = self.dictionary.names if self.dictionary else []
        there = [found in names for found in self.high_cardinality]
        if there and not any(there):
            self.high_cardinality = (None,)
        elif not all(there):
            self.high_cardinality = ()


@dataclass
class Model:
    """All data sources that the sequence made, in the order of their ids, and those it removed."""

    sources: list[Source] = field(default_factory=list)
    removed: list[Source] = field(default_factory=list)

    def add(self, connector: Connector, metadata: Json, settings: Json, ids: tuple[int, int]) -> Source:
        """A data source made of one element of a create body; `settings` is its `dataSource` with `name`."""
        kept = _kept(metadata)
        dictionary = Dictionary(metadata["columns"]) if "columns" in metadata else None
        fields = {"private": True, **settings}
        fields.pop("blobHandler", None)  # shown as the address of the handler
        source = Source(connector, *ids, fields.pop("name"), kept, fields, dictionary, dict.fromkeys(kept, "GET-3"))
        self.sources.append(source)
        self.sources.sort(key=lambda each: each.id)
        return source

    def remove(self, source: Source) -> None:
        self.sources.remove(source)
        self.removed.append(source)

    def taken(self, name: str, *, by_other_than: Source | None = None) -> bool:
        return any(source.name == name for source in self.sources if source is not by_other_than)

    def sharing(self, connector: Connector, connection_string: str) -> list[Source]:
        """The data sources of the connector that a bulk update of the string reaches."""
        return [s for s in self.sources if s.connector == connector and s.connection_string == connection_string]

    def refuses_create(self, elements: Sequence[Json]) -> Refusal | None:
        """Why a create of these elements, each with its `dataSourceName`, must fail; names come before tables."""
        names = [element["dataSourceName"] for element in elements]
        if len(set(names)) < len(names) or any(map(self.taken, names)):
            return NAME_TAKEN
        tables = [
            tuple(element.get(part) for part in ("hostname", "database", "schema", "table")) for element in elements
        ]
        if len(set(tables)) < len(tables):
            return SAME_TABLES
        return SAME_COLUMNS if any(same_columns(element.get("columns", [])) for element in elements) else None

    def refuses_update(self, source: Source, written: Json) -> Refusal | None:
        """Why a PUT of the handler must fail."""
        if self.taken(written.get("dataSourceName", source.name), by_other_than=source):
            return NAME_TAKEN
        return SAME_COLUMNS if same_columns(written.get("columns", [])) else None

    def refuses_bulk(self, reached: Sequence[Source], written: Json) -> Refusal | None:
        """Why a bulk update reaching these data sources must fail: one name for several is a clash, too."""
        if len(reached) > 1 and "dataSourceName" in written:
            return NAME_TAKEN
        if reached and self.taken(written.get("dataSourceName", reached[0].name), by_other_than=reached[0]):
            return NAME_TAKEN
        return SAME_COLUMNS if same_columns(written.get("columns", [])) else None

    def columns_found(self, text: str, limit: int) -> list[str]:
        """The names that a column search for the text answers, if no other dictionary has any."""
        names = {name for source in self.sources if source.dictionary for name in source.dictionary.names}
        found = [name for name in names if text.lower() in name.lower()]
        return sorted(found, key=lambda name: (name.lower(), name))[:limit]

    def listed(self, *, text: str = "", name_only: bool = True, strings: Iterable[str] | None = None) -> list[Source]:
        """The data sources that a list with these filters shows, if no other has any of it."""
        strings = None if strings is None else set(strings)
        return [
            source
            for source in self.sources
            if (strings is None or source.connection_string in strings)
            and any(text.lower() in where.lower() for where in source_texts(source, name_only=name_only))
        ]


def source_texts(source: Source, *, name_only: bool) -> list[str]:
    """The texts that a list searches."""
    description = source.fields.get("description")
    return [source.name] if name_only or description is None else [source.name, description]


def same_columns(columns: Sequence[Any]) -> bool:
    """Whether two columns have one name."""
    names = [column["name"] for column in columns]
    return len(set(names)) < len(names)


def _kept(metadata: Json) -> Json:
    return {name: value for name, value in metadata.items() if name not in ELSEWHERE}
