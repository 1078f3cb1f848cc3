"""Creates and updates keep to the connectors in scope and to the connections that the target file pins."""

import json
from contextlib import closing
from typing import Any

import pytest

from immuta_contracts.connectors import TRINO
from immuta_contracts.contract import Contract
from immuta_contracts.exchange import Request
from immuta_contracts.pins import Pins, pinned
from immuta_contracts.run import plan
from immuta_contracts.settings import Connection, Settings
from immuta_contracts.spec import Routes
from immuta_contracts.target import InProcessMock, document

PIN: Any = {"hostname": "wh.example", "username": "u", "password": "p", "database": "d"}
CONNECTION = Connection(PIN, tables=("t1", "t2"))
SOURCE = {"blobHandlerType": "x", "recordFormat": "", "type": "queryable"}
SINGLE = {**SOURCE, "blobHandler": {"scheme": "https"}, "name": "n", "sqlTableName": "s"}
RIGHT = {**PIN, "table": "t1", "eventTime": "any"}
PINS_IT = "but [connector.trino] pins the connection: add {!r} to `free` there if the tenant takes any"


def against(method: str, path: str, body: Any, connection: Connection = CONNECTION) -> str | None:
    routes = Routes(document())
    request = Request(method, path, (), json.dumps(body).encode())
    return Pins(Settings(connector={"trino": connection}), routes).against(routes.match(method, path), request)


def create(metadata: Any, connection: Connection = CONNECTION) -> str | None:
    return against("POST", "/trino/handler", {"handler": {"metadata": metadata}, "dataSource": SINGLE}, connection)


def test_a_create_at_the_pinned_connection_passes() -> None:
    assert create(RIGHT) is None


@pytest.mark.parametrize(
    ("changed", "what", "name"),
    [
        ({"hostname": "other"}, "another hostname", "hostname"),
        ({"database": "other"}, "another database", "database"),
        ({"port": 443}, "another port", "port"),
        ({"ssl": True}, "another ssl", "ssl"),
        ({"password": ...}, "a connection without password", "password"),
    ],
)
def test_another_connection_does_not_pass(changed: dict[str, Any], what: str, name: str) -> None:
    metadata = {name: value for name, value in {**RIGHT, **changed}.items() if value is not ...}
    assert create(metadata) == f"it needs {what}, {PINS_IT.format(name)}"


@pytest.mark.parametrize("remote", [{"table": "t3"}, {"query": "select 1"}])
def test_only_the_listed_tables_pass(remote: dict[str, str]) -> None:
    said = "it needs a remote table of its own: drop `tables` from [connector.trino] if the tenant takes any"
    assert create({**RIGHT, **remote}) == said
    assert create({**RIGHT, **remote}, Connection(PIN)) is None


def test_a_field_that_is_free_may_be_anything() -> None:
    free = Connection(PIN, free=("port", "password"))
    assert create({**RIGHT, "port": 1, "password": "other"}, free) is None
    assert create({name: value for name, value in RIGHT.items() if name != "password"}, free) is None


def test_what_is_invalid_may_be_sent_to_be_refused() -> None:
    assert create({**RIGHT, "hostname": ""}) is None
    assert create({**RIGHT, "port": "no port"}) is None


def test_an_update_keeps_the_whole_connection_and_a_bulk_update_what_it_names() -> None:
    assert against("PUT", "/trino/handler/1", {"handler": {"metadata": RIGHT}}) is None
    assert against("PUT", "/trino/handler/1", {"handler": {"metadata": {**RIGHT, "username": "x"}}}) is not None
    assert against("PUT", "/trino/bulk", {"handler": {"metadata": {"eventTime": "e"}}, "ids": [1]}) is None
    assert against("PUT", "/trino/bulk", {"handler": {"metadata": {"database": "e"}}, "ids": [1]}) is not None


def test_a_bulk_update_of_the_pinned_connection_string_would_reach_others() -> None:
    body = {"handler": {"metadata": {"eventTime": "e"}}, "connectionString": "u@WH.example:443/d"}
    assert (
        against("PUT", "/trino/bulk", body) == f"it needs a connection string of its own, {PINS_IT.format('hostname')}"
    )
    assert against("PUT", "/trino/bulk", {**body, "connectionString": "u@elsewhere:443/d"}) is None


def test_each_element_of_an_array_is_looked_at() -> None:
    elements = [{"metadata": {**RIGHT, "dataSourceName": "a", "hostname": host}} for host in ("wh.example", "other")]
    assert against("POST", "/trino/handler", {"handler": elements, "dataSource": SOURCE}) is not None


def test_a_connector_without_a_table_is_out_of_scope() -> None:
    body = {"handler": {"metadata": RIGHT}, "dataSource": SINGLE}
    assert against("POST", "/asa/handler", body) == "asa is out of scope: add [connector.asa] to the target file"


def test_generated_metadata_become_those_of_the_pinned_connection() -> None:
    generated = {"hostname": "x", "port": 1, "table": "x", "query": None, "eventTime": "e"}
    assert pinned(CONNECTION, generated, nth=1) == {**PIN, "table": "t2", "eventTime": "e"}
    assert pinned(Connection(PIN, free=("port",)), generated) == {**generated, **PIN}
    assert pinned(Connection(), generated) == generated


def test_only_what_is_in_scope_is_planned() -> None:
    with closing(InProcessMock()) as target:
        contract = Contract(target, settings=Settings(connector={"trino": Connection()}))
        connectors = {getattr(subject, "connector", subject) for _, subject in plan(contract)}
    assert connectors == {None, TRINO}


def test_what_is_asked_for_beyond_the_scope_is_not_tried() -> None:
    with closing(InProcessMock()) as target:
        contract = Contract(target, settings=Settings(connector={"trino": Connection()}))
        outcomes = [contract.judge(*planned) for planned in plan(contract, "updateAsaHandler")]
        sent = contract.client.sent
    reason = "asa is out of scope: add [connector.asa] to the target file"
    assert {(outcome.verdict, outcome.reason) for outcome in outcomes if outcome.subject} == {("not tried", reason)}
    assert sent == 0 or any(outcome.subject is None for outcome in outcomes)
