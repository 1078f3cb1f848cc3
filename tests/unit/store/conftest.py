"""A store under a clock that the test moves, its users, and bodies to write."""

import itertools
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest

from immuta_mock.connectors import CONNECTORS, Connector
from immuta_mock.sharing import Shared
from immuta_mock.store import CreatedOne, DataSource, DataSourceQuery, Page, Store
from immuta_mock.users import DEFAULT_USERS, User
from redis_server import RedisServer

METADATA: dict[str, Any] = {
    "hostname": "acme.example",
    "username": "loader",
    "password": "s3cret",
    "database": "SALES",
    "schema": "CRM",
    "table": "CLIENTS",
}
SETTINGS: dict[str, Any] = {"blobHandlerType": "Snowflake", "recordFormat": "", "type": "queryable"}


class Clock:
    """A clock that stands still between two moves."""

    def __init__(self) -> None:
        self.now = datetime(2026, 1, 15, 10, 52, 30, 535000, UTC)

    def __call__(self) -> datetime:
        return self.now

    def advance(self, seconds: float) -> None:
        self.now += timedelta(seconds=seconds)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def now(clock: Clock) -> Callable[[], datetime]:
    return clock


@pytest.fixture
def advance(clock: Clock) -> Callable[[float], None]:
    return clock.advance


@pytest.fixture(params=["in memory", "on redis"])
def keep_there(request: pytest.FixtureRequest) -> Iterator[Callable[[Store], Store]]:
    """Lets a store be kept where the stores of a test are: each test is run in memory, and on a Redis server."""
    if request.param == "in memory":
        yield lambda store: store
        return
    redis: RedisServer = request.getfixturevalue("redis")
    tenants = itertools.count()

    def keep(store: Store) -> Store:
        store.keep_in(shared.space(f"tenant-{next(tenants)}", "state"))
        return store

    with Shared(redis.url(uuid4().hex)) as shared:
        yield keep


@pytest.fixture
def store(clock: Clock, keep_there: Callable[[Store], Store]) -> Store:
    return keep_there(Store(clock=clock, sleep=clock.advance))


@pytest.fixture
def slow_store(clock: Clock, keep_there: Callable[[Store], Store]) -> Store:
    """A store whose jobs take ten seconds."""
    return keep_there(Store(clock=clock, sleep=clock.advance, job_duration=timedelta(seconds=10)))


@pytest.fixture
def owner() -> User:
    return DEFAULT_USERS[0]


@pytest.fixture
def second_owner() -> User:
    return DEFAULT_USERS[1]


@pytest.fixture
def expert() -> User:
    return DEFAULT_USERS[2]


@pytest.fixture
def reader() -> User:
    return DEFAULT_USERS[3]


@pytest.fixture
def governor() -> User:
    return DEFAULT_USERS[4]


@pytest.fixture
def asa() -> Connector:
    return CONNECTORS[0]


@pytest.fixture
def trino() -> Connector:
    return CONNECTORS[1]


@pytest.fixture
def snowflake() -> Connector:
    return CONNECTORS[2]


def single_body(
    name: str = "Clients",
    *,
    data_source: dict[str, Any] | None = None,
    top: dict[str, Any] | None = None,
    **metadata: Any,
) -> dict[str, Any]:
    """A create body of the single form; further keywords go into the metadata."""
    settings = {**SETTINGS, "blobHandler": {"scheme": "https", "url": ""}, "name": name, "sqlTableName": "clients"}
    return {
        "handler": {"metadata": {**METADATA, **metadata}},
        "dataSource": {**settings, **(data_source or {})},
        **(top or {}),
    }


def several_body(*elements: dict[str, Any], **data_source: Any) -> dict[str, Any]:
    """A create body of the several form; each element says what its metadata have beside the usual."""
    handlers = [{"metadata": {**METADATA, **element}} for element in elements]
    return {"handler": handlers, "dataSource": {**SETTINGS, **data_source}}


def update_body(*, top: dict[str, Any] | None = None, **metadata: Any) -> dict[str, Any]:
    """An update body; further keywords go into the metadata."""
    return {"handler": {"metadata": {**METADATA, **metadata}}, **(top or {})}


def column(name: str, **fields: Any) -> dict[str, Any]:
    """A written column."""
    return {"name": name, "dataType": "text", "remoteType": "varchar", **fields}


@pytest.fixture
def single() -> Callable[..., dict[str, Any]]:
    return single_body


@pytest.fixture
def several() -> Callable[..., dict[str, Any]]:
    return several_body


@pytest.fixture
def update() -> Callable[..., dict[str, Any]]:
    return update_body


@pytest.fixture
def col() -> Callable[..., dict[str, Any]]:
    return column


@pytest.fixture
def add(store: Store, owner: User, snowflake: Connector) -> Callable[..., DataSource]:
    """Creates one data source of the owner in `store`, on snowflake unless told, and answers it."""

    def adding(name: str = "Clients", *, connector: Connector = snowflake, **body: Any) -> DataSource:
        outcome = store.create_data_sources(owner, connector, single_body(name, **body))
        assert isinstance(outcome, CreatedOne)
        return outcome.data_source

    return adding


@pytest.fixture
def everything(store: Store) -> Callable[[], Page]:
    """All data sources with all that belongs to them, to compare before and after."""
    return lambda: store.list_data_sources(DataSourceQuery(size=1_000_000))
