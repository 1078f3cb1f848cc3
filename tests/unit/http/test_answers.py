"""Every operation once with a good request: status 200, JSON, and the shape the document gives."""

import json
from collections.abc import Callable
from typing import Any

import pytest

from immuta_mock import Store
from immuta_mock.call import note_written, value_of
from immuta_mock.connectors import CONNECTORS, Connector
from immuta_mock.spec import load_spec, operations, resolve

Call = Callable[..., tuple[int, Any]]

DOCUMENT = load_spec()


def example(operation_id: str, name: str) -> Any:
    """The value of a request example of an operation of the document."""
    found = next(operation for operation in operations(DOCUMENT) if operation.operation_id == operation_id)
    definition = DOCUMENT["paths"][found.path][found.method.lower()]
    examples = definition["requestBody"]["content"]["application/json"]["examples"]
    return resolve(DOCUMENT, examples[name])["value"]


def ok(answer: tuple[int, Any]) -> Any:
    assert answer[0] == 200
    return answer[1]


@pytest.mark.parametrize("connector", CONNECTORS, ids=lambda connector: connector.prefix)
def test_the_examples_of_a_connector_work_in_turn(write: Call, connector: Connector) -> None:
    prefix, word = connector.prefix, connector.operation_word
    one = ok(write("POST", f"/{prefix}/handler", example(f"create{word}DataSource", f"{prefix}CreateOne")))
    several = ok(write("POST", f"/{prefix}/handler", example(f"create{word}DataSource", f"{prefix}CreateSeveral")))
    handler = f"/{prefix}/handler/{one['id']}"

    read = ok(write("GET", f"{handler}?skipCache=True"))
    updated = ok(write("PUT", handler, example(f"update{word}Handler", f"{prefix}Update")))
    bulk = ok(write("PUT", f"/{prefix}/bulk", example(f"bulkUpdate{word}DataSources", f"{prefix}Bulk")))
    job = ok(write("PUT", f"{handler}/triggerHighCardinalityJob"))

    assert (several["jobsCreated"], bulk["jobsCreated"]) == (2, 3)
    assert (read["id"], updated["id"]) == (one["id"], one["id"])
    assert ok(write("POST", "/jobs/statuses", {"jobIds": [job]}))[job]["state"] == "completed"
    assert len(ok(write("GET", f"/jobs?bulkId={bulk['bulkId']}"))) == 3
    refreshed, _ = write("PUT", f"{handler}/refreshNativeViewJob")
    assert refreshed == (200 if connector.native_view else 404)


def test_the_dictionary_operations_work_in_turn(write: Call, create_body: dict[str, Any]) -> None:
    del create_body["handler"]["metadata"]["columns"]
    target = f"/dictionary/{ok(write('POST', '/snowflake/handler', create_body))['dataSourceId']}"
    body = {"metadata": [{"name": "kind", "dataType": "text", "remoteType": "text"}]}

    made = ok(write("POST", target, body))
    renewed = ok(write("PUT", target, {"metadata": []}))
    read = ok(write("GET", target))

    assert (made["types"], renewed["metadata"], read) == (["text"], [], renewed)
    assert ok(write("DELETE", target)) == {}
    assert write("GET", target)[0] == 404


def test_the_data_source_operations_work_in_turn(write: Call, created: dict[str, Any]) -> None:
    target = f"/dataSource/{created['dataSourceId']}"

    assert ok(write("GET", f"{target}?updateStats=true"))["name"] == "Clients"
    assert ok(write("GET", "/dataSource?idOnly=true&status=passed&column=EMAIL&size=1"))["count"] == 1
    assert ok(write("GET", "/dataSource/name/Clients"))["id"] == created["dataSourceId"]
    assert ok(write("PUT", target, {"name": "Customers"}))["name"] == "Customers"
    assert [ok(write("DELETE", target))["hardDelete"] for _ in range(2)] == [False, True]
    assert write("GET", target)[0] == 404


def test_asa_takes_its_bodies_in_an_array_of_one(write: Call, create_body: dict[str, Any]) -> None:
    one = ok(write("POST", "/asa/handler", create_body))
    update = {"handler": {"metadata": create_body["handler"]["metadata"] | {"schema": "dev"}}}
    bulk = {"handler": {"metadata": {"port": 1434}}, "ids": [one["dataSourceId"]]}

    assert ok(write("PUT", f"/asa/handler/{one['id']}", [update]))["metadata"]["schema"] == "dev"
    assert ok(write("PUT", "/asa/bulk", [bulk]))["connectionString"] == "loader@acme.example:1434/SALES"


def test_a_handler_tells_the_columns_it_has_now_though_time_stands_still(
    write: Call, store: Store, create_body: dict[str, Any]
) -> None:
    store.freeze()
    made = ok(write("POST", "/snowflake/handler", create_body))
    told = []
    for name in ("first", "second", "first"):
        columns = [{"name": name, "dataType": "text", "remoteType": "text"}]
        ok(write("PUT", f"/dictionary/{made['dataSourceId']}", {"metadata": columns}))
        read = ok(write("GET", f"/snowflake/handler/{made['id']}"))
        told.append([column["name"] for column in json.loads(read["remoteTableDescription"])])

    assert told == [["first"], ["second"], ["first"]]


def test_the_value_of_an_answer_is_that_of_the_bytes_that_are_sent() -> None:
    scope: dict[str, Any] = {"extensions": {}}
    before = value_of(scope, b"[1]")
    value = [1]
    note_written(scope, value, b"[1]")

    assert before == [1]
    assert value_of(scope, b"[1]") is value
    assert value_of(scope, b"[2]") == [2]
