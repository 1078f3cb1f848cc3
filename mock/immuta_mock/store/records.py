"""What the store keeps and hands out: frozen records, whose JSON parts are never changed in place."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import Enum
from typing import Any

from immuta_mock.connectors import Connector
from immuta_mock.users import User

Json = Mapping[str, Any]
"""A JSON object; typed as a mapping so that nobody writes into it."""

PASSED = "passed"
FAILED = "failed"
ACTIVE = "active"


@dataclass(frozen=True, slots=True)
class Holders:
    """Who holds a role beside the creator."""

    profiles: frozenset[int] = frozenset()
    groups: frozenset[int] = frozenset()


@dataclass(frozen=True, slots=True)
class HighCardinality:
    """The outcome of a high cardinality job; `column` is None without a column to choose."""

    column: str | None


@dataclass(frozen=True, slots=True)
class Dictionary:
    """The columns of a data source, the only place where they are kept."""

    id: int
    data_source_id: int
    columns: tuple[Json, ...]
    created_at: datetime
    updated_at: datetime

    def __hash__(self) -> int:
        """Of what tells most dictionaries apart, as columns have no hash; those that meet are compared whole."""
        return hash((self.id, self.updated_at))

    @property
    def types(self) -> tuple[str, ...]:
        """The distinct data types in order of first appearance."""
        return tuple(dict.fromkeys(column["dataType"] for column in self.columns))


@dataclass(frozen=True, slots=True)
class DataSource:
    """A data source with its handler and its dictionary.

    `metadata` is the handler metadata as last written, without what is kept elsewhere or nowhere: the password, the
    columns, the name and the names the server owns. `fields` are the other fields of `dataSource` and the unknown
    ones of the top level. `high_cardinality` is None until a job has computed it.
    """

    id: int
    handler_id: int
    connector: Connector
    name: str
    sql_table_name: str
    connection_string: str
    metadata: Json
    fields: Json
    schema_evolution: Json | None
    owners: Holders
    experts: Holders
    created_by: int
    created_at: datetime
    updated_at: datetime
    dictionary: Dictionary | None = None
    high_cardinality: HighCardinality | None = None
    deleted: bool = False

    @property
    def status(self) -> str:
        """`failed` for a host under `.invalid`, which stands for a remote platform out of reach."""
        return FAILED if self.metadata["hostname"].lower().endswith(".invalid") else PASSED

    @property
    def sql_schema_name(self) -> str | None:
        """The schema in Immuta: the one asked for, else that of the remote platform."""
        return self.metadata.get("bodataSchemaName") or self.metadata.get("schema")

    @property
    def private(self) -> bool:
        """Whether the data source is hidden from the public list; it is where nothing was said."""
        return self.fields.get("private") is not False

    @property
    def description(self) -> str:
        """What is said of the data source; empty where nothing is."""
        return self.fields.get("description") or ""

    @property
    def columns(self) -> tuple[Json, ...]:
        """The columns of the dictionary; none where there is no dictionary."""
        return () if self.dictionary is None else self.dictionary.columns


class JobKind(Enum):
    """What a job does."""

    CREATE = "create"
    BULK_UPDATE = "bulkUpdate"
    HIGH_CARDINALITY = "highCardinality"
    NATIVE_VIEW = "nativeView"


@dataclass(frozen=True, slots=True)
class Job:
    """A job on one data source; `connection_string` is that of the data source when the job began."""

    id: str
    kind: JobKind
    data_source_id: int
    connection_string: str
    completes_at: datetime
    state: str = ACTIVE
    output: str | None = None


@dataclass(frozen=True, slots=True)
class Token:
    """A session token of the user with this profile, good until `expires_at`."""

    token: str = field(repr=False)
    expires_at: datetime
    profile: int


@dataclass(frozen=True, slots=True)
class CreatedOne:
    """The outcome of a create call with one element; `warnings` names a problem, if there is one."""

    data_source: DataSource
    warnings: str | None


@dataclass(frozen=True, slots=True)
class CreatedSeveral:
    """The outcome of a create call with several elements; `connection_string` is that of the first."""

    bulk_id: str | int
    connection_string: str
    jobs_created: int


@dataclass(frozen=True, slots=True)
class BulkUpdate:
    """The outcome of a bulk update; `connection_string` is the one after it."""

    bulk_id: str | int
    connection_string: str
    jobs_created: int


@dataclass(frozen=True, slots=True)
class Deletion:
    """The outcome of a delete call: disabled, or removed with `hard_delete`."""

    id: int
    hard_delete: bool


@dataclass(frozen=True, slots=True)
class Page:
    """One page of data sources; `count` is the number of all that match."""

    hits: tuple[DataSource, ...]
    count: int


@dataclass(frozen=True, slots=True)
class DataSourceQuery:
    """What `GET /dataSource` selects; an empty tuple or text selects everything.

    Some fields have the simplest meaning the mock can give them: `schema` is the one in Immuta or the remote one, tags
    are those of the columns, subscriptions are how the `caller` stands to the data source, `mode` and `id_only` do
    nothing.
    """

    search_text: str = ""
    name_only: bool = False
    size: int = 50
    offset: int = 0
    schema: str | None = None
    public_only: bool = False
    mode: int = 0
    id_only: bool = False
    connection_strings: tuple[str, ...] = ()
    blob_handler_types: tuple[str, ...] = ()
    statuses: tuple[str, ...] = ()
    subscriptions: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    columns: tuple[str, ...] = ()
    data_source_ids: tuple[int, ...] = ()
    caller: User | None = None
