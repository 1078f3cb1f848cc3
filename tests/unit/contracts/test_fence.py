"""The fence lets nothing out that could reach what the run did not make."""

import json
from collections.abc import Iterator
from typing import Any

import pytest

from immuta_contracts.client import Client
from immuta_contracts.fence import Refused
from immuta_contracts.settings import Mode, Settings
from immuta_contracts.spec import Routes
from immuta_contracts.target import InProcessMock, document

PLACE = {"database": "db", "username": "u", "table": "t"}
NOBODY = 2**31 - 1


def body(name: str, host: str) -> dict[str, Any]:
    source = {"blobHandler": {"scheme": "https"}, "blobHandlerType": "x", "recordFormat": "", "type": "queryable"}
    return {
        "handler": {"metadata": {**PLACE, "hostname": host}},
        "dataSource": {**source, "name": name, "sqlTableName": "t"},
    }


@pytest.fixture
def mock() -> Iterator[InProcessMock]:
    """Data source 1 with handler 1001 is another's, data source 2 with handler 1002 the run's own."""
    mock = InProcessMock()
    settler = Client(mock, Routes(document()))
    for name, host in (("Clients", "acme.example"), ("contract-7-1", "h1.contract-7.example")):
        assert settler.call("POST", "/asa/handler", json_body=body(name, host)).status == 200
    yield mock
    mock.close()


def fenced(mock: InProcessMock, mode: Mode = "own") -> Client:
    return Client(mock, Routes(document()), Settings(mode=mode), run="7")


OWN_STRING = "u@h1.contract-7.example:1433/db"
CHANGE: dict[str, Any] = {"handler": {"metadata": {"schema": "x"}}}
ANOTHERS: list[tuple[str, str, Any]] = [
    ("PUT", "/asa/handler/1001", CHANGE),
    ("PUT", "/asa/handler/1001?skipCache=true", CHANGE),
    ("PUT", "/asa/handler/%31001", CHANGE),
    ("PUT", "/asa/handler/+1001", CHANGE),
    ("PUT", "/asa/handler/1001.5", CHANGE),
    ("PUT", "/asa/handler/-1001", CHANGE),
    ("PUT", "/asa/handler/001001", CHANGE),
    ("PUT", "/asa/handler/1002%2F..%2F1001", CHANGE),
    ("PUT", "/asa/handler/%D9%A1%D9%A0%D9%A0%D9%A1", CHANGE),
    ("PUT", "/trino/handler/1001", CHANGE),
    ("PUT", "/asa/handler/1001/triggerHighCardinalityJob", None),
    ("PUT", "/asa/handler/1001/refreshNativeViewJob", None),
    ("PATCH", "/asa/handler/1001", CHANGE),
    ("DELETE", "/asa/handler/1", None),
    ("POST", "/dictionary/1", {"metadata": []}),
    ("PUT", "/dictionary/1", {"metadata": []}),
    ("DELETE", "/dictionary/1", None),
    ("DELETE", "/dictionary/1abc", None),
    ("DELETE", "/dataSource/1", None),
    ("DELETE", "/dataSource/1%00", None),
    ("PUT", "/dataSource/1", {"description": "x"}),
    ("DELETE", "/dataSource", None),
    ("DELETE", "/asa/bulk", None),
    ("POST", "/asa", CHANGE),
    ("PUT", "/asa/handler/1002", {"handler": {"metadata": {"dataSourceName": "Clients 2"}}}),
    ("POST", "/asa/handler", body("Leads", "h2.contract-7.example")),
    ("PUT", "/asa/bulk", {**CHANGE, "connectionString": "u@acme.example:1433/db"}),
    ("PUT", "/trino/bulk", {**CHANGE, "connectionString": "u@acme.example:1433/db"}),
    ("PUT", "/asa/bulk", {**CHANGE, "connectionString": ["u@acme.example:1433/db"]}),
    ("PUT", "/asa/bulk", {**CHANGE, "connectionString": "nobody@nowhere.example:1/db"}),
    ("PUT", "/asa/bulk", {**CHANGE, "ids": [2, 1]}),
    ("PUT", "/asa/bulk", {**CHANGE, "ids": ["1"]}),
    ("PUT", "/asa/bulk", {**CHANGE, "ids": [True]}),
    ("PUT", "/asa/bulk", {**CHANGE, "ids": {"id": 1.0}}),
    ("PUT", "/asa/bulk", [[{**CHANGE, "ids": [1]}]]),
    ("PUT", "/asa/bulk", {**CHANGE, "connectionString": OWN_STRING, "ids": [1]}),
    ("PUT", "/asa/bulk", CHANGE),
    ("PUT", "/asa/bulk", {**CHANGE, "connectionString": "", "ids": []}),
]


@pytest.mark.parametrize(("method", "path", "sent"), ANOTHERS)
def test_what_could_reach_anothers_is_not_sent(mock: InProcessMock, method: str, path: str, sent: Any) -> None:
    client = fenced(mock)
    before = everything(mock)
    raw = None if sent is None else json.dumps(sent).encode()
    with pytest.raises(Refused):
        client.call(method, path, raw=raw)
    assert client.journal == []
    assert everything(mock) == before
    assert client.fence.account.refused.total() == 1


TEXTS = (
    b'{"handler": {"metadata": {"schema": "x"}}, "ids": [1], "ids": [2]}',
    b'{"handler": {"metadata": {"schema": "x"}}, "ids": [1],}',
    b'{"handler": {"metadata": {"schema": NaN}}, "connectionString": "u@acme.example:1433/db"',
    '{"handler": {"metadata": {"schema": "x"}}, "ids": [1]}'.encode("utf-16"),
    b"{'handler': {'metadata': {'schema': 'x'}}, 'ids': [1]}",
)


@pytest.mark.parametrize("raw", TEXTS)
def test_a_bulk_update_that_only_a_lenient_target_can_read_is_searched_as_text(mock: InProcessMock, raw: bytes) -> None:
    with pytest.raises(Refused):
        fenced(mock).call("PUT", "/asa/bulk", raw=raw)


HARMLESS: list[tuple[str, str, Any, int]] = [
    ("GET", "/dataSource/1", None, 200),
    ("PUT", "/asa/handler/1002", {"handler": {"metadata": {**PLACE, "hostname": "h1.contract-7.example"}}}, 200),
    ("PUT", "/asa/handler/1002/triggerHighCardinalityJob", None, 200),
    ("POST", "/dictionary/2", {"metadata": []}, 200),
    ("PUT", "/asa/bulk", {**CHANGE, "connectionString": OWN_STRING}, 200),
    ("PUT", "/asa/bulk", {**CHANGE, "ids": [2]}, 200),
    ("PUT", "/asa/bulk", {**CHANGE, "connectionString": "u@h9.contract-7.example:1433/db"}, 200),
    ("PUT", "/asa/bulk", {**CHANGE, "ids": [NOBODY]}, 404),
    ("PUT", "/asa/bulk", [], 400),
    ("PUT", f"/asa/handler/{NOBODY}", CHANGE, 400),
    ("PUT", "/trino/handler/1002", CHANGE, 400),
    ("DELETE", f"/dictionary/{NOBODY}", None, 404),
    ("DELETE", "/dictionary/abc", None, 400),
    ("PATCH", "/asa/handler/1002", None, 405),
    ("POST", "/asa/handler", body("contract-7-2", "h2.contract-7.example"), 200),
    ("POST", "/bim/apikey/authenticate", {"apikey": "owner-key-local-only"}, 200),
    ("POST", "/jobs/statuses", {"jobIds": []}, 200),
    ("DELETE", "/dataSource/2", None, 200),
]


@pytest.mark.parametrize(("method", "path", "sent", "status"), HARMLESS)
def test_what_reaches_the_runs_own_or_nothing_is_sent(
    mock: InProcessMock, method: str, path: str, sent: Any, status: int
) -> None:
    raw = None if sent is None else json.dumps(sent).encode()
    assert fenced(mock).call(method, path, raw=raw).status == status


def test_without_credentials_anything_is_sent(mock: InProcessMock) -> None:
    assert fenced(mock).call("DELETE", "/dataSource/1", role=None).status == 401


def test_a_wrong_credential_is_one_all_the_same(mock: InProcessMock) -> None:
    with pytest.raises(Refused):
        fenced(mock).call("DELETE", "/dataSource/1", authorization="Bearer wrong")


def test_in_mode_read_no_write_is_sent(mock: InProcessMock) -> None:
    client = fenced(mock, "read")
    with pytest.raises(Refused, match="in this mode no write is sent"):
        client.call("DELETE", "/dictionary/2")
    with pytest.raises(Refused):
        client.call("POST", "/bim/apikey/authenticate", json_body={"apikey": "owner-key-local-only"}, role=None)
    assert client.call("GET", "/dictionary/2").status == 404


def test_in_mode_full_everything_is_sent(mock: InProcessMock) -> None:
    assert fenced(mock, "full").call("DELETE", "/dataSource/1").status == 200


def test_an_id_is_looked_at_again_once_its_data_source_is_gone(mock: InProcessMock) -> None:
    client = fenced(mock)
    assert [client.call("DELETE", "/dataSource/2").json["hardDelete"] for _ in range(2)] == [False, True]
    assert client.call("DELETE", "/dataSource/2").status == 404


def test_a_prefix_that_something_bears_is_not_free(mock: InProcessMock) -> None:
    assert not fenced(mock).fence.free()
    assert Client(mock, Routes(document()), Settings(mode="own"), run="8").fence.free()


def test_what_passed_and_what_was_refused_is_counted(mock: InProcessMock) -> None:
    client = fenced(mock)
    client.call("DELETE", "/dictionary/2")
    for _ in range(2):
        with pytest.raises(Refused):
            client.call("DELETE", "/dictionary/1")
    reason = "a write to what is neither the run's own nor shown not to exist"
    assert (client.fence.account.passed, client.fence.account.refused) == (1, {reason: 2})


def everything(mock: InProcessMock) -> list[bytes]:
    """All that can be read of the two data sources."""
    observer = Client(mock, Routes(document()))
    paths = [f"/dataSource/{id_}" for id_ in (1, 2)] + [f"/asa/handler/{id_}" for id_ in (1001, 1002)]
    return [observer.call("GET", path).body for path in [*paths, "/dictionary/1", "/dictionary/2"]]
