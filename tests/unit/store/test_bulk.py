"""Updating data sources in bulk."""

import threading
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from immuta_mock.connectors import Connector
from immuta_mock.errors import DataSourceNotFound, DuplicateColumns, NameTaken, RoleMissing
from immuta_mock.store import BulkUpdate, DataSource, DataSourceQuery, Page, Store
from immuta_mock.users import User

Body = Callable[..., dict[str, Any]]
Add = Callable[..., DataSource]
ALL = DataSourceQuery()
SHARED = "loader@acme.example:443/SALES"


def by_string(text: str, **metadata: Any) -> dict[str, Any]:
    return {"handler": {"metadata": metadata}, "connectionString": text}


def by_ids(*ids: int, **metadata: Any) -> dict[str, Any]:
    return {"handler": {"metadata": metadata}, "ids": list(ids)}


def test_metadata_are_merged_shallowly_into_every_match_of_the_connector_and_no_other(
    store: Store, owner: User, snowflake: Connector, trino: Connector, add: Add, advance: Callable[[float], None]
) -> None:
    sources = [add("A", userFiles=[1, 2]), add("B"), add("C", database="OTHER"), add("D", connector=trino)]
    advance(5)

    outcome = store.bulk_update(owner, snowflake, by_string(SHARED, database="DEMO", password="n3w", userFiles=[3]))

    assert (outcome.connection_string, outcome.jobs_created) == ("loader@acme.example:443/DEMO", 2)
    after = [store.get_data_source(source.id) for source in sources]
    new = {"database": "DEMO", "userFiles": [3]}
    assert after == [
        replace(
            source,
            metadata={**source.metadata, **new},
            connection_string="loader@acme.example:443/DEMO",
            updated_at=after[0].updated_at,
        )
        if source.name in "AB"
        else source
        for source in sources
    ]
    assert (after[0].updated_at - sources[0].updated_at).total_seconds() == 5


def test_a_bulk_update_has_one_job_for_each_data_source(
    store: Store, owner: User, snowflake: Connector, add: Add
) -> None:
    add("A")
    add("B")
    bulk_id = store.bulk_update(owner, snowflake, by_string(SHARED, ssl=True)).bulk_id
    assert [(job.data_source_id, job.state) for job in store.jobs_of_bulk(str(bulk_id))] == [
        (1, "completed"),
        (2, "completed"),
    ]


def test_no_match_updates_nothing_and_echoes_the_string(store: Store, owner: User, asa: Connector) -> None:
    assert store.bulk_update(owner, asa, by_string("nobody@nowhere:1/x", ssl=True)) == BulkUpdate(
        bulk_id=1, connection_string="nobody@nowhere:1/x", jobs_created=0
    )
    assert store.jobs_of_bulk("1") == ()


def test_a_disabled_data_source_is_still_reached(store: Store, owner: User, snowflake: Connector, add: Add) -> None:
    store.delete_data_source(owner, add().id)
    assert store.bulk_update(owner, snowflake, by_string(SHARED, ssl=True)).jobs_created == 1
    assert store.get_data_source(1).metadata["ssl"] is True


def test_ids_select_exactly_those_once_each_and_answer_the_string_of_the_first(
    store: Store, owner: User, snowflake: Connector, add: Add
) -> None:
    add("A")
    add("B", database="B")
    add("C", database="C")

    outcome = store.bulk_update(owner, snowflake, by_ids(3, 2, 3, hostname="new"))

    assert (outcome.connection_string, outcome.jobs_created) == ("loader@new:443/C", 2)
    assert [store.get_data_source(id_).metadata["hostname"] for id_ in (1, 2, 3)] == ["acme.example", "new", "new"]


def test_a_data_source_that_moved_away_is_no_match_of_its_old_string(
    store: Store, owner: User, snowflake: Connector, add: Add
) -> None:
    add("A")
    add("B")
    store.bulk_update(owner, snowflake, by_ids(1, database="MOVED"))
    assert store.bulk_update(owner, snowflake, by_string(SHARED, ssl=True)).jobs_created == 1
    assert [store.get_data_source(id_).metadata.get("ssl") for id_ in (1, 2)] == [None, True]


def test_an_unknown_id_or_one_of_another_connector_is_not_found_and_changes_nothing(
    store: Store, owner: User, snowflake: Connector, trino: Connector, add: Add, everything: Callable[[], Page]
) -> None:
    add("A")
    add("B", connector=trino)
    before = everything()
    for unknown in (2, 99):
        with pytest.raises(DataSourceNotFound):
            store.bulk_update(owner, snowflake, by_ids(1, unknown, ssl=True))
    assert everything() == before


def test_one_data_source_of_somebody_else_refuses_the_whole_update(
    store: Store,
    owner: User,
    second_owner: User,
    snowflake: Connector,
    add: Add,
    single: Body,
    everything: Callable[[], Page],
) -> None:
    add("Mine")
    store.create_data_sources(second_owner, snowflake, single("Theirs"))
    before = everything()
    with pytest.raises(RoleMissing) as refusal:
        store.bulk_update(owner, snowflake, by_string(SHARED, ssl=True))
    assert refusal.value.message == "User must have the role owner of the data source 2 to update it in bulk."
    assert everything() == before


def test_columns_given_replace_each_dictionary(
    store: Store, owner: User, snowflake: Connector, add: Add, col: Body
) -> None:
    add("A", columns=[col("OLD")])
    add("B")
    store.bulk_update(owner, snowflake, by_string(SHARED, columns=[col("NEW")]))
    assert [store.get_dictionary(id_).columns for id_ in (1, 2)] == [({**col("NEW"), "nullable": True},)] * 2


def test_one_column_name_twice_is_refused_before_a_name_clash(
    store: Store, owner: User, snowflake: Connector, add: Add, col: Body, everything: Callable[[], Page]
) -> None:
    add("A")
    add("B")
    before = everything()
    with pytest.raises(DuplicateColumns):
        store.bulk_update(owner, snowflake, by_string(SHARED, columns=[col("X"), col("X")], dataSourceName="N"))
    assert everything() == before


def test_a_name_for_one_data_source_renames_it(store: Store, owner: User, snowflake: Connector, add: Add) -> None:
    add("A")
    store.bulk_update(owner, snowflake, by_string(SHARED, dataSourceName="New"))
    assert store.get_data_source_by_name("New").id == 1


def test_a_name_for_more_than_one_data_source_is_a_clash(
    store: Store, owner: User, snowflake: Connector, add: Add, everything: Callable[[], Page]
) -> None:
    add("A")
    add("B")
    before = everything()
    with pytest.raises(NameTaken) as refusal:
        store.bulk_update(owner, snowflake, by_string(SHARED, dataSourceName="New"))
    assert refusal.value.validation == ({"code": "unique", "path": "handler.metadata.dataSourceName"},)
    assert everything() == before


def test_a_taken_name_is_refused(store: Store, owner: User, snowflake: Connector, add: Add) -> None:
    add("A")
    add("Taken", database="OTHER")
    with pytest.raises(NameTaken):
        store.bulk_update(owner, snowflake, by_string(SHARED, dataSourceName="Taken"))


def test_a_name_for_no_data_source_changes_nothing(store: Store, owner: User, snowflake: Connector) -> None:
    assert store.bulk_update(owner, snowflake, by_string("none", dataSourceName="New")).jobs_created == 0


def test_readers_see_all_of_it_or_nothing_while_it_goes_on(store: Store, owner: User, snowflake: Connector) -> None:
    metadata = {"hostname": "h", "database": "OLD"}
    store.load({"dataSources": [{"connector": "snowflake", "name": f"{n}", "metadata": metadata} for n in range(3000)]})
    new = DataSourceQuery(connection_strings=("h:443/NEW",))
    bulk = threading.Thread(target=lambda: store.bulk_update(owner, snowflake, by_string("h:443/OLD", database="NEW")))
    seen = {store.list_data_sources(new).count}

    bulk.start()
    while bulk.is_alive():
        seen.add(store.list_data_sources(new).count)
    bulk.join()
    seen.add(store.list_data_sources(new).count)

    assert seen == {0, 3000}


def test_what_others_write_while_it_goes_on_is_kept_and_decides_what_is_reached(
    owner: User, snowflake: Connector
) -> None:
    between: list[Callable[[], Any]] = []

    def clock() -> datetime:
        """Lets somebody write when it is asked for the time."""
        if between:
            between.pop()()
        return datetime(2026, 1, 15, tzinfo=UTC)

    store = Store(clock=clock)
    metadata = {"hostname": "h", "database": "OLD"}
    store.load({"dataSources": [{"connector": "snowflake", "name": f"{n}", "metadata": metadata} for n in (1, 2, 3)]})
    moved = {"handler": {"metadata": {**metadata, "database": "OTHER"}}}

    def others_write() -> None:
        store.update_data_source(owner, 1, {"description": "new"})
        store.update_handler(owner, snowflake, 1002, moved)

    between += [others_write, lambda: None]  # the last is called first

    outcome = store.bulk_update(owner, snowflake, by_string("h:443/OLD", database="NEW"))

    assert outcome.jobs_created == 2
    after = [(source.connection_string, source.description) for source in store.list_data_sources(ALL).hits]
    assert after == [("h:443/NEW", "new"), ("h:443/OTHER", ""), ("h:443/NEW", "")]
