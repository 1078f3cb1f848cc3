"""The fence lets nothing out that could reach what the run did not make."""

import gzip
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from immuta_contracts.client import Client
from immuta_contracts.exchange import Answer, Request
from immuta_contracts.fence import Refused
from immuta_contracts.settings import Mode, Settings, Transport
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
    ("PUT", "/asa/handler/%252531001", CHANGE),
    ("PUT", "/asa/handler/1.001e3", CHANGE),
    ("PUT", "/asa/handler/0x3E9", CHANGE),
    ("PUT", "/asa/handler/..%5C1001", CHANGE),
    ("PUT", "/asa/handler/1002?id=1001", CHANGE),
    ("PUT", "/asa/handler/1002;handlerId=1001", CHANGE),
    ("PUT", "/asa/handler/1001#1002", CHANGE),
    ("PUT", "/asa/handler/1002 1001", CHANGE),
    ("PUT", "http://elsewhere.example/asa/handler/1002", CHANGE),
    ("GET", "/dataSource/1?_method=DELETE", None),
    ("DELETE", "/dataSource/2?dataSourceIds[]=1", None),
    ("DELETE", "/t/other/dataSource/1", None),
    ("PUT", "/asa/handler/..%2Fbulk", {**CHANGE, "connectionString": "u@acme.example:1433/db"}),
    ("PUT", "/ASA/BULK", {**CHANGE, "ids": [2]}),
    ("PUT", "/asa/bulk/", {**CHANGE, "ids": [2]}),
    ("PUT", "/asa/bulk?ids=1", {**CHANGE, "ids": [2]}),
    ("PUT", "/asa/bulk?Connection_String=u%40acme.example:1433%2Fdb", {**CHANGE, "ids": [2]}),
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
    ("POST", "/asa/handler", {"DataSource": {"NAME": "Leads"}}),
    ("PUT", "/dataSource/2", {"Name": "Leads"}),
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
    ("PUT", "/asa/bulk", {**CHANGE, "ids": ["0x1"]}),
    ("PUT", "/asa/bulk", {**CHANGE, "ids": ["1e0"]}),
    ("PUT", "/asa/bulk", {**CHANGE, "ids": ["\u0661"]}),
    ("PUT", "/asa/bulk", {**CHANGE, "ids": [[{"or": [1]}]]}),
    ("PUT", "/asa/bulk", {"Handler": {"metadata": {"schema": "x"}}, "IDS": [1]}),
    ("PUT", "/asa/bulk", {**CHANGE, "ids": [2], "Ids": [1]}),
    ("PUT", "/asa/bulk", {**CHANGE, "connectionString": OWN_STRING, "connection_string": "u@acme.example:1433/db"}),
    ("PUT", "/asa/bulk", {**CHANGE, "connectionString": "u@h1.contract-7.example.org:1433/db"}),
    ("PUT", "/asa/bulk", {**CHANGE, "connectionString": "%"}),
    ("PUT", "/asa/bulk", [{**CHANGE, "ids": [2]}, {**CHANGE, "ids": [1]}]),
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
    b'{handler: {metadata: {schema: "x"}}, ids: [1]}',
    b'{"handler": {"metadata": {"schema": "x"}}, "ids": /* [2] */ [1]}',
    b'{"\\u0068andler": {"metadata": {"schema": "x"}}, "\\u0069ds": [1],}',
    b'{"handler": {"metadata": {"schema": "x"}}, "ids": [2], "connectionString": "u@acme.example:1433/db"}\0',
    b'{"handler": {"metadata": {"schema": "x"}}, "connectionString": "' + OWN_STRING.encode() + b'", "IDS": 1e0',
    b'\xef\xbb\xbf{"handler": {"metadata": {"schema": "x"}}, "ids": [1]}',
    b"<bulk><handler><metadata/></handler><ids>1</ids></bulk>",
    b"handler:\n  metadata: {schema: x}\nids: [1]",
    b"handler[metadata][schema]=x&ids[]=1",
    b'--b\r\nContent-Disposition: form-data; name="ids"\r\n\r\n1\r\n--b--',
)


@pytest.mark.parametrize("raw", TEXTS)
def test_a_bulk_update_is_read_as_any_lenient_target_may_read_it(mock: InProcessMock, raw: bytes) -> None:
    with pytest.raises(Refused):
        fenced(mock).call("PUT", "/asa/bulk", raw=raw)


NAMING = (
    b'{"dataSource": {"name": "contract-7-3", "name": "Leads"}}',
    b'{"dataSource": {"name": "contract-7-3"}, "dataSource": {"name": "Leads"}}',
    b"{'dataSource': {'name': 'Leads'}}",
    b'{"dataSource": {name: Leads}}',
    b'{"handler": [{"metadata": {"columns": [], "dataSourceName": "Leads"}}',
    b"<dataSource><name>Leads</name></dataSource>",
    b"dataSource[name]=Leads",
)


@pytest.mark.parametrize("raw", NAMING)
def test_a_name_is_found_wherever_any_lenient_target_may_find_it(mock: InProcessMock, raw: bytes) -> None:
    with pytest.raises(Refused):
        fenced(mock).call("POST", "/asa/handler", raw=raw)


@pytest.mark.parametrize(
    "headers",
    [
        {"X-HTTP-Method-Override": "DELETE"},
        {"X-Method-Override": "PUT"},
        {"X-Mock-Tenant": "other"},
        {"Host": "other.example"},
        {"Transfer-Encoding": "chunked"},
        {"authorization": "another-key"},
        {"Authorization ": "another-key"},
    ],
)
@pytest.mark.parametrize("method", ["GET", "DELETE"])
@pytest.mark.parametrize("mode", ["own", "read"])
def test_no_header_makes_another_request_of_it(
    mock: InProcessMock, method: str, mode: Mode, headers: dict[str, str]
) -> None:
    with pytest.raises(Refused):
        fenced(mock, mode).call(method, "/dataSource/2", headers=headers)


def test_a_packed_body_is_not_sent(mock: InProcessMock) -> None:
    raw = gzip.compress(json.dumps({**CHANGE, "ids": [1]}).encode())
    with pytest.raises(Refused):
        fenced(mock).call("PUT", "/asa/bulk", raw=raw, headers={"Content-Encoding": "gzip"})


def test_a_connection_string_of_the_run_that_others_may_come_to_share_selects_nothing(mock: InProcessMock) -> None:
    client = fenced(mock)
    assert client.call("POST", "/asa/handler", json_body=body("contract-7-3", "warehouse.example")).status == 200
    with pytest.raises(Refused, match="by a connection string"):
        client.call("PUT", "/asa/bulk", json_body={**CHANGE, "connectionString": "u@warehouse.example:1433/db"})


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
    ("PUT", "/asa/bulk", "handler", 400),
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


@pytest.mark.parametrize("transport", [Transport(headers={"X-Key": "k"}), Transport(client_certificate=Path("c.pem"))])
def test_where_the_way_itself_tells_who_calls_no_request_is_without_credentials(
    mock: InProcessMock, transport: Transport
) -> None:
    client = Client(mock, Routes(document()), Settings(mode="own", transport=transport), run="7")
    with pytest.raises(Refused):
        client.call("DELETE", "/dataSource/1", role=None)


def test_a_query_may_tell_who_calls(mock: InProcessMock) -> None:
    with pytest.raises(Refused):
        fenced(mock).call("DELETE", "/dataSource/1", query={"access": "owner-key-local-only"}, role=None)


class Hiding:
    """A tenant that shows data source 5, and its handler, to one key alone."""

    base_url = "http://tenant.test"

    def __init__(self, shown_to: str, *, refuses: int = 404) -> None:
        self.keys = {"owner": "owner-key", "governor": "governor-key"}
        self.sent: list[Request] = []
        self._shown_to, self._refuses = shown_to, refuses

    def send(self, request: Request) -> Answer:
        self.sent.append(request)
        caller = dict(request.headers)["Authorization"].removeprefix("Bearer ")
        if caller == self._shown_to and request.target == "/dataSource/5":
            return Answer(200, {}, b'{"id": 5, "name": "Clients"}')
        return Answer(self._refuses if caller in self.keys.values() else 401, {}, b"{}")

    def close(self) -> None:
        """Nothing is open."""


@pytest.mark.parametrize("shown_to", ["owner-key", "governor-key"])
@pytest.mark.parametrize("spelling", ["{}", "Bearer {}"])
def test_what_the_caller_or_the_owner_is_shown_exists(shown_to: str, spelling: str) -> None:
    tenant = Hiding(shown_to)
    client = Client(tenant, Routes(document()), Settings(mode="own"), run="7")
    with pytest.raises(Refused):
        client.call("DELETE", "/dataSource/5", authorization=spelling.format("governor-key"))
    assert {request.method for request in tenant.sent} == {"GET"}


def test_that_an_id_leads_nowhere_is_looked_at_right_before_the_write() -> None:
    tenant = Hiding("nobody")
    client = Client(tenant, Routes(document()), Settings(mode="own"), run="7")
    assert client.call("DELETE", "/dataSource/6").status == 404
    assert [(each.method, each.target) for each in tenant.sent[-2:]] == [
        ("GET", "/dataSource/6"),
        ("DELETE", "/dataSource/6"),
    ]


def test_an_id_that_is_called_invalid_is_not_shown_to_lead_nowhere() -> None:
    tenant = Hiding("nobody", refuses=400)
    client = Client(tenant, Routes(document()), Settings(mode="own"), run="7")
    with pytest.raises(Refused):
        client.call("DELETE", "/dataSource/6")
    assert client.call("DELETE", "/dataSource/0").status == 400


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
