"""What a store keeps: after any steps, those that are refused or find no room among them, a later store is the same."""

import json
import tempfile
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from redis import Redis

from immuta_mock.connectors import CONNECTORS
from immuta_mock.errors import NotKept, Refusal
from immuta_mock.sharing import Shared
from immuta_mock.sharing.scripts import LOOK
from immuta_mock.statefile import StateFile
from immuta_mock.store import DataSource, Store, Token
from immuta_mock.store.keeping import Keeper
from immuta_mock.store.state import State
from immuta_mock.users import DEFAULT_USERS, User, UsersError
from redis_server import RedisServer

ASA, TRINO, *_ = CONNECTORS
OWNER, EXPERT = DEFAULT_USERS[0], DEFAULT_USERS[2]
COLUMNS: list[dict[str, Any]] = [
    {"name": "kéy", "dataType": "text", "remoteType": "text", "isPrimaryKey": True},
    {"name": "b", "dataType": "integer", "remoteType": "int", "tags": [{"name": "T", "source": "s"}]},
]
TEN_SECONDS = timedelta(seconds=10)


class Clock:
    """The time of a machine that moves on when told."""

    def __init__(self) -> None:
        self.now = datetime(2026, 1, 15, 12, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now


def new_store(clock: Clock) -> Store:
    return Store(clock=clock, job_duration=TEN_SECONDS, token_lifetime=3 * TEN_SECONDS)


def metadata(number: int, **more: Any) -> dict[str, Any]:
    return {"hostname": "h", "database": f"d{number % 2}", "table": f"t{number}", "unknown": [{"a": 1.5}, None], **more}


def create_one(store: Store, number: int) -> None:
    columns = {"columns": COLUMNS[: number % 3]} if number % 2 else {}
    data_source = {
        "name": f"n{number}", "sqlTableName": "s", "blobHandler": {"scheme": "https"}, "blobHandlerType": "B",
        "recordFormat": "", "type": "queryable", "expert": {"profiles": [4], "groups": [9, 7]}, "more": {"ü": "\x00'"},
    }  # fmt: skip
    body = {"handler": {"metadata": metadata(number, **columns)}, "dataSource": data_source}
    store.create_data_sources(OWNER, TRINO, {**body, "schemaEvolution": {"disabled": True}})


def create_several(store: Store, number: int, count: int = 2) -> None:
    names = range(number, number + count)
    elements = [{"metadata": metadata(each, dataSourceName=f"n{each}")} for each in names]
    data_source = {"blobHandlerType": "B", "recordFormat": "", "type": "queryable"}
    store.create_data_sources(OWNER, ASA, {"handler": elements, "dataSource": data_source})


def source(store: Store, number: int) -> DataSource:
    return store.get_data_source(number)


def update_handler(store: Store, number: int) -> None:
    found = source(store, number)
    body = {"handler": {"metadata": metadata(number + 1, dataSourceName=f"n{number + 1}")}}
    store.update_handler(OWNER, found.connector, found.handler_id, body)


def bulk_update(store: Store, number: int) -> None:
    body = {"connectionString": f"h:443/d{number % 2}", "handler": {"metadata": {"schema": str(number)}}}
    store.bulk_update(OWNER, TRINO, body)


def trigger(store: Store, number: int) -> None:
    found = source(store, number)
    store.trigger_high_cardinality(OWNER, found.connector, found.handler_id)


def last_job(store: Store) -> str:
    return store.all_jobs()[-1].id if store.all_jobs() else ""


def wait(store: Store, number: int) -> None:
    assert isinstance(store.clock.source, Clock)
    store.clock.source.now += number * timedelta(seconds=4)


ACTS: dict[str, Callable[[Store, int], Any]] = {
    "create one": create_one,
    "create several": create_several,
    "update a handler": update_handler,
    "update in bulk": bulk_update,
    "update": lambda store, number: store.update_data_source(OWNER, number, {"name": f"n{number + 1}", "a": [number]}),
    "delete": lambda store, number: store.delete_data_source(OWNER, number),
    "create a dictionary": lambda store, number: store.create_dictionary(EXPERT, number, COLUMNS),
    "update a dictionary": lambda store, number: store.update_dictionary(OWNER, number, COLUMNS[1:]),
    "delete a dictionary": lambda store, number: store.delete_dictionary(OWNER, number),
    "trigger a job": trigger,
    "complete a job": lambda store, _: store.complete_job(last_job(store)),
    "fail a job": lambda store, _: store.fail_job(last_job(store), "failed"),
    "log in": lambda store, number: store.issue_token(DEFAULT_USERS[number - 1].key),
    "expire tokens": lambda store, number: store.expire_tokens(None if number > 2 else "owner"),
    "add a user": lambda store, number: store.add_user(User("u", f"k{number}", 90 + number, groups=frozenset([7, 9]))),
    "exchange users": lambda store, number: store.exchange_users(store.users[number:], [User("x", f"k{number}", 80)]),
    "wait": wait,
    "freeze": lambda store, number: store.freeze(datetime(2026, 1, number, tzinfo=UTC) if number > 2 else None),
    "advance": lambda store, number: store.advance(number * timedelta(seconds=4, microseconds=1)),
    "resume": lambda store, _: store.resume(),
    "save": lambda store, number: store.save(f"s{number}"),
    "bring back": lambda store, number: store.bring_back(f"s{number}"),
    "forget": lambda store, number: store.forget(f"s{number}"),
    "reset": lambda store, _: store.reset(Store().snapshot()),
    "load": lambda store, _: store.load({**store.dump(), "users": store.dump()["users"][:5]}),
    "look": lambda store, _: store.dump(),
}  # fmt: skip


def parts(state: State) -> tuple[Any, ...]:
    """All of a state, in its order."""
    tables = [(kind, list(table.items())) for kind, table in state.tables().items()]
    return tables, state.by_name, state.by_handler, state.by_connection_string, list(state.running)


def everything(store: Store) -> tuple[Any, ...]:
    """All of a store that lasts."""
    saved = {name: parts(store._snapshots[name]) for name in store.snapshots()}
    return json.dumps(store.dump()), parts(store.snapshot()), store.clock.setting, saved


class Place:
    """Where stores may be kept: `of` is the keeper of a tenant for one more store, as another process has it."""

    full: str
    """What is said where there is no room."""

    def of(self, tenant: str) -> Keeper:
        raise NotImplementedError

    def set_room(self, *, left: bool) -> None:
        """Let it hold as much as it likes, or nothing more."""
        raise NotImplementedError

    def begin_again(self) -> None:
        """Let the process that keeps the state end, and another one begin."""

    def close(self) -> None:
        raise NotImplementedError


class InFile(Place):
    """An SQLite file, which tells that it may not grow any more as it tells a full disk."""

    full = "database or disk is full"

    def __init__(self) -> None:
        self._folder = tempfile.TemporaryDirectory()
        self._file = self._opened()

    def of(self, tenant: str) -> Keeper:
        return self._file.of(tenant)

    def set_room(self, *, left: bool) -> None:
        connection = self._file._connection
        pages = connection.execute("PRAGMA page_count").fetchone()[0]
        connection.execute(f"PRAGMA max_page_count = {1_000_000 if left else pages}")

    def begin_again(self) -> None:
        self._file.close()
        self._file = self._opened()

    def close(self) -> None:
        self._file.close()
        self._folder.cleanup()

    def _opened(self) -> StateFile:
        return StateFile(Path(self._folder.name) / "state.db")


class OnRedis(Place):
    """A Redis server, which takes nothing more where it may have no memory."""

    full = "it has no memory left"

    def __init__(self, server: RedisServer) -> None:
        self._url = server.url(uuid4().hex)
        self._client = Redis(port=server.port)
        self._shared: list[Shared] = []

    def of(self, tenant: str) -> Keeper:
        self._shared.append(Shared(self._url))
        return self._shared[-1].space(tenant, "state")

    def set_room(self, *, left: bool) -> None:
        self._client.config_set("maxmemory", 0 if left else 1)

    def close(self) -> None:
        self.set_room(left=True)
        self._client.close()
        for shared in self._shared:
            shared.server.close()


@pytest.fixture(params=["file", "redis"])
def new_place(request: pytest.FixtureRequest) -> Callable[[], Place]:
    return InFile if request.param == "file" else partial(OnRedis, request.getfixturevalue("redis"))


@pytest.fixture
def place(new_place: Callable[[], Place]) -> Iterator[Place]:
    with closing(new_place()) as place:
        yield place


def tried(store: Store, act: str, number: int) -> bool:
    """Whether an act was not refused."""
    try:
        ACTS[act](store, number)
    except (Refusal, UsersError):
        return False
    return True


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=st.lists(st.tuples(st.sampled_from(sorted(ACTS)), st.integers(1, 5), st.booleans()), max_size=40))
def test_a_later_store_is_the_same_after_any_steps(
    new_place: Callable[[], Place], steps: list[tuple[str, int, bool]]
) -> None:
    clock = Clock()
    store = new_store(clock)
    with closing(new_place()) as place:
        store.keep_in(place.of("one"))
        for act, number, roomy in steps:
            before = everything(store)
            place.set_room(left=roomy)
            happened = tried(store, act, number)
            place.set_room(left=True)
            assert happened or everything(store) == before, act
            again = new_store(clock)
            again.keep_in(place.of("one"))
            assert everything(again) == everything(store), act
        place.begin_again()
        later = new_store(clock)
        later.keep_in(place.of("one"))
        assert everything(later) == everything(store)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=st.lists(st.tuples(st.sampled_from(sorted(ACTS)), st.integers(1, 5), st.integers(0, 1)), max_size=40))
def test_two_that_share_a_state_are_as_one_alone(redis: RedisServer, steps: list[tuple[str, int, int]]) -> None:
    clock = Clock()
    alone, *both = (new_store(clock) for _ in range(3))
    with closing(OnRedis(redis)) as place:
        for store in both:
            store.keep_in(place.of("one"))
        for act, number, which in steps:
            both[which].catch_up()
            happened = tried(both[which], act, number)
            assert act == "wait" or tried(alone, act, number) == happened, act
        for store in both:
            store.catch_up()
            assert everything(store) == everything(alone)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=st.lists(st.tuples(st.sampled_from(sorted(ACTS)), st.integers(1, 5), st.integers(0, 1)), max_size=40))
def test_two_that_never_look_make_one_state_all_the_same(redis: RedisServer, steps: list[tuple[str, int, int]]) -> None:
    clock = Clock()
    both = [new_store(clock), new_store(clock)]
    later = new_store(clock)
    with closing(OnRedis(redis)) as place:
        for store in both:
            store.keep_in(place.of("one"))
        for act, number, which in steps:
            tried(both[which], act, number)
        for store in both:
            store.catch_up()
        later.keep_in(place.of("one"))
        assert everything(both[0]) == everything(both[1]) == everything(later)


LARGE = [{**COLUMNS[0], "name": f"c{number}", "description": "x" * 1000} for number in range(20)]
MANY = {
    "dataSources": [{"connector": "asa", "name": str(number), "metadata": metadata(number)} for number in range(99)]
}
LARGE_ACTS: dict[str, Callable[[Store], Any]] = {
    "create several": lambda store: create_several(store, 1000, 99),
    "update a dictionary": lambda store: store.update_dictionary(OWNER, 1, LARGE),
    "load": lambda store: store.load(MANY),
    "restore": lambda store: store.restore(large_state()),
    "reset": lambda store: store.reset(large_state()),
    "save": lambda store: store.save("saved"),
}


def large_state() -> State:
    store = Store()
    create_several(store, 1, 99)
    return store.snapshot()


@pytest.mark.parametrize("act", LARGE_ACTS)
def test_what_finds_no_room_has_not_happened_and_happens_once_there_is_some(place: Place, act: str) -> None:
    clock = Clock()
    store, again = new_store(clock), new_store(clock)
    store.keep_in(place.of("one"))
    create_one(store, 1)
    create_several(store, 2, 60)
    store.freeze()
    before = everything(store)

    place.set_room(left=False)
    with pytest.raises(NotKept, match=place.full):
        LARGE_ACTS[act](store)
    without_room = everything(store)
    place.set_room(left=True)
    LARGE_ACTS[act](store)
    again.keep_in(place.of("one"))

    assert without_room == before
    assert everything(again) == everything(store) != before


def test_ids_and_tokens_go_on_where_they_were(place: Place) -> None:
    clock = Clock()
    alone, kept = new_store(clock), new_store(clock)
    for number in (1, 3, 5):
        kept.keep_in(place.of("one"))
        tokens = [given_a_token(store, number) for store in (alone, kept)]
        states = [everything(store) for store in (alone, kept)]
        kept = new_store(clock)
        place.begin_again()

        assert tokens[0] == tokens[1]
        assert states[0] == states[1]


def given_a_token(store: Store, number: int) -> Token:
    create_several(store, number)
    store.delete_data_source(OWNER, number)
    store.delete_data_source(OWNER, number)
    return store.issue_token(OWNER.key)


def test_a_step_that_fails_has_not_happened() -> None:
    store = new_store(Clock())
    create_several(store, 1, 3)
    before = everything(store)

    with pytest.raises(ZeroDivisionError):
        half_a_step(store)

    assert everything(store) == before


def half_a_step(store: Store) -> None:
    def act(_: datetime) -> None:
        store._state.remove(store._state.data_sources[2])
        store._state.next_uuid()
        store.clock.reset()
        raise ZeroDivisionError

    store._step(act)


def test_who_makes_the_next_change_is_not_told_of_it(redis: RedisServer) -> None:
    url = redis.url(uuid4().hex)
    with Shared(url) as mine, Shared(url) as others:
        stores = []
        for shared in (mine, others):
            stores.append(new_store(Clock()))
            stores[-1].keep_in(shared.space("one", "state"))
        stores[1].catch_up()

        create_one(stores[1], 1)
        after_its_own = others.ask(LOOK, others.epoch, others.head, 0), others.head
        create_one(stores[0], 2)
        after_anothers = others.ask(LOOK, others.epoch, others.head, 0)
        create_one(stores[1], 3)  # overtaken, and so told of the other's
        after_both = others.ask(LOOK, others.epoch, others.head, 0), others.head

        assert after_its_own[0] == [after_its_own[1]]
        assert after_anothers[:2] == [after_its_own[1] + 1, b"since"]
        assert after_both == ([after_its_own[1] + 2], after_its_own[1] + 2)
        assert list(stores[1].snapshot().by_name) == ["n1", "n2", "n3"]
