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


# Verification


def verify(steer: Call, **expected: Any) -> dict[str, Any]:
    status, answer = steer("POST", "/journal/verify", expected)
    assert status == 200
    return dict(answer)


@pytest.fixture
def used(call: Call, create_body: Any) -> None:
    """Two creations and a list."""
    call("POST", "/snowflake/handler", create_body("One"))
    call("POST", "/snowflake/handler", create_body("Two", hostname="other.example"))
    call("GET", "/dataSource")


@pytest.mark.usefixtures("used")
@pytest.mark.parametrize(
    ("expected", "ok"),
    [
        ({}, True),
        ({"operation": "createSnowflakeDataSource"}, True),
        ({"operation": "createSnowflakeDataSource", "times": 2}, True),
        ({"operation": "createSnowflakeDataSource", "times": 1}, False),
        ({"operation": "createSnowflakeDataSource", "atLeast": 3}, False),
        ({"operation": "createSnowflakeDataSource", "atLeast": 1, "atMost": 2}, True),
        ({"operation": "createSnowflakeDataSource", "atMost": 1}, False),
        ({"operation": "deleteDictionary", "times": 0}, True),
        ({"bodyContains": {"dataSource": {"name": "Two"}}, "times": 1}, True),
        ({"bodyContains": {"handler": {"metadata": {"password": "s3cret"}}}, "times": 2}, True),
        ({"bodyContains": {"handler": {"metadata": {"columns": [{"name": "EMAIL"}]}}}, "times": 2}, True),
        ({"bodyContains": {"handler": {"metadata": {"columns": [{"name": "ID"}]}}}}, False),
        ({"bodyContains": "other.example", "times": 1}, True),
        ({"method": "GET", "path": "/dataSource", "user": "owner", "status": 200, "verdict": "valid"}, True),
    ],
)
def test_calls_are_verified(steer: Call, expected: dict[str, Any], ok: bool) -> None:
    assert verify(steer, **expected)["ok"] is ok


@pytest.mark.usefixtures("used")
def test_a_verification_that_fails_shows_the_nearest_misses(steer: Call) -> None:
    wanted = {"dataSource": {"name": "Three"}, "handler": {"metadata": {"hostname": "other.example"}}}

    answer = verify(steer, operation="createSnowflakeDataSource", bodyContains=wanted)

    near = [
        'POST /snowflake/handler -> 200: $.dataSource.name is "Two", expected "Three"',
        'POST /snowflake/handler -> 200: $.dataSource.name is "One", expected "Three"; $.handler.metadata.hostname is ',
        "GET /dataSource -> 200: operation is listDataSources, expected createSnowflakeDataSource; $ is null, expected",
    ]
    assert [miss.partition(". ")[0] for miss in answer["nearest"]] == ["2", "1", "3"]
    assert [text for text, miss in zip(near, answer["nearest"], strict=True) if text not in miss] == []
    first = (
        "expected at least 1 time(s) a call with operation createSnowflakeDataSource, a body with the given content, "
        "seen 0 among 3 requests"
    )
    assert (answer["matched"], answer["message"].splitlines()[0]) == (0, first)
    assert answer["message"].splitlines()[1] == f"  near: {answer['nearest'][0]}"


def test_what_a_query_had_to_ask_is_verified(call: Call, steer: Call) -> None:
    call("GET", "/dictionary/columns?searchText=e%20mail&limit=5")
    call("GET", "/dictionary/columns?limit=5")

    good = verify(steer, operation="searchDictionaryColumns", queryContains={"searchText": "e mail"}, times=1)
    answer = verify(steer, queryContains={"searchText": "name", "apikey": "secret"})

    assert good["ok"] is True
    first, *near = answer["message"].splitlines()
    no_key = "the query has no apikey, expected apikey=[redacted]"
    request = "GET /dictionary/columns -> 200: the query has"
    assert first.endswith("a call with searchText=name, apikey=[redacted], seen 0 among 2 requests")
    assert near == [
        f"  near: 2. {request} no searchText, expected searchText=name; {no_key}",
        f"  near: 1. {request} searchText=e mail, expected searchText=name; {no_key}",
    ]


@pytest.mark.usefixtures("used")
def test_of_misses_that_lack_as_much_the_nearest_is_what_was_meant_and_then_the_latest(
    call: Call, steer: Call, create_body: Any
) -> None:
    call("POST", "/trino/handlers", create_body("Three"))
    call("GET", "/dataSource")

    answer = verify(steer, operation="createTrinoDataSource")

    assert answer["nearest"] == [
        f"{request}, expected createTrinoDataSource"
        for request in (
            "4. POST /trino/handlers -> 404: operation is none (near is createTrinoDataSource)",
            "2. POST /snowflake/handler -> 200: operation is createSnowflakeDataSource",
            "1. POST /snowflake/handler -> 200: operation is createSnowflakeDataSource",
        )
    ]


def test_an_unknown_operation_is_refused_with_the_nearest(steer: Call) -> None:
    message = "Bad request: there is no operation 'createSnowflake'; the nearest is createSnowflakeDataSource."

    for status, answer in (
        steer("POST", "/journal/verify", {"operation": "createSnowflake"}),
        steer("GET", "/journal?operation=createSnowflake"),
    ):
        assert (status, answer["message"]) == (400, message)


def test_an_unknown_question_is_refused(steer: Call) -> None:
    status, answer = steer("GET", "/journal?verdit=unmatched")

    names = "operation, method, path, user, status, verdict, after, limit"
    message = f'Bad request: query parameter "verdit" is unknown; there are {names}.'
    assert (status, answer["message"]) == (400, message)


def test_an_unknown_verdict_is_refused(steer: Call) -> None:
    status, answer = steer("GET", "/journal?verdict=wrong")

    expected = 'expected one of "valid", "invalid", "unmatched", "unchecked"'
    assert (status, answer["message"]) == (400, f'Bad request: query parameter verdict is "wrong", {expected}.')


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
