"""Jobs, and the effects they have when their time has come."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest

from immuta_mock.connectors import Connector
from immuta_mock.errors import HandlerNotFound, RoleMissing
from immuta_mock.store import CreatedOne, CreatedSeveral, DataSource, HighCardinality, Job, JobKind, Store
from immuta_mock.users import User

Body = Callable[..., dict[str, Any]]
Add = Callable[..., DataSource]
Advance = Callable[[float], None]
SHARED = "loader@acme.example:443/SALES"


@pytest.fixture
def source(slow_store: Store, owner: User, snowflake: Connector, single: Body, col: Body) -> DataSource:
    outcome = slow_store.create_data_sources(owner, snowflake, single(columns=[col("ID")]))
    assert isinstance(outcome, CreatedOne)
    return outcome.data_source


def test_a_job_is_active_until_its_time_has_come(
    slow_store: Store,
    owner: User,
    snowflake: Connector,
    source: DataSource,
    advance: Advance,
    now: Callable[[], datetime],
) -> None:
    job = slow_store.trigger_high_cardinality(owner, snowflake, source.handler_id)

    assert job == Job(
        id=job.id,
        kind=JobKind.HIGH_CARDINALITY,
        data_source_id=1,
        connection_string=SHARED,
        completes_at=now() + timedelta(seconds=10),
        state="active",
    )
    advance(9.999)
    assert slow_store.job_statuses([job.id])[job.id].state == "active"
    assert slow_store.get_handler(snowflake, source.handler_id).high_cardinality is None
    advance(0.001)
    assert slow_store.get_handler(snowflake, source.handler_id).high_cardinality == HighCardinality("ID")
    assert slow_store.job_statuses([job.id])[job.id].state == "completed"


def test_jobs_complete_at_once_where_they_take_no_time(
    store: Store, owner: User, snowflake: Connector, add: Add, col: Body
) -> None:
    source = add(columns=[col("ID")])
    store.trigger_high_cardinality(owner, snowflake, source.handler_id)
    assert store.get_handler(snowflake, source.handler_id).high_cardinality == HighCardinality("ID")


@pytest.mark.parametrize(
    ("marks", "found"),
    [((False, True, True), "B"), ((False, False, False), "A"), ((None, "true", 1), "A")],
)
def test_the_first_primary_key_is_found_else_the_first_column(
    store: Store, owner: User, snowflake: Connector, add: Add, col: Body, marks: tuple[Any, ...], found: str
) -> None:
    columns = [col(name, isPrimaryKey=mark) for name, mark in zip("ABC", marks, strict=True)]
    source = add(columns=columns)
    store.trigger_high_cardinality(owner, snowflake, source.handler_id)
    assert store.get_data_source(source.id).high_cardinality == HighCardinality(found)


@pytest.mark.parametrize("metadata", [{}, {"columns": []}])
def test_without_columns_nothing_is_found(
    store: Store, owner: User, snowflake: Connector, add: Add, metadata: dict[str, Any]
) -> None:
    source = add(**metadata)
    store.trigger_high_cardinality(owner, snowflake, source.handler_id)
    assert store.get_data_source(source.id).high_cardinality == HighCardinality(None)


def test_the_job_sees_the_dictionary_as_it_is_when_it_completes(
    slow_store: Store, owner: User, snowflake: Connector, source: DataSource, col: Body, advance: Advance
) -> None:
    slow_store.trigger_high_cardinality(owner, snowflake, source.handler_id)
    slow_store.update_dictionary(owner, source.id, [col("NEW")])
    advance(10)
    assert slow_store.get_data_source(source.id).high_cardinality == HighCardinality("NEW")


def test_refreshing_a_native_view_changes_nothing_else(
    store: Store, owner: User, snowflake: Connector, add: Add
) -> None:
    source = add()
    job = store.refresh_native_view(owner, snowflake, source.handler_id)
    assert store.get_data_source(source.id) == source
    assert (job.kind, store.job_statuses([job.id])[job.id].state) == (JobKind.NATIVE_VIEW, "completed")


def test_each_call_starts_a_new_job(store: Store, owner: User, snowflake: Connector, add: Add) -> None:
    handler_id = add().handler_id
    jobs = [store.refresh_native_view(owner, snowflake, handler_id) for _ in range(2)]
    jobs += [store.trigger_high_cardinality(owner, snowflake, handler_id) for _ in range(2)]
    assert len({job.id for job in jobs}) == 4


def test_jobs_need_a_handler_of_the_connector_and_its_owner(
    store: Store, owner: User, second_owner: User, snowflake: Connector, trino: Connector, add: Add
) -> None:
    handler_id = add().handler_id
    for start, act in (
        (store.trigger_high_cardinality, "trigger its high cardinality job"),
        (store.refresh_native_view, "refresh its native view"),
    ):
        with pytest.raises(HandlerNotFound):
            start(owner, trino, handler_id)
        with pytest.raises(RoleMissing, match=rf"^User must have the role owner of the data source 1 to {act}\.$"):
            start(second_owner, snowflake, handler_id)


def test_unknown_jobs_are_left_out(store: Store, owner: User, snowflake: Connector, add: Add) -> None:
    job = store.refresh_native_view(owner, snowflake, add().handler_id)
    assert list(store.job_statuses(["unknown", job.id, job.id])) == [job.id]


def test_a_job_on_a_removed_data_source_fails(
    slow_store: Store, owner: User, snowflake: Connector, source: DataSource, advance: Advance
) -> None:
    jobs = [
        slow_store.trigger_high_cardinality(owner, snowflake, source.handler_id),
        slow_store.refresh_native_view(owner, snowflake, source.handler_id),
    ]
    slow_store.delete_data_source(owner, source.id)
    slow_store.delete_data_source(owner, source.id)
    advance(10)
    assert [(job.state, job.output) for job in slow_store.job_statuses([job.id for job in jobs]).values()] == [
        ("failed", "The data source was removed before the job completed.")
    ] * 2


def test_the_job_of_a_bulk_update_completes_even_if_the_data_source_is_removed(
    slow_store: Store, owner: User, snowflake: Connector, source: DataSource, advance: Advance
) -> None:
    body = {"handler": {"metadata": {"ssl": True}}, "connectionString": SHARED}
    bulk_id = slow_store.bulk_update(owner, snowflake, body).bulk_id
    slow_store.delete_data_source(owner, source.id)
    slow_store.delete_data_source(owner, source.id)
    advance(10)
    assert [job.state for job in slow_store.jobs_of_bulk(str(bulk_id))] == ["completed"]


def test_the_jobs_of_a_bulk_id_are_active_until_their_time_has_come(
    slow_store: Store, owner: User, snowflake: Connector, several: Body, advance: Advance
) -> None:
    body = several({"dataSourceName": "A", "table": "a"}, {"dataSourceName": "B", "table": "b"})
    created = slow_store.create_data_sources(owner, snowflake, body)
    assert isinstance(created, CreatedSeveral)
    updated = slow_store.bulk_update(
        owner, snowflake, {"handler": {"metadata": {"ssl": True}}, "connectionString": SHARED}
    )

    for state in ("active", "completed"):
        for bulk_id in (created.bulk_id, updated.bulk_id):
            assert [job.state for job in slow_store.jobs_of_bulk(str(bulk_id))] == [state, state]
        advance(10)


def test_an_unknown_bulk_id_has_no_jobs(store: Store) -> None:
    assert store.jobs_of_bulk("unknown") == ()


def test_pending_jobs_are_those_running_on_the_connection_string(
    slow_store: Store, owner: User, snowflake: Connector, source: DataSource, single: Body, advance: Advance
) -> None:
    slow_store.create_data_sources(owner, snowflake, single("Other", database="OTHER"))
    slow_store.trigger_high_cardinality(owner, snowflake, source.handler_id)
    advance(5)
    slow_store.refresh_native_view(owner, snowflake, source.handler_id)
    assert (slow_store.pending_jobs(SHARED), slow_store.pending_jobs("loader@acme.example:443/OTHER")) == (2, 0)
    advance(5)
    assert slow_store.pending_jobs(SHARED) == 1
    advance(5)
    assert slow_store.pending_jobs(SHARED) == 0


@pytest.mark.parametrize(
    ("wait", "poll_interval", "slept", "state"),
    [
        (0, 1, 0.0, "active"),
        (4, 1, 4.0, "active"),
        (10, 1, 10.0, "completed"),
        (100, 1, 10.0, "completed"),
        (-1, 1, 10.0, "completed"),
        (-1, 60, 10.0, "completed"),
    ],
)
def test_waiting_ends_with_the_jobs_or_with_its_time(
    slow_store: Store,
    owner: User,
    snowflake: Connector,
    source: DataSource,
    now: Callable[[], datetime],
    wait: float,
    poll_interval: float,
    slept: float,
    state: str,
) -> None:
    job = slow_store.refresh_native_view(owner, snowflake, source.handler_id)
    before = now()

    found = slow_store.job_statuses([job.id, "unknown"], wait=wait, poll_interval=poll_interval)

    assert {job_id: job.state for job_id, job in found.items()} == {job.id: state}
    assert (now() - before).total_seconds() == slept


def test_waiting_for_nothing_does_not_wait(store: Store, now: Callable[[], datetime]) -> None:
    before = now()
    assert store.job_statuses(["unknown"], wait=-1) == {}
    assert now() == before


def test_waiting_is_bounded_also_under_a_clock_that_stands_still(
    owner: User, snowflake: Connector, single: Body, now: Callable[[], datetime]
) -> None:
    slept: list[float] = []
    store = Store(clock=now, sleep=slept.append, job_duration=timedelta(seconds=3))
    store.create_data_sources(owner, snowflake, single())
    job = store.refresh_native_view(owner, snowflake, 1001)
    assert store.job_statuses([job.id], wait=-1)[job.id].state == "active"
    assert slept == [1.0] * 4
