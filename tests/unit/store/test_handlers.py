"""Reading and replacing handlers."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from immuta_mock.connectors import Connector
from immuta_mock.errors import DuplicateColumns, HandlerNotFound, NameTaken, RoleMissing
from immuta_mock.store import DataSource, HighCardinality, Page, Store
from immuta_mock.users import User

Body = Callable[..., dict[str, Any]]
Add = Callable[..., DataSource]


def test_an_unknown_handler_is_not_found(store: Store, snowflake: Connector) -> None:
    with pytest.raises(HandlerNotFound, match=r"^Handler not found\.$"):
        store.get_handler(snowflake, 1001)


def test_a_data_source_id_is_no_handler_id(store: Store, snowflake: Connector, add: Add) -> None:
    with pytest.raises(HandlerNotFound):
        store.get_handler(snowflake, add().id)


def test_a_handler_of_another_connector_is_not_found(
    store: Store, owner: User, trino: Connector, add: Add, update: Body
) -> None:
    handler_id = add().handler_id
    with pytest.raises(HandlerNotFound):
        store.get_handler(trino, handler_id)
    with pytest.raises(HandlerNotFound):
        store.update_handler(owner, trino, handler_id, update())


def test_an_update_replaces_the_metadata_whole(
    store: Store, owner: User, snowflake: Connector, add: Add, advance: Callable[[float], None]
) -> None:
    source = add(warehouse="LOAD_WH", eventTime="FIRST_ORDER")
    advance(5)

    body = {"handler": {"metadata": {"hostname": "new", "database": "D", "query": "select 1", "unknown": [1]}}}
    updated = store.update_handler(owner, snowflake, source.handler_id, body)

    assert updated == replace(
        source,
        metadata={"hostname": "new", "database": "D", "query": "select 1", "unknown": [1]},
        connection_string="new:443/D",
        updated_at=updated.updated_at,
    )
    assert (updated.updated_at - source.updated_at).total_seconds() == 5
    assert store.get_handler(snowflake, source.handler_id) == updated


def test_columns_left_out_keep_the_dictionary(
    store: Store, owner: User, snowflake: Connector, add: Add, update: Body, col: Body
) -> None:
    source = add(columns=[col("ID")])
    assert store.update_handler(owner, snowflake, source.handler_id, update()).dictionary == source.dictionary


def test_columns_given_replace_the_dictionary(
    store: Store, owner: User, snowflake: Connector, add: Add, update: Body, col: Body, advance: Callable[[float], None]
) -> None:
    source = add(columns=[col("ID"), col("EMAIL")])
    advance(5)

    updated = store.update_handler(owner, snowflake, source.handler_id, update(columns=[col("EMAIL")]))

    assert source.dictionary is not None
    assert updated.dictionary == replace(
        source.dictionary, columns=({**col("EMAIL"), "nullable": True},), updated_at=updated.updated_at
    )
    assert store.get_dictionary(source.id) == updated.dictionary


def test_columns_given_make_a_dictionary_where_there_was_none(
    store: Store, owner: User, snowflake: Connector, add: Add, update: Body, col: Body
) -> None:
    updated = store.update_handler(owner, snowflake, add().handler_id, update(columns=[col("ID")]))
    assert updated.columns == ({**col("ID"), "nullable": True},)


def test_a_new_name_renames_the_data_source_and_frees_the_old_name(
    store: Store, owner: User, snowflake: Connector, add: Add, update: Body
) -> None:
    source = add("Clients")
    store.update_handler(owner, snowflake, source.handler_id, update(dataSourceName="Marketing Data"))
    assert store.get_data_source_by_name("Marketing Data").id == source.id
    assert add("Clients").id == 2


def test_a_name_left_out_or_the_same_keeps_the_name(
    store: Store, owner: User, snowflake: Connector, add: Add, update: Body
) -> None:
    handler_id = add("Clients").handler_id
    assert store.update_handler(owner, snowflake, handler_id, update()).name == "Clients"
    assert store.update_handler(owner, snowflake, handler_id, update(dataSourceName="Clients")).name == "Clients"


def test_a_taken_name_is_refused(store: Store, owner: User, snowflake: Connector, add: Add, update: Body) -> None:
    add("Taken")
    with pytest.raises(NameTaken) as refusal:
        store.update_handler(owner, snowflake, add("Mine").handler_id, update(dataSourceName="Taken"))
    assert refusal.value.validation == ({"code": "unique", "path": "handler.metadata.dataSourceName"},)


def test_only_an_owner_may_update(
    store: Store, second_owner: User, snowflake: Connector, add: Add, update: Body
) -> None:
    handler_id = add().handler_id
    with pytest.raises(RoleMissing) as refusal:
        store.update_handler(second_owner, snowflake, handler_id, update())
    assert refusal.value.message == "User must have the role owner of the data source 1 to update its handler."


def test_a_refused_update_changes_nothing(
    store: Store,
    owner: User,
    reader: User,
    snowflake: Connector,
    add: Add,
    update: Body,
    col: Body,
    everything: Callable[[], Page],
) -> None:
    add("Taken")
    handler_id = add("Mine").handler_id
    before = everything()

    with pytest.raises(NameTaken):
        store.update_handler(
            owner, snowflake, handler_id, update(database="NEW", columns=[col("ID")], dataSourceName="Taken")
        )
    with pytest.raises(DuplicateColumns):
        store.update_handler(owner, snowflake, handler_id, update(database="NEW", columns=[col("ID"), col("ID")]))
    with pytest.raises(RoleMissing):
        store.update_handler(reader, snowflake, handler_id, update(database="NEW"))

    assert everything() == before


def test_schema_evolution_and_unknown_fields_beside_the_handler_are_kept(
    store: Store, owner: User, snowflake: Connector, add: Add, update: Body
) -> None:
    source = add(top={"schemaEvolution": {"disabled": False}, "first": 1})
    evolution = {"config": {"nameTemplate": {"nameFormat": "<schema>"}}}
    inner = {"insideUnknown": 3, "description": "not by this call"}
    body = update(top={"schemaEvolution": evolution, "second": 2, "connectionString": "unused", "dataSource": inner})

    updated = store.update_handler(owner, snowflake, source.handler_id, body)

    assert updated.schema_evolution == evolution
    assert updated.fields == {**source.fields, "first": 1, "second": 2, "insideUnknown": 3}


def test_schema_evolution_left_out_stays(
    store: Store, owner: User, snowflake: Connector, add: Add, update: Body
) -> None:
    source = add(top={"schemaEvolution": {"disabled": False}})
    updated = store.update_handler(owner, snowflake, source.handler_id, update(top={"dataSource": None}))
    assert updated.schema_evolution == {"disabled": False}


def test_the_health_follows_the_host(store: Store, owner: User, snowflake: Connector, add: Add, update: Body) -> None:
    handler_id = add(hostname="db.invalid").handler_id
    assert store.update_handler(owner, snowflake, handler_id, update()).status == "passed"


@pytest.mark.parametrize(("kept", "expected"), [("ID", HighCardinality("ID")), ("EMAIL", HighCardinality(None))])
def test_high_cardinality_survives_as_long_as_its_column(
    store: Store,
    owner: User,
    snowflake: Connector,
    add: Add,
    update: Body,
    col: Body,
    kept: str,
    expected: HighCardinality,
) -> None:
    handler_id = add(columns=[col("ID"), col("EMAIL")]).handler_id
    store.trigger_high_cardinality(owner, snowflake, handler_id)
    assert store.get_handler(snowflake, handler_id).high_cardinality == HighCardinality("ID")

    store.update_handler(owner, snowflake, handler_id, update(columns=[col(kept)]))
    updated = store.update_handler(owner, snowflake, handler_id, update(columns=[col("ID"), col("EMAIL")]))

    assert updated.high_cardinality == expected
