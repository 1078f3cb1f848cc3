"""Creating data sources, one or several."""

import json
from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest

from immuta_mock.connectors import CONNECTORS, Connector
from immuta_mock.errors import DataSourceNotFound, DuplicateColumns, DuplicateTables, NameTaken, RoleMissing
from immuta_mock.store import CreatedOne, CreatedSeveral, DataSource, Dictionary, Holders, Page, Store
from immuta_mock.users import User

Body = Callable[..., dict[str, Any]]


def test_a_data_source_is_kept_whole(
    store: Store, owner: User, snowflake: Connector, single: Body, col: Body, now: Callable[[], datetime]
) -> None:
    body = single(
        columns=[col("ID", nullable=False)],
        data_source={"private": False, "owner": {"profiles": [3]}, "expert": {"profiles": [4], "groups": [9]}},
        top={"schemaEvolution": {"ownerProfileId": 2, "disabled": True}},
    )

    created = store.create_data_sources(owner, snowflake, body)

    column = {"name": "ID", "dataType": "text", "remoteType": "varchar", "nullable": False}
    expected = DataSource(
        id=1,
        handler_id=1001,
        connector=snowflake,
        name="Clients",
        sql_table_name="clients",
        connection_string="loader@acme.example:443/SALES",
        metadata={
            "hostname": "acme.example",
            "username": "loader",
            "database": "SALES",
            "schema": "CRM",
            "table": "CLIENTS",
        },
        fields={
            "blobHandlerType": "Snowflake",
            "recordFormat": "",
            "type": "queryable",
            "blobHandler": {"scheme": "https", "url": ""},
            "private": False,
            "owner": {"profiles": [3]},
            "expert": {"profiles": [4], "groups": [9]},
        },
        schema_evolution={"ownerProfileId": 2, "disabled": True},
        owners=Holders(profiles=frozenset({3})),
        experts=Holders(profiles=frozenset({4}), groups=frozenset({9})),
        created_by=2,
        created_at=now(),
        updated_at=now(),
        dictionary=Dictionary(id=5001, data_source_id=1, columns=(column,), created_at=now(), updated_at=now()),
    )
    assert created == CreatedOne(expected, None)
    assert store.get_data_source(1) == store.get_handler(snowflake, 1001) == expected


def test_what_the_caller_does_to_the_body_later_does_not_reach_the_store(
    store: Store, owner: User, snowflake: Connector, single: Body, col: Body
) -> None:
    files = [{"userFilename": "a.pem"}]
    roles = {"profiles": [3]}
    columns = [col("ID", tags=[{"name": "PII", "source": "curated"}])]
    body = single(userFiles=files, columns=columns, data_source={"owner": roles}, top={"schemaEvolution": {"a": [1]}})
    store.create_data_sources(owner, snowflake, body)
    before = repr(store.get_data_source(1))

    files[0]["userFilename"] = "b.pem"
    roles["profiles"].append(5)
    columns[0]["tags"][0]["name"] = "other"
    body["schemaEvolution"]["a"].append(2)

    assert repr(store.get_data_source(1)) == before


def test_passwords_are_dropped_at_every_depth(store: Store, owner: User, snowflake: Connector, single: Body) -> None:
    body = single(
        extra=[{"password": "s3cret", "kept": 1}],
        data_source={"password": "s3cret", "deep": {"password": "s3cret"}},
        top={"password": "s3cret", "schemaEvolution": {"password": "s3cret"}},
    )

    store.create_data_sources(owner, snowflake, body)

    source = store.get_data_source(1)
    assert "s3cret" not in repr(source)
    assert source.metadata["extra"] == [{"kept": 1}]
    assert source.fields["deep"] == {}


def test_unknown_fields_of_the_data_source_and_the_top_level_are_kept(add: Callable[..., DataSource]) -> None:
    source = add(data_source={"hasSamples": True, "x": 1}, top={"policyRules": [1], "x": 2, "y": {"z": [3]}})

    kept = {name: source.fields[name] for name in ("hasSamples", "x", "policyRules", "y")}
    assert kept == {"hasSamples": True, "x": 1, "policyRules": [1], "y": {"z": [3]}}


def test_names_the_server_owns_are_ignored(add: Callable[..., DataSource]) -> None:
    source = add(
        highCardinality="ID",
        disableClassify=True,
        columnsNormalized=True,
        data_source={"id": 77, "createdAt": "never", "deleted": True, "tags": [1], "types": []},
        top={"dataSourceId": 77, "handlerId": 77, "status": "failed", "connectionString": "x", "description": "stray"},
    )

    assert (source.id, source.handler_id, source.deleted, source.status) == (1, 1001, False, "passed")
    assert set(source.fields) == {"blobHandlerType", "recordFormat", "type", "blobHandler"}
    assert set(source.metadata) == {"hostname", "username", "database", "schema", "table"}


def test_without_columns_there_is_no_dictionary(add: Callable[..., DataSource]) -> None:
    assert add().dictionary is None


def test_an_empty_column_list_makes_an_empty_dictionary(add: Callable[..., DataSource]) -> None:
    dictionary = add(columns=[]).dictionary
    assert dictionary is not None
    assert dictionary.columns == ()


@pytest.mark.parametrize(
    ("prefix", "port"), [("asa", 1433), ("trino", 443), ("snowflake", 443), ("databricks", 443), ("redshift", 5439)]
)
def test_an_absent_port_counts_as_the_default_of_the_connector(
    add: Callable[..., DataSource], prefix: str, port: int
) -> None:
    connector = next(connector for connector in CONNECTORS if connector.prefix == prefix)
    assert add(connector=connector).connection_string == f"loader@acme.example:{port}/SALES"


@pytest.mark.parametrize(
    ("metadata", "expected"),
    [
        ({"port": 5439, "hostname": "RS.example", "database": "press"}, "loader@RS.example:5439/press"),
        ({"port": 443.0}, "loader@acme.example:443/SALES"),
        ({"username": ""}, "acme.example:443/SALES"),
    ],
)
def test_the_connection_string_follows_from_the_metadata(
    add: Callable[..., DataSource], metadata: dict[str, Any], expected: str
) -> None:
    assert add(**metadata).connection_string == expected


def test_an_absent_username_drops_its_part(store: Store, owner: User, snowflake: Connector, single: Body) -> None:
    body = single()
    del body["handler"]["metadata"]["username"]

    store.create_data_sources(owner, snowflake, body)

    assert store.get_data_source(1).connection_string == "acme.example:443/SALES"


def test_the_name_of_the_data_source_wins_over_that_of_the_metadata(add: Callable[..., DataSource]) -> None:
    source = add("Clients", dataSourceName="Other")
    assert source.name == "Clients"
    assert "dataSourceName" not in source.metadata


@pytest.mark.parametrize("hostname", ["db.invalid", "DB.INVALID"])
def test_a_host_under_invalid_is_created_with_a_warning(
    store: Store, owner: User, snowflake: Connector, single: Body, hostname: str
) -> None:
    created = store.create_data_sources(owner, snowflake, single(hostname=hostname))

    assert isinstance(created, CreatedOne)
    assert created.warnings == f"The data source is unhealthy: the host {hostname} cannot be reached."
    assert created.data_source.status == "failed"


def test_several_are_created_by_one_call(store: Store, owner: User, snowflake: Connector, several: Body) -> None:
    body = several({"dataSourceName": "A", "table": "a"}, {"dataSourceName": "B", "table": "b", "hostname": "h"})

    created = store.create_data_sources(owner, snowflake, body)

    assert isinstance(created, CreatedSeveral)
    assert (created.connection_string, created.jobs_created) == ("loader@acme.example:443/SALES", 2)
    assert [store.get_data_source_by_name(name).id for name in ("A", "B")] == [1, 2]
    jobs = store.jobs_of_bulk(str(created.bulk_id))
    assert [(job.data_source_id, job.state) for job in jobs] == [(1, "completed"), (2, "completed")]


def test_an_array_of_one_counts_as_single_in_the_answer(
    store: Store, owner: User, snowflake: Connector, several: Body
) -> None:
    created = store.create_data_sources(owner, snowflake, several({"dataSourceName": "A"}))
    assert created == CreatedOne(store.get_data_source_by_name("A"), None)


def test_name_and_table_of_the_data_source_are_ignored_in_the_several_form(
    store: Store, owner: User, snowflake: Connector, several: Body
) -> None:
    store.create_data_sources(
        owner, snowflake, several({"dataSourceName": "A"}, name="Ignored", sqlTableName="ignored", description="both")
    )

    source = store.get_data_source(1)
    assert (source.name, source.sql_table_name, source.fields["description"]) == ("A", "CLIENTS", "both")
    assert {"name", "sqlTableName"}.isdisjoint(source.fields)


def test_the_table_of_the_several_form_is_the_first_name_there_is(
    store: Store, owner: User, snowflake: Connector, several: Body
) -> None:
    body = several(
        {"dataSourceName": "A", "table": "a", "bodataTableName": "bo"},
        {"dataSourceName": "B", "table": "b"},
        {"dataSourceName": "C", "table": "", "query": "select 1"},
    )

    store.create_data_sources(owner, snowflake, body)

    assert [store.get_data_source(id_).sql_table_name for id_ in (1, 2, 3)] == ["bo", "b", "C"]


def test_bulk_ids_are_integers_for_asa_and_strings_elsewhere(
    store: Store, owner: User, asa: Connector, trino: Connector, several: Body
) -> None:
    first = store.create_data_sources(
        owner, asa, several({"dataSourceName": "A", "table": "a"}, {"dataSourceName": "B", "table": "b"})
    )
    second = store.create_data_sources(
        owner, trino, several({"dataSourceName": "C", "table": "a"}, {"dataSourceName": "D", "table": "b"})
    )

    assert isinstance(first, CreatedSeveral)
    assert isinstance(second, CreatedSeveral)
    assert (first.bulk_id, type(second.bulk_id)) == (1, str)


def test_creating_needs_the_permission(store: Store, reader: User, snowflake: Connector, single: Body) -> None:
    with pytest.raises(
        RoleMissing, match=r"^User must have the permission CREATE_DATA_SOURCE to create a data source\.$"
    ):
        store.create_data_sources(reader, snowflake, single())


def test_a_name_is_unique_across_connectors(
    store: Store, owner: User, trino: Connector, single: Body, add: Callable[..., DataSource]
) -> None:
    add("Clients")
    with pytest.raises(NameTaken) as refusal:
        store.create_data_sources(owner, trino, single("Clients"))
    assert refusal.value.message == "A data source named Clients already exists."
    assert refusal.value.validation == ({"code": "unique", "path": "dataSource.name"},)


def test_a_disabled_data_source_keeps_its_name(
    store: Store, owner: User, snowflake: Connector, single: Body, add: Callable[..., DataSource]
) -> None:
    store.delete_data_source(owner, add("Clients").id)
    with pytest.raises(NameTaken):
        store.create_data_sources(owner, snowflake, single("Clients"))


def test_names_differ_by_letter_case(add: Callable[..., DataSource]) -> None:
    assert (add("Clients").id, add("clients").id) == (1, 2)


def test_one_name_twice_in_a_payload_is_a_clash(store: Store, owner: User, snowflake: Connector, several: Body) -> None:
    body = several({"dataSourceName": "A", "table": "a"}, {"dataSourceName": "A", "table": "b"})
    with pytest.raises(NameTaken) as refusal:
        store.create_data_sources(owner, snowflake, body)
    assert refusal.value.validation == ({"code": "unique", "path": "handler[1].metadata.dataSourceName"},)


def test_one_table_twice_in_a_payload_is_refused(
    store: Store, owner: User, snowflake: Connector, several: Body
) -> None:
    with pytest.raises(DuplicateTables) as refusal:
        store.create_data_sources(owner, snowflake, several({"dataSourceName": "A"}, {"dataSourceName": "B"}))
    assert refusal.value.message == "duplicate tables are specified in the payload."
    assert refusal.value.validation == ({"code": "duplicate", "path": "handler[1].metadata.table"},)


@pytest.mark.parametrize("part", ["hostname", "database", "schema", "table"])
def test_tables_that_differ_in_one_part_are_two_tables(
    store: Store, owner: User, snowflake: Connector, several: Body, part: str
) -> None:
    body = several({"dataSourceName": "A"}, {"dataSourceName": "B", part: "other"})
    created = store.create_data_sources(owner, snowflake, body)
    assert isinstance(created, CreatedSeveral)
    assert created.jobs_created == 2


def test_queries_are_no_tables(store: Store, owner: User, snowflake: Connector, several: Body) -> None:
    query = {"table": "", "query": "select 1"}
    body = several({"dataSourceName": "A", **query}, {"dataSourceName": "B", **query})
    created = store.create_data_sources(owner, snowflake, body)
    assert isinstance(created, CreatedSeveral)
    assert created.jobs_created == 2


def test_a_table_may_be_registered_again_under_another_name(add: Callable[..., DataSource]) -> None:
    assert (add("A").id, add("B").id) == (1, 2)


def test_names_clash_before_tables(
    store: Store, owner: User, snowflake: Connector, several: Body, add: Callable[..., DataSource]
) -> None:
    add("B")
    with pytest.raises(NameTaken):
        store.create_data_sources(owner, snowflake, several({"dataSourceName": "A"}, {"dataSourceName": "B"}))


def test_one_column_name_twice_is_refused(
    store: Store, owner: User, snowflake: Connector, several: Body, col: Body
) -> None:
    body = several({"dataSourceName": "A", "table": "a"}, {"dataSourceName": "B", "columns": [col("ID"), col("ID")]})
    with pytest.raises(DuplicateColumns) as refusal:
        store.create_data_sources(owner, snowflake, body)
    assert refusal.value.message == (
        "Bad request: handler[1].metadata.columns names the column 'ID' more than once; column names must be unique."
    )


def test_a_refused_create_changes_nothing_and_uses_up_no_id(
    store: Store,
    owner: User,
    snowflake: Connector,
    several: Body,
    col: Body,
    add: Callable[..., DataSource],
    everything: Callable[[], Page],
) -> None:
    add("Taken")
    before = everything()
    new = {"dataSourceName": "New", "columns": [col("ID")]}
    for clash in ({"dataSourceName": "Taken"}, {"dataSourceName": "Other"}, {**new, "columns": [col("X"), col("X")]}):
        with pytest.raises((NameTaken, DuplicateTables, DuplicateColumns)):
            store.create_data_sources(owner, snowflake, several(new, clash))

    assert everything() == before
    with pytest.raises(DataSourceNotFound):
        store.get_data_source_by_name("New")
    assert (add("Next").id, add("After", columns=[]).handler_id) == (2, 1003)


def test_tables_with_equal_columns_share_them_and_columns_that_look_equal_stay_apart(
    store: Store, owner: User, snowflake: Connector, single: Body, col: Body
) -> None:
    kept = []
    for number, more in enumerate((1, 1, True, 1.0)):
        body = single(columns=[col("ID", more=more)], data_source={"name": f"n{number}"})
        store.create_data_sources(owner, snowflake, body)
        kept.append(store.get_data_source(number + 1).columns)

    assert kept[0] is kept[1]
    assert [json.dumps(column["more"]) for (column,) in kept] == ["1", "1", "true", "1.0"]


def test_data_sources_share_the_texts_that_they_have_in_common(
    store: Store, owner: User, snowflake: Connector, single: Body
) -> None:
    kept = []
    for number in (1, 2):
        host = json.loads('"wh.example"')  # another object each time
        store.create_data_sources(owner, snowflake, single(hostname=host, data_source={"name": f"n{number}"}))
        kept.append(store.get_data_source(number))

    one, other = kept
    assert one.metadata["hostname"] is other.metadata["hostname"]
    assert one.connection_string is other.connection_string
