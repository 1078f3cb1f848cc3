"""What holds for the store as a whole: repeatable, isolated, atomic."""

import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

from immuta_mock.connectors import Connector
from immuta_mock.errors import NameTaken
from immuta_mock.store import DataSourceQuery, Store
from immuta_mock.users import User

Body = Callable[..., dict[str, Any]]


def test_the_same_seed_gives_the_same_ids(
    owner: User, snowflake: Connector, several: Body, now: Callable[[], datetime]
) -> None:
    body = several({"dataSourceName": "A", "table": "a"}, {"dataSourceName": "B", "table": "b"})

    def run(seed: int) -> tuple[object, ...]:
        store = Store(seed=seed, clock=now)
        created = store.create_data_sources(owner, snowflake, body)
        return created, store.issue_token(owner.key), store.trigger_high_cardinality(owner, snowflake, 1001)

    assert run(1) == run(1)
    assert all(one != other for one, other in zip(run(1), run(2), strict=True))


def test_two_stores_share_nothing(owner: User, snowflake: Connector, single: Body) -> None:
    first, second = Store(), Store()
    first.create_data_sources(owner, snowflake, single())
    assert second.list_data_sources(DataSourceQuery()).count == 0


def test_the_time_is_that_of_the_machine_unless_told(owner: User, snowflake: Connector, single: Body) -> None:
    store = Store()
    before = datetime.now(UTC)
    store.create_data_sources(owner, snowflake, single())
    assert before <= store.get_data_source(1).created_at <= datetime.now(UTC)


def test_one_of_many_threads_gets_a_name_and_ids_are_never_shared(
    store: Store, owner: User, snowflake: Connector, single: Body
) -> None:
    refused: list[NameTaken] = []

    def create(thread: int) -> None:
        for number in range(50):
            store.create_data_sources(owner, snowflake, single(f"{thread}/{number}"))
            try:
                store.create_data_sources(owner, snowflake, single(f"shared {number}"))
            except NameTaken as refusal:
                refused.append(refusal)

    threads = [threading.Thread(target=create, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    page = store.list_data_sources(DataSourceQuery(size=1000))
    assert (page.count, len(refused)) == (250, 150)
    assert [source.id for source in page.hits] == list(range(1, 251))
    assert sorted(source.handler_id for source in page.hits) == list(range(1001, 1251))


def test_no_request_is_held_up_while_another_waits_for_jobs(
    owner: User, snowflake: Connector, single: Body, now: Callable[[], datetime]
) -> None:
    seen: list[int] = []

    def look_meanwhile(_seconds: float) -> None:
        thread = threading.Thread(target=lambda: seen.append(store.list_data_sources(DataSourceQuery()).count))
        thread.start()
        thread.join(timeout=5)

    store = Store(clock=now, sleep=look_meanwhile, job_duration=timedelta(seconds=10))
    store.create_data_sources(owner, snowflake, single())
    job = store.refresh_native_view(owner, snowflake, 1001)
    store.job_statuses([job.id], wait=1)
    assert seen == [1]
