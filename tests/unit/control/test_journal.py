"""The journal: what is written down of each request, what is kept back, and what can be asked of it."""

import json
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest

from archives import faults
from immuta_mock import create_app
from immuta_mock.call import Call as OpenCall
from immuta_mock.inprocess import InProcess
from immuta_mock.journal.entries import OVERHEAD, Entry, Journal
from immuta_mock.journal.redaction import Redaction
from immuta_mock.tenants import Tenants

Call = Callable[..., tuple[int, Any]]

OWNER = "owner-key-local-only"
UNMEASURED = ("blocked", "dns", "connect", "ssl")
FORM = {"content-type": "application/x-www-form-urlencoded"}


def entries(steer: Call, query: str = "") -> list[dict[str, Any]]:
    status, found = steer("GET", f"/journal{query}")
    assert status == 200
    return list(found)


def test_an_entry_tells_the_whole_exchange(call: Call, steer: Call, create_body: Any) -> None:
    answer = call("POST", "/snowflake/handler?debug=1", create_body(), {"accept": "*/*"})[1]

    (entry,) = entries(steer)

    body = create_body()
    body["handler"]["metadata"]["password"] = "[redacted]"
    assert entry.pop("seconds") >= 0
    assert entry.pop("response") == {
        "headers": [["content-type", "application/json"], ["content-length", str(len(json.dumps(answer)) - 4)]],
        "body": answer,
    }
    headers = [
        ["authorization", "[redacted]"],
        ["accept", "*/*"],
        ["content-length", str(len(json.dumps(create_body())))],
    ]
    assert entry.pop("request") == {"headers": headers, "body": body}
    assert "CREATE-1" in entry.pop("promises")
    assert entry == {
        "id": 1,
        "at": "2026-01-15T12:00:00.000Z",
        "operation": "createSnowflakeDataSource",
        "method": "POST",
        "path": "/snowflake/handler",
        "query": "debug=1",
        "user": "owner",
        "verdict": "valid",
        "status": 200,
        "faults": [],
    }


@pytest.mark.parametrize(
    ("method", "target", "body", "key", "expected"),
    [
        ("GET", "/dataSource", None, OWNER, ("valid", 200, "owner", None)),
        ("GET", "/dataSource/7", None, OWNER, ("valid", 404, "owner", "Data source not found.")),
        (
            *("GET", "/dataSource/x", None, OWNER),
            (
                "invalid",
                400,
                "owner",
                'Bad request: path parameter dataSourceId is "x", expected an integer of 1 or more.',
            ),
        ),
        (
            *("POST", "/jobs/statuses", {}, OWNER),
            ("invalid", 400, "owner", "Bad request: $.jobIds is missing (an array)."),
        ),
        (
            "GET",
            "/dataSource",
            None,
            "wrong",
            ("unchecked", 401, None, "A valid Authorization token must be provided."),
        ),
        ("GET", "/datasource", None, OWNER, ("unmatched", 404, "owner", "Not Found")),
    ],
)
def test_the_verdict_says_what_the_document_says(
    call: Call, steer: Call, method: str, target: str, body: Any, key: str, expected: Any
) -> None:
    call(method, target, body, {"authorization": key})

    (entry,) = entries(steer)

    assert (entry["verdict"], entry["status"], entry["user"], entry.get("problem")) == expected


def test_an_unmatched_call_names_the_nearest_operation(call: Call, steer: Call) -> None:
    call("POST", "/snowflake/handlers")
    call("PATCH", "/dataSource/1")

    found = [(entry["operation"], entry["nearest"]) for entry in entries(steer, "?verdict=unmatched")]

    assert found == [
        (None, "POST /snowflake/handler (createSnowflakeDataSource)"),
        (None, "PUT /dataSource/{dataSourceId} (updateDataSource)"),
    ]


def test_faults_that_happened_are_told(server: InProcess, call: Call, steer: Call) -> None:
    steer("POST", "/faults", {"effect": {"latency": 0}, "id": "slow"})
    call("GET", "/dataSource", None, {"prefer": "mock-status=503"})
    steer("POST", "/faults", {"effect": {"reset": "answer"}})
    with pytest.raises(ConnectionResetError):
        server.send("GET", "/dataSource", [("authorization", OWNER)])

    seen = [(entry["faults"], entry["status"], entry["verdict"]) for entry in entries(steer)]

    assert seen == [(["slow", "prefer"], 503, "unchecked"), (["slow", "fault-1"], 0, "valid")]


def test_entries_are_selected_by_what_they_are(call: Call, steer: Call) -> None:
    call("GET", "/dataSource")
    call("GET", "/dataSource/1", None, {"authorization": "reader-key-local-only"})
    call("GET", "/dataSource")

    def ids(query: str) -> list[int]:
        return [entry["id"] for entry in entries(steer, query)]

    assert ids("?operation=getDataSource") == ids("?user=reader") == ids("?status=404") == [2]
    assert ids("?method=GET&path=/dataSource") == [1, 3]
    assert (ids("?after=1"), ids("?limit=1"), ids("?limit=0"), ids("?method=PUT")) == ([2, 3], [3], [], [])


def test_the_journal_of_one_tenant_is_not_that_of_another_and_is_emptied(call: Call, steer: Call) -> None:
    call("GET", "/dataSource")

    assert steer("GET", "/journal", None, {"X-Mock-Tenant": "other"}) == (200, [])
    assert (steer("DELETE", "/journal"), entries(steer)) == ((200, {}), [])


# Bounds


def entry(body: bytes = b"", headers: Any = ()) -> Entry:
    call = OpenCall(None, body=body)
    return Entry(datetime(2026, 1, 1, tzinfo=UTC), 0.1, call, None, "GET", "/x", "", headers, 200, (), b"")


def test_the_number_of_entries_is_bounded() -> None:
    journal = Journal(most_entries=3)
    for _ in range(5):
        journal.add(entry())

    assert [each.number for each in journal.entries()] == [3, 4, 5]


@pytest.mark.parametrize("part", [{"body": b"x" * 100}, {"headers": [(b"x" * 60, b"y" * 40)]}])
def test_the_bytes_of_entries_are_bounded(part: Any) -> None:
    journal = Journal(most_bytes=2 * (OVERHEAD + 102))
    for _ in range(5):
        journal.add(entry(**part))

    assert [each.number for each in journal.entries()] == [4, 5]


def test_of_a_long_body_the_beginning_is_kept() -> None:
    journal = Journal()
    journal.add(entry(b"x" * 1_000_000))

    assert len(journal.entries()[0].body) == 65536


def test_bounds_that_are_set_hold_for_every_tenant() -> None:
    tenants = Tenants(journal=Journal(most_entries=1))
    with InProcess(create_app(tenants)) as server:
        for target in ("/a", "/t/one/a", "/t/one/b"):
            server.send("GET", target, [("authorization", OWNER)])

    assert [len(tenants.find(name).journal.entries()) for name in tenants.names()] == [1, 1]


# Secrets


def test_no_secret_is_shown(call: Call, steer: Call, create_body: Any) -> None:
    secrets = ["s3cret", OWNER, "wrong-key", "c29tZSBmaWxl"]
    files = [{"keyName": "k", "content": secrets[3], "userFilename": "f"}]
    call("POST", "/snowflake/handler", create_body(userFiles=files))
    secrets.append(call("POST", "/bim/apikey/authenticate", {"apikey": OWNER})[1]["token"])
    call("POST", "/bim/apikey/authenticate", b"apikey=" + OWNER.encode(), FORM)
    call("POST", "/asa/handler", b'{"password": "s3cret" "content":"c29tZSBmaWxl')
    call("GET", f"/dataSource/name/{OWNER}?apikey={OWNER}&token=wrong-key", None, {"cookie": "wrong-key"})
    call("GET", "/dataSource", None, {"authorization": "Bearer wrong-key", "x-mock-control-key": "wrong-key"})
    expected = {"operation": "createSnowflakeDataSource", "bodyContains": {"handler": {"metadata": {"password": "x"}}}}

    shown = json.dumps([entries(steer), steer("GET", "/journal/har")[1], steer("POST", "/journal/verify", expected)[1]])

    assert [secret for secret in secrets if secret in shown] == []
    assert "[redacted]" in shown


def test_an_entry_does_not_show_its_content() -> None:
    assert "x" not in repr(entry(b"xxx")).replace("GET", "")


def test_known_secrets_go_wherever_they_stand() -> None:
    redaction = Redaction(["key", "key-longer", ""])

    assert redaction.value({"a key": ["the key-longer", 5, None, {"b": "keyless"}]}) == {
        "a [redacted]": ["the [redacted]", 5, None, {"b": "[redacted]less"}]
    }


# Export


@pytest.mark.usefixtures("used")
def test_the_journal_is_exported_as_an_http_archive(steer: Call) -> None:
    status, archive = steer("GET", "/journal/har", None, {"host": "mock.example:8080"})

    assert (status, archive["log"]["version"], archive["log"]["creator"]["name"]) == (200, "1.2", "immuta-mock")
    first, _, last = archive["log"]["entries"]
    assert (last["request"]["url"], last["response"]["status"]) == ("http://mock.example:8080/dataSource", 200)
    assert json.loads(last["response"]["content"]["text"])["count"] == 2
    sent = json.loads(first["request"]["postData"]["text"])
    assert (sent["dataSource"]["name"], sent["handler"]["metadata"]["password"]) == ("One", "[redacted]")
    assert first.keys() == {"startedDateTime", "time", "request", "response", "cache", "timings"}
    assert first["startedDateTime"] == "2026-01-15T12:00:00.000Z"
    assert faults(archive) == []


def test_an_entry_of_the_archive_is_as_har_says(call: Call, steer: Call) -> None:
    answer = call("PUT", "/dictionary/7?a=1&a=&password=hunter2", b'{"columns"', {"content-type": "application/json"})[
        1
    ]

    entry = steer("GET", "/journal/har", None, {"host": "mock.example"})[1]["log"]["entries"][0]

    (kind, _), size = entry["response"]["headers"], len(json.dumps(answer, separators=(",", ":"))) + 1
    milliseconds = entry["time"]
    query = {"a": ["1", ""], "password": ["[redacted]"]}
    assert entry == {
        "startedDateTime": "2026-01-15T12:00:00.000Z",
        "time": milliseconds,
        "request": {
            "method": "PUT",
            "url": "http://mock.example/dictionary/7?a=1&a=&password=[redacted]",
            "httpVersion": "HTTP/1.1",
            "cookies": [],
            "headers": [
                {"name": "authorization", "value": "[redacted]"},
                {"name": "content-type", "value": "application/json"},
                {"name": "content-length", "value": "10"},
            ],
            "queryString": [{"name": name, "value": value} for name, values in query.items() for value in values],
            "postData": {"mimeType": "application/json", "text": '{"columns"'},
            "headersSize": -1,
            "bodySize": 10,
        },
        "response": {
            "status": 400,
            "statusText": "Bad Request",
            "httpVersion": "HTTP/1.1",
            "cookies": [],
            "headers": [kind, {"name": "content-length", "value": str(size)}],
            "content": {"size": size, "mimeType": kind["value"], "text": json.dumps(answer)},
            "redirectURL": "",
            "headersSize": -1,
            "bodySize": size,
        },
        "cache": {},
        "timings": {"send": 0, "wait": milliseconds, "receive": 0} | dict.fromkeys(UNMEASURED, -1),
    }


def test_the_archive_of_odd_requests_is_one_too(server: InProcess, call: Call, steer: Call) -> None:
    call("POST", "/bim/apikey/authenticate", b"apikey=" + OWNER.encode(), FORM)
    call("POST", "/asa/handler", b"\xff\x00{", {"content-type": "application/json"})
    call("GET", "/no/such%0Apath?%ED%A0%80")
    steer("POST", "/faults", {"effect": {"reset": "request"}})
    with pytest.raises(ConnectionResetError):
        server.send("GET", "/dataSource")

    archive = steer("GET", "/journal/har")[1]

    assert faults(archive) == []
    assert [entry["response"]["status"] for entry in archive["log"]["entries"]] == [200, 400, 404, 0]
