"""What a run knows of its target: how it reaches it, what it may ask of it, and what it may make and read there."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Any, Literal

from typing_extensions import TypedDict  # pydantic wants it on Python 3.11

from pydantic import (
    AfterValidator,
    BeforeValidator,
    ConfigDict,
    Field,
    PositiveFloat,
    PositiveInt,
    StringConstraints,
    with_config,
)

known_names_only = with_config(ConfigDict(extra="forbid"))

Mode = Literal["read", "own", "full"]
Evidence = Literal["ref", "docs", "client", "inferred"]
Prefix = Literal["asa", "trino", "snowflake", "databricks", "redshift"]
EVIDENCE: tuple[Evidence, ...] = ("ref", "docs", "client", "inferred")
DOCUMENTED: tuple[Evidence, ...] = ("ref", "docs")


def _words(value: object) -> object:
    """A list, which the command line and the environment write as words between commas."""
    return [word.strip() for word in value.split(",") if word.strip()] if isinstance(value, str) else value


def _tags(value: object) -> object:
    return list(EVIDENCE) if value == "all" else _words(value)


Text = Annotated[str, StringConstraints(min_length=1)]
Variable = Annotated[str, StringConstraints(pattern=r"^[A-Z_][A-Z0-9_]*$")]
Words = Annotated[tuple[Text, ...], BeforeValidator(_words)]


@known_names_only
@dataclass(frozen=True)
class Keys:
    """The environment variable that holds the API key of each role."""

    owner: Variable = "IMMUTA_API_KEY"
    second_owner: Variable = "IMMUTA_API_KEY_SECOND_OWNER"
    expert: Variable = "IMMUTA_API_KEY_EXPERT"
    reader: Variable = "IMMUTA_API_KEY_READER"
    governor: Variable = "IMMUTA_API_KEY_GOVERNOR"


@known_names_only
@dataclass(frozen=True)
class Limits:
    """What a run may ask of its target; None: no limit.

    A run sends one request at a time, and as many as it has jobs or shards: `concurrency` is how many those may be.
    `timeout` is for one answer, `job_seconds` for jobs to end, `outage_seconds` for a target that stopped answering to
    come back before the rest of the run is given up.
    """

    requests_per_second: PositiveFloat | None = None
    concurrency: PositiveInt | None = None
    total_requests: PositiveInt | None = None
    total_minutes: PositiveFloat | None = None
    timeout: PositiveFloat = 30.0
    job_seconds: PositiveFloat = 20.0
    outage_seconds: PositiveFloat = 60.0


def _harmless(headers: Mapping[str, str]) -> Mapping[str, str]:
    """Without one that tells who calls, also where a request is to be sent without credentials, or changes methods."""
    for name in headers:
        if "method" in name.lower():
            raise ValueError(f"{name} makes requests other ones than they are judged to be; leave it out")
        if name.lower() in ("authorization", "cookie"):
            raise ValueError(
                f"{name} tells who calls; name the keys under [keys], and headers of a gateway or proxy here"
            )
    return headers


@known_names_only
@dataclass(frozen=True)
class Transport:
    """How the target is reached; `headers` go along with every request and may hold secrets."""

    ca_bundle: Path | None = None
    client_certificate: Path | None = None
    client_key: Path | None = None
    proxy: str | None = field(default=None, repr=False)
    headers: Annotated[Mapping[str, str], AfterValidator(_harmless)] = field(default_factory=dict, repr=False)


@known_names_only
@dataclass(frozen=True)
class Readable:
    """What a run may read although it did not make it; `handlers` are listed by connector."""

    data_sources: tuple[PositiveInt, ...] = ()
    handlers: Mapping[Prefix, tuple[PositiveInt, ...]] = field(default_factory=dict)


@known_names_only
class UserFile(TypedDict):
    """A file that goes along with a connection; `content` is base64."""

    keyName: str
    content: str
    userFilename: str


@known_names_only
class Reach(TypedDict, total=False):
    """The metadata fields by which a connector reaches its platform."""

    hostname: Text
    port: Annotated[int, Field(ge=1, le=65535)]
    ssl: bool | Literal["true", "false"]
    username: str
    password: str
    authenticationMethod: str
    database: Text
    schema: Text
    warehouse: str
    httpPath: str
    connectionStringOptions: str
    userFiles: list[UserFile]


REACHING = frozenset(Reach.__annotations__)


@known_names_only
@dataclass(frozen=True)
class Connection:
    """One connector in scope. With `metadata` it is pinned: creates carry these, and no other connection fields.

    `tables` are the remote tables that a create may name (none: any), `free` the connection fields that are generated
    all the same.
    """

    metadata: Reach = field(default_factory=Reach, repr=False)
    tables: tuple[Text, ...] = ()
    free: Words = ()

    def leaves(self, name: str) -> bool:
        """Whether creates may carry any value of this metadata field."""
        return not self.fixes(name) and not (self.tables and name in ("table", "query"))

    def fixes(self, name: str) -> bool:
        """Whether creates carry this connection field as it is here, or not at all where it is not here."""
        return bool(self.metadata) and name in REACHING and name not in self.free


def _split(table: object) -> object:
    """The table of a connector in the file, where the metadata fields stand beside the others."""
    if not isinstance(table, dict):
        return table
    beside = {name: table[name] for name in ("tables", "free") if name in table}
    return {**beside, "metadata": {name: value for name, value in table.items() if name not in beside}}


def _whole(connection: Connection) -> Connection:
    for name in connection.free:
        if name not in REACHING:
            raise ValueError(f"free names {name!r}, which is none of {', '.join(sorted(REACHING))}")
    missing = [name for name in ("hostname", "database") if name not in connection.metadata]
    if missing and (connection.metadata or connection.tables or connection.free):
        raise ValueError(f"{' and '.join(missing)} is missing; a pinned connection needs both")
    return connection


@known_names_only
@dataclass(frozen=True)
class Settings:
    """Everything a run needs to know about its target. `url` None is a mock started for the run.

    `mode` None is `full` on such a mock and `own` on a tenant; `connector` holds the connectors in scope (none: all
    five, on made-up hosts); with `login` requests carry tokens, not API keys; `gate` the evidence tags whose broken
    promises fail the run (None: all on a mock, `ref` and `docs` on a tenant); `secrets` the value of each environment
    variable that was read.
    """

    url: str | None = None
    mode: Mode | None = None
    profile: Literal["quick", "default", "thorough"] = "default"
    seed: int | None = None
    only: str | None = None
    overlay: Words = ()
    gate: Annotated[tuple[Evidence, ...], BeforeValidator(_tags)] | None = None
    deviations: Path | None = None
    reports: Path = Path("reports")
    keys: Keys = Keys()
    login: bool = False
    limits: Limits = Limits()
    transport: Transport = Transport()
    read: Readable = Readable()
    connector: Mapping[Prefix, Annotated[Connection, BeforeValidator(_split), AfterValidator(_whole)]] = field(
        default_factory=dict
    )
    secrets: Mapping[str, str] = field(default_factory=dict, repr=False)

    @property
    def api_keys(self) -> dict[str, str]:
        """The API key of each role that has one."""
        return {role: self.secrets[name] for role, name in vars(self.keys).items() if self.secrets.get(name)}

    @property
    def fence(self) -> Mode:
        """What may be written."""
        return self.mode or ("own" if self.url else "full")

    @property
    def gating(self) -> tuple[Evidence, ...]:
        """The evidence tags whose broken promises fail the run.

        A mock keeps all promises or is at fault; a tenant answers for what is documented.
        """
        usual = EVIDENCE if self.url is None else DOCUMENTED
        return usual if self.gate is None else self.gate

    def in_scope(self, prefix: str) -> bool:
        return not self.connector or prefix in self.connector

    def connection(self, prefix: str) -> Connection:
        """How a connector is reached; one that is not pinned is reached at made-up hosts."""
        connections: Mapping[Any, Connection] = self.connector
        return connections.get(prefix, Connection())
