"""What deviates in one exchange, and from which promise, in words that hold no value that was sent."""

import json
from datetime import UTC, datetime
from functools import cache
from typing import Any

import pytest

from immuta_mock.call import Call
from immuta_mock.checks import compile_checks
from immuta_mock.connectors import kind
from immuta_mock.errors import Refusal
from immuta_mock.journal.entries import Entry
from immuta_mock.proxy.judging import Judge
from immuta_mock.proxy.promises import FAMILIES, family
from immuta_mock.routing import Routes
from immuta_mock.spec import load_spec, operations

JSON = "application/json"
COLUMN = {"name": "c", "dataType": "text", "remoteType": "text"}
DICTIONARY = {
    "createdAt": "2026-01-15T10:52:30.535Z",
    "updatedAt": "2026-01-15T10:52:30.535Z",
    "dataSource": 1,
    "id": 1,
    "metadata": [{**COLUMN, "nullable": True}],
    "types": ["text"],
}
TAKEN = {"statusCode": 422, "error": "Unprocessable Entity", "message": "x already exists"}


@cache
def judge() -> tuple[Judge, Routes]:
    checks = tuple(compile_checks(load_spec()).values())
    return Judge(checks), Routes(checks)


def error(status: int) -> dict[str, Any]:
    return {"statusCode": status, "error": "Some Phrase", "message": "Some words."}


def judged(
    target: str,
    *,
    body: Any = None,
    status: int = 200,
    answer: Any = None,
    sent_as: str = JSON,
    answered_as: str = JSON,
    key: str = "a-key",
) -> list[tuple[str, str, str]]:
    """Side, promise and reason of each deviation of an exchange; bodies that are not bytes are sent as JSON."""
    method, _, target = target.partition(" ")
    path, _, query = target.partition("?")
    sent = {"content-type": sent_as, "authorization": key}
    try:
        checks, values = judge()[1].find(method, path.encode())
    except Refusal:
        checks, values = None, {}
    entry = Entry(
        at=datetime(2026, 1, 15, tzinfo=UTC),
        seconds=0,
        call=Call(checks, body=b"" if body is None else body if isinstance(body, bytes) else json.dumps(body).encode()),
        user=None,
        method=method,
        path=path,
        query=query,
        headers=[(name.encode(), value.encode()) for name, value in sent.items() if value],
        status=status,
        answer_headers=[(b"content-type", answered_as.encode())] if answered_as else [],
        answer=answer if isinstance(answer, bytes) else json.dumps(answer).encode(),
    )
    return [(found.side.name, found.promise, found.reason) for found in judge()[0].deviations(entry, values)]


def test_every_operation_has_its_promises() -> None:
    known = operations(load_spec())
    assert {kind(operation.operation_id)[0] for operation in known} == FAMILIES.keys()
    strange = [
        (operation.operation_id, promise)
        for operation in known
        for promise in family(operation.operation_id)
        if promise not in operation.promises
    ]
    assert strange == []


@pytest.mark.parametrize(
    ("target", "exchange"),
    [
        ("GET /dictionary/1", {"answer": DICTIONARY}),
        ("GET /dictionary/1", {"answer": {**DICTIONARY, "more": 1}, "answered_as": "application/json; charset=utf-8"}),
        ("GET /dictionary/1", {"status": 404, "answer": error(404)}),
        ("GET /dictionary/1", {"status": 401, "answer": error(401), "key": ""}),
        ("PUT /dictionary/1", {"body": {"metadata": [COLUMN]}, "answer": DICTIONARY}),
        ("PUT /dictionary/1", {"body": {"metadata": [COLUMN]}, "answer": DICTIONARY, "sent_as": ""}),
        ("POST /bim/apikey/authenticate", {"body": b"apikey=k", "sent_as": "application/x-www-form-urlencoded",
                                           "answer": {"token": "t", "authenticated": True}, "key": ""}),
    ],
)  # fmt: skip
def test_what_is_as_documented_does_not_deviate(target: str, exchange: dict[str, Any]) -> None:
    assert judged(target, **exchange) == []


@pytest.mark.parametrize(
    ("target", "body", "promise", "reason"),
    [
        ("GET /dictionary/first", None, "HTTP-5", "path parameter dataSourceId is not an integer of 1 or more"),
        ("GET /asa/handler/1?skipCache=s3cret", None, "HTTP-4", "query parameter skipCache is not true or false"),
        ("GET /asa/handler/1?skipCache=true&skipCache=true", None, "HTTP-4",
         "query parameter skipCache is given several times, expected once"),
        ("GET /dictionary/columns?limit=s3cret", None, "ERR-2",
         "query parameter limit is not an integer of 1 or more"),
        ("POST /dictionary/1", None, "ERR-2", "the body is missing"),
        ("POST /dictionary/1", b"s3cret", "ERR-2", "the body is not JSON"),
        ("POST /dictionary/1", b'"s3cret\xff"', "ERR-2", "the body is not UTF-8"),
        ("POST /dictionary/1", "s3cret", "ERR-2", "$ is not an object"),
        ("POST /dictionary/1", {"metadata": [COLUMN, {**COLUMN, "name": 5}]}, "ERR-2",
         "$.metadata[*].name is not a string"),
        ("PUT /asa/bulk", {"handler": {"metadata": {}}, "ids": [1], "connectionString": "s3cret"}, "ERR-2",
         "$ is given with connectionString and ids, expected only one of them"),
    ],
)  # fmt: skip
def test_a_request_off_the_document_is_told_without_its_values(
    target: str, body: Any, promise: str, reason: str
) -> None:
    assert judged(target, body=body, status=400, answer=error(400)) == [("REQUEST", promise, reason)]


@pytest.mark.parametrize(
    ("media_type", "reason"),
    [
        ("text/plain", "the body is text/plain, not application/json"),
        ("s3cret of mine", "the body is of no media type, not application/json"),
        ("application/json; charset=latin1", "the body is in another character set than UTF-8"),
    ],
)
def test_a_body_of_another_media_type_is_told(media_type: str, reason: str) -> None:
    found = judged("POST /dictionary/1", body=[], sent_as=media_type, status=415, answer=error(415))
    assert found == [("REQUEST", "ERR-4", reason)]


def test_a_request_off_the_document_that_is_accepted_is_the_tenants_matter() -> None:
    found = judged("POST /dictionary/1", body={}, answer=DICTIONARY)
    assert found == [("ACCEPTED", "ERR-2", "$.metadata is missing (an array)")]


@pytest.mark.parametrize(("status", "side"), [(404, "REQUEST"), (200, "ACCEPTED")])
def test_a_path_that_the_document_does_not_have_is_told_with_the_nearest(status: int, side: str) -> None:
    reason = "the document has no such operation; near is GET /dictionary/{dataSourceId} (getDictionary)"
    assert judged("GET /dictionarys/17", status=status) == [(side, "HTTP-1", reason)]


@pytest.mark.parametrize(
    ("status", "answer", "promise", "reason"),
    [
        (500, b"", "ERR-8", "a 5xx"),
        (503, b"", "ERR-8", "a 5xx"),
        (201, DICTIONARY, "HTTP-2", "an undocumented status"),
        (302, b"", "HTTP-2", "an undocumented status"),
        (409, error(409), "DICT-7", "an undocumented status"),
        (200, b"{", "HTTP-2", "the body is not JSON"),
        (404, b"s3cret", "ERR-1", "the body is not JSON"),
        (200, {**DICTIONARY, "id": "1"}, "DICT-4", "$.id is not an integer of 1 or more"),
        (200, {**DICTIONARY, "createdAt": "s3cret"}, "DICT-4", "$.createdAt is not a string (date-time)"),
        (404, {**error(404), "message": None}, "ERR-1", "$.message is not a string"),
        (404, error(400), "ERR-1", "$.statusCode is not the status"),
        (200, {**DICTIONARY, "more": [{"password": "s3cret"}]}, "HTTP-8", "$.more[*].password holds a password"),
    ],
)
def test_an_answer_off_the_document_is_told_without_its_values(
    status: int, answer: Any, promise: str, reason: str
) -> None:
    assert judged("GET /dictionary/1", status=status, answer=answer) == [("ANSWER", promise, reason)]


@pytest.mark.parametrize(("declared", "shown"), [("text/html", "text/html"), ("", "of no media type")])
def test_an_answer_that_is_not_declared_as_json_is_told(declared: str, shown: str) -> None:
    reason = f"the body is declared as {shown}, not application/json"
    assert judged("GET /dictionary/1", answer=DICTIONARY, answered_as=declared) == [("ANSWER", "HTTP-2", reason)]
    found = judged("GET /dictionary/1", status=404, answer=error(404), answered_as=declared)
    assert found == [("ANSWER", "ERR-1", reason)]


@pytest.mark.parametrize(("status", "answer", "promise"), [(200, DICTIONARY, "AUTH-1"), (404, error(404), "AUTH-3")])
def test_a_call_without_a_credential_is_to_be_answered_401(status: int, answer: Any, promise: str) -> None:
    reason = "a call without Authorization is to be answered 401"
    assert judged("GET /dictionary/1", status=status, answer=answer, key="") == [("ANSWER", promise, reason)]


def test_a_name_clash_without_its_code_is_told_as_such() -> None:
    body = {"handler": {"metadata": {"hostname": "h", "database": "d", "table": "t"}}}
    reason = "$.validation is missing (an array)"
    assert judged("PUT /asa/handler/1", body=body, status=422, answer=TAKEN) == [("ANSWER", "ERR-5", reason)]


def test_of_many_mistakes_the_first_are_told() -> None:
    body = {"metadata": [{"name": 1, "dataType": 1, "remoteType": 1, "nullable": 1, "isPrimaryKey": 1, "tags": 1}]}
    assert len(judged("POST /dictionary/1", body=body, status=400, answer=error(400))) == 5


def test_ids_in_paths_and_answers_do_not_make_kinds() -> None:
    job_id = "0b9d6c1e-52f1-4c35-8f0a-6f0a3f1d2b77"
    answer = {job_id: {"id": job_id, "state": 5, "output": None}}
    reason = judged("POST /jobs/statuses", body={"jobIds": []}, answer=answer)[0][2]
    assert reason.startswith("$[*].state is not ")
