"""ERR-1, ERR-3 and ERR-4: the one form of errors, unknown ids, bodies too large or of another media type."""

import json
from collections.abc import Iterator
from dataclasses import replace
from http import HTTPStatus

from immuta_contracts.check import promise
from immuta_contracts.checks import kind
from immuta_contracts.client import ABSENT
from immuta_contracts.connectors import C5
from immuta_contracts.exchange import Answer
from immuta_contracts.expectations import same_json
from immuta_contracts.made import Made
from immuta_contracts.spec import Operation
from immuta_contracts.target import Unreachable
from immuta_contracts.valid import Call, bulk_body, stand, standing, update_body, valid_call
from immuta_contracts.world import Json, Unprepared, World

UNKNOWN_IDS = (2**31 - 1, 2**31 - 2)
OTHER_PHRASES = {
    413: ("Content Too Large", "Payload Too Large", "Request Entity Too Large"),
    422: ("Unprocessable Content", "Unprocessable Entity"),
}
"""Reason phrases that changed from one edition of HTTP to the next."""
OTHER_TYPES = (
    "text/plain",
    "application/xml",
    "text/html",
    "application/octet-stream",
    "multipart/form-data; boundary=x",
    "text/json",
    "application/jsonp",
    "application/x-www-form-urlencoded",
)
MEBIBYTE = 2**20
ABOVE_LIMIT = 11 * MEBIBYTE
FAR_ABOVE_LIMIT = 65 * MEBIBYTE
WRITES = ("POST", "PUT", "DELETE")


def has_numeric_id(operation: Operation) -> bool:
    return "Id}" in operation.path


# ERR-1


@promise("ERR-1", on=lambda _: True, once=True)
def test_every_error_has_status_reason_phrase_and_message(w: World) -> None:
    errors = 0
    for call, options in _refused(w, w.operation):
        with w.attempt():
            answer = call.send(w, **options)
            if answer.status >= 400:
                errors += 1
                expect_error_form(w, answer)
    if not errors:
        raise Unprepared(f"{w.operation.id} refused nothing")


def expect_error_form(w: World, answer: Answer) -> None:
    body = answer.json if isinstance(answer.json, dict) else {}
    message = body.get("message")
    good = (
        same_json(body.get("statusCode"), answer.status)
        and body.get("error") in _phrases(answer.status)
        and isinstance(message, str)
        and bool(message.strip())
    )
    expected = f"an error with statusCode {answer.status}, error {_phrases(answer.status)[-1]!r} and a message"
    w.expect(good, expected, f"{answer.status}: {answer.text[:500]}")


def _phrases(status: int) -> tuple[str, ...]:
    return OTHER_PHRASES.get(status) or (HTTPStatus(status).phrase if status in list(HTTPStatus) else "",)


def _refused(w: World, operation: Operation) -> Iterator[tuple[Call, Json]]:
    """Requests that the operation has to refuse, each with options to send it with."""
    call = valid_call(w, operation)
    bare = replace(call, body=ABSENT)
    yield bare, {"role": None}
    yield bare, {"authorization": "Bearer no-such-key"}
    yield replace(bare, path=operation.at(UNKNOWN_IDS[0]) + "/nowhere/at/all"), {}
    yield replace(bare, method="PATCH"), {}
    yield replace(call, path=call.path.partition("?")[0] + "?skipCache=maybe&limit=0&size=x"), {}
    if operation.has_id:
        yield call.at(operation, UNKNOWN_IDS[0]), {}
        yield call.at(operation, "abc"), {}
    if operation.method in WRITES and "reader" in w.client.target.keys:
        yield call, {"role": "reader"}
    if operation.has_body:
        yield bare, {"raw": b"{", "role": None if operation.id == "authenticate" else "owner"}
        yield replace(call, body={"handler": 1, "metadata": "x", "apikey": 7, "deleted": "x"}), {}
        yield call, {"content_type": "application/xml"}
        yield from ((each, {}) for each in _clashes(w, call, operation))
    if kind(operation) == "create{}DataSource":
        yield bare, {"raw": b" " * ABOVE_LIMIT}


def _clashes(w: World, call: Call, operation: Operation) -> Iterator[Call]:
    """Well-formed requests that the state does not allow."""
    name = kind(operation)
    if name == "create{}DataSource":
        taken = stand(w)
        twice = [w.metadata(**dict(taken.metadata, dataSourceName=w.fresh_name())) for _ in range(2)]
        yield replace(call, body=taken.body)
        yield replace(call, body=w.several_body(2, metadata=twice))
    elif name in ("update{}Handler", "bulkUpdate{}DataSources"):
        renamed = update_body if name == "update{}Handler" else bulk_body
        yield replace(call, body=renamed(standing(call.made), dataSourceName=stand(w).name))
    elif name == "createDictionary":
        yield call.at(operation, stand(w).data_source_id)


# ERR-3


@promise("ERR-3", on=has_numeric_id, once=True)
def test_an_unknown_id_is_404(w: World) -> None:
    call = valid_call(w, w.operation)
    for identifier in (*UNKNOWN_IDS, *_ids_of_another_kind(w, standing(call.made))):
        if w.operation.method != "GET":
            _ensure_unknown(w, identifier)
        for role in ("owner", "reader"):
            if role in w.client.target.keys:
                with w.attempt():
                    answer = call.at(w.operation, identifier).send(w, role=role)
                    w.expect(answer.status == 404, "404 for an unknown id", f"{answer.status}: {answer.text[:500]}")


def _ids_of_another_kind(w: World, made: Made) -> list[int]:
    """A data source id in the place of a handler id, or the other way round, unless it is known there too.

    A read that leads to what was made says that the wrong kind of id is known.
    """
    identifier = made.data_source_id if "{handlerId}" in w.operation.path else made.handler_id
    found = w.call("GET", _read_path(w, identifier))
    shown = found.json if isinstance(found.json, dict) else {}
    if found.status == 404 or made.data_source_id in (shown.get("dataSourceId"), shown.get("id")):
        return [identifier] if made.data_source_id != made.handler_id else []
    return []


def _read_path(w: World, identifier: int) -> str:
    """Where what has the id that the operation asks for can be read."""
    handler = f"/{w.connector.prefix}/handler/{identifier}"
    return handler if "{handlerId}" in w.operation.path else f"/dataSource/{identifier}"


def _ensure_unknown(w: World, identifier: int) -> None:
    """Nothing may be written by chance. Raises `Unprepared` when something with the id can be read."""
    if w.call("GET", _read_path(w, identifier)).status != 404:
        raise Unprepared(f"whether {identifier} is an unknown id cannot be seen")


@promise("ERR-3", on=C5, once=True)
def test_a_handler_of_another_connector_is_404(w: World) -> None:
    own = stand(w)
    others = [w.make(connector=other) for other in w.others]
    if not others:
        w.cannot("it needs a second connector in scope: add its table to the target file")
    for operation in w.routes.operations:
        if operation.connector == w.connector and has_numeric_id(operation):
            call = valid_call(w, operation, made=own)
            for other in others:
                with w.attempt():
                    answer = call.at(operation, other.handler_id).send(w)
                    expected = f"404 from {operation.id} for a handler of {other.connector}"
                    w.expect(answer.status == 404, expected, f"{answer.status}: {answer.text[:500]}")


# ERR-4


@promise("ERR-4", on=lambda o: o.has_body, once=True)
def test_a_body_of_another_media_type_is_415(w: World) -> None:
    call = valid_call(w, w.operation)
    for media in OTHER_TYPES[: -1 if w.operation.id == "authenticate" else None]:
        with w.attempt():
            answer = call.send(w, content_type=media)
            w.expect(answer.status == 415, f"415 for a body of {media}", f"{answer.status}: {answer.text[:500]}")


@promise("ERR-4", once=True, weight=100)
def test_a_body_over_the_limit_is_413(w: World) -> None:
    taking = [operation for operation in w.operations if operation.has_body]
    accepted, refused = [], False
    for operation in taking:
        with w.attempt():
            answer = _large(w, operation, ABOVE_LIMIT)
            if answer is not None and answer.status < 400:
                accepted.append(operation)
            elif answer is not None:
                _expect_413(w, answer, ABOVE_LIMIT, operation)
                refused = True
    size = ABOVE_LIMIT if refused else FAR_ABOVE_LIMIT
    for operation in accepted[:1]:
        answer = _large(w, operation, size)
        if answer is not None:
            _expect_413(w, answer, size, operation)
        w.note(f"the limit of this target is above {ABOVE_LIMIT} bytes, and was tried at one operation alone")


def _expect_413(w: World, answer: Answer, size: int, operation: Operation) -> None:
    expected = f"413 for {size} bytes at {operation.id}, above the limit of this API or of other operations"
    w.expect(answer.status == 413, expected, f"{answer.status}: {answer.text[:300]}")


def _large(w: World, operation: Operation, size: int) -> Answer | None:
    """The answer to a valid request with that many blanks at its end; None when the connection broke."""
    call = valid_call(w, operation)
    try:
        return w.call(call.method, call.path, raw=json.dumps(call.body).encode() + b" " * size)
    except Unreachable:
        w.note("the target closed the connection on a large body instead of answering")
        return None
