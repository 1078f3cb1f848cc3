"""The JSON answers."""

import json
from collections.abc import Callable
from datetime import datetime, timedelta, timezone
from typing import Any

import pytest

from immuta_mock import answers
from immuta_mock.connectors import Connector
from immuta_mock.store import BulkUpdate, CreatedSeveral, DataSource, DataSourceQuery, Deletion, Store
from immuta_mock.users import DEFAULT_USERS, User

Body = Callable[..., dict[str, Any]]
Add = Callable[..., DataSource]
SHARED = "loader@acme.example:443/SALES"


def test_a_timestamp_is_utc_with_milliseconds() -> None:
    moment = datetime(2026, 1, 15, 12, 52, 30, 535999, timezone(timedelta(hours=2)))
    assert answers.timestamp(moment) == "2026-01-15T10:52:30.535Z"


def test_one_created(store: Store, owner: User, snowflake: Connector, single: Body) -> None:
    outcome = store.create_data_sources(owner, snowflake, single())
    assert answers.created(outcome) == {"id": 1001, "dataSourceId": 1, "connectionString": SHARED}


def test_one_created_with_a_warning(store: Store, owner: User, snowflake: Connector, single: Body) -> None:
    outcome = store.create_data_sources(owner, snowflake, single(hostname="db.invalid"))
    assert answers.created(outcome) == {
        "id": 1001,
        "dataSourceId": 1,
        "connectionString": "loader@db.invalid:443/SALES",
        "warnings": "The data source is unhealthy: the host db.invalid cannot be reached.",
    }


def test_several_created_and_bulk_updated() -> None:
    expected = {"bulkId": "b", "connectionString": "s", "jobsCreated": 2}
    assert answers.created(CreatedSeveral("b", "s", 2)) == expected
    assert answers.bulk_answer(BulkUpdate("b", "s", 2)) == expected


def test_a_handler_without_a_dictionary(add: Add) -> None:
    assert answers.handler_record(add(ssl="true", query=None)) == {
        "id": 1001,
        "dataSourceId": 1,
        "type": "odbcHandler",
        "connectionString": SHARED,
        "metadata": {
            "hostname": "acme.example",
            "username": "loader",
            "database": "SALES",
            "schema": "CRM",
            "table": "CLIENTS",
            "ssl": "true",
            "query": None,
            "dataSourceName": "Clients",
        },
    }


def test_a_handler_with_a_dictionary_and_a_high_cardinality_column(
    store: Store, owner: User, snowflake: Connector, add: Add, col: Body
) -> None:
    add(columns=[col("ID", isPrimaryKey=True, nullable=False), col("NAME")])
    store.trigger_high_cardinality(owner, snowflake, 1001)

    record = answers.handler_record(store.get_handler(snowflake, 1001))

    assert record["metadata"]["highCardinality"] == "ID"
    assert record["metadata"]["columns"] == [
        col("ID", isPrimaryKey=True, nullable=False),
        col("NAME", nullable=True),
    ]
    assert json.loads(record["remoteTableDescription"]) == [
        {"name": "ID", "isPrimaryKey": True, "dataType": "varchar", "nullable": "NO"},
        {"name": "NAME", "isPrimaryKey": None, "dataType": "varchar", "nullable": "YES"},
    ]


def test_an_updated_handler(add: Add, col: Body) -> None:
    source = add(columns=[col("ID")], userFiles=[{"userFilename": "a.pem"}, {"userFilename": "b.pem"}])
    assert answers.updated_handler(source) == {
        "id": 1001,
        "dataSourceId": 1,
        "ca": "a.pem",
        "columns": [col("ID", nullable=True)],
        "connectionString": SHARED,
        "metadata": answers.metadata(source),
    }


@pytest.mark.parametrize("metadata", [{}, {"userFiles": []}, {"userFiles": [{"keyName": "k"}]}])
def test_an_updated_handler_without_certificate_and_dictionary(add: Add, metadata: dict[str, Any]) -> None:
    answer = answers.updated_handler(add(**metadata))
    assert (answer["ca"], answer["columns"]) == ("", [])
    assert "columns" not in answer["metadata"]


def test_a_dictionary(store: Store, owner: User, add: Add, col: Body, advance: Callable[[float], None]) -> None:
    store.create_dictionary(owner, add().id, [])
    advance(1)
    assert answers.dictionary(store.update_dictionary(owner, 1, [col("A"), col("B")])) == {
        "id": 5001,
        "dataSource": 1,
        "metadata": [col("A", nullable=True), col("B", nullable=True)],
        "types": ["text"],
        "createdAt": "2026-01-15T10:52:30.535Z",
        "updatedAt": "2026-01-15T10:52:31.535Z",
    }


def test_column_hits() -> None:
    assert answers.column_hits(("A", "b")) == [{"columnName": "A"}, {"columnName": "b"}]


def test_a_page_of_hits(store: Store, owner: User, add: Add) -> None:
    add("A", data_source={"description": "d", "schemaEvolutionId": 4}, bodataSchemaName="crm")
    add("B")
    page = store.list_data_sources(DataSourceQuery(size=1))
    assert answers.page(page, owner) == {
        "hits": [
            {
                "id": 1,
                "name": "A",
                "description": "d",
                "deleted": False,
                "recordFormat": "",
                "createdAt": "2026-01-15T10:52:30.535Z",
                "status": "passed",
                "blobHandlerType": "Snowflake",
                "connectionString": SHARED,
                "sqlSchemaName": "crm",
                "subscriptionStatus": "owner",
                "remoteTable": "CLIENTS",
                "remoteSchema": "CRM",
                "schemaEvolutionId": 4,
            }
        ],
        "count": 2,
    }


def test_how_the_caller_stands_to_a_data_source(add: Add, reader: User, expert: User) -> None:
    source = add(data_source={"expert": {"profiles": [expert.profile]}})
    standings = [answers.hit(source, caller)["subscriptionStatus"] for caller in (expert, reader, None)]
    assert standings == ["expert", "not_subscribed", None]


def test_a_data_source_where_little_was_said(store: Store, owner: User, snowflake: Connector, several: Body) -> None:
    body = several({"dataSourceName": "A", "table": "", "query": "select 1", "schema": ""})
    store.create_data_sources(owner, snowflake, body)
    assert answers.data_source(store.get_data_source(1), owner) == {
        "id": 1,
        "name": "A",
        "description": None,
        "deleted": False,
        "recordFormat": "",
        "createdAt": "2026-01-15T10:52:30.535Z",
        "updatedAt": "2026-01-15T10:52:30.535Z",
        "createdBy": 2,
        "status": "passed",
        "blobHandlerType": "Snowflake",
        "blobHandler": {"scheme": "https", "url": "/snowflake/handler/1001"},
        "connectionString": SHARED,
        "sqlSchemaName": "",
        "sqlTableName": "A",
        "subscriptionStatus": "owner",
        "remoteTable": "",
        "remoteSchema": "",
        "schemaEvolutionId": None,
        "columnEvolutionEnabled": True,
        "type": "queryable",
        "private": True,
        "organization": None,
        "category": None,
        "hasExamples": False,
        "policyHandler": None,
        "policyHandlerType": None,
        "tags": [],
    }


def test_a_data_source_shows_what_was_sent(add: Add) -> None:
    sent = {
        "private": False,
        "organization": "Acme",
        "category": "Operations",
        "hasExamples": True,
        "columnEvolutionEnabled": False,
        "unknown": {"x": [1]},
    }
    source = add(data_source=sent, top={"schemaEvolution": {"disabled": True}, "policyRules": []})
    answer = answers.data_source(source)
    expected = {**sent, "schemaEvolution": {"disabled": True}, "policyRules": [], "sqlTableName": "clients"}
    assert {name: answer[name] for name in expected} == expected


@pytest.mark.parametrize(
    ("sent", "scheme"),
    [({"scheme": "http"}, "http"), ([{"scheme": "a"}, {"scheme": "b"}], "a"), ([], "https")],
)
def test_the_blob_handler_leads_to_the_handler(add: Add, sent: object, scheme: str) -> None:
    source = add(data_source={"blobHandler": sent}, userFiles=[{"userFilename": "a.pem"}])
    assert answers.data_source(source)["blobHandler"] == {
        "scheme": scheme,
        "url": "/snowflake/handler/1001",
        "ca": {"name": "a.pem"},
    }


def test_a_deletion() -> None:
    assert answers.deletion(Deletion(3, hard_delete=True)) == {"id": 3, "hardDelete": True}


def test_a_job(store: Store, owner: User, snowflake: Connector, add: Add) -> None:
    job = store.refresh_native_view(owner, snowflake, add().handler_id)
    assert answers.job(job) == {"id": job.id, "state": "active", "output": None}


def test_a_token(store: Store, owner: User) -> None:
    token = store.issue_token(owner.key)
    assert answers.token(token) == {
        "token": token.token,
        "authenticated": True,
        "tokenExpiration": "2026-01-15T11:52:30.535Z",
    }


def test_the_current_user() -> None:
    assert answers.current_user(DEFAULT_USERS[4]) == {
        "id": 6,
        "userid": "governor",
        "iamid": "bim",
        "profile": {"id": 6, "name": "governor"},
        "permissions": ["GOVERNANCE"],
        "authorizations": {},
    }
