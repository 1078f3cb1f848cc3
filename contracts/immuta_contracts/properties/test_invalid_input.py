"""ERR-2: malformed and schema-invalid input is 400, with a detailed reason."""

import json
from collections.abc import Iterator

from immuta_contracts.check import promise
from immuta_contracts.checks import kind
from immuta_contracts.exchange import Answer
from immuta_contracts.mistakes import body_mistakes, query_mistakes
from immuta_contracts.spec import Operation
from immuta_contracts.valid import Call, valid_call
from immuta_contracts.world import Json, World

PREFIX = "Bad request: "
ANY_TEXT = ("getCurrentUser", "getDataSourceByName", "listJobs", "authenticate")
NAMED_ELSEWHERE = ("skipCache", "limit=0")
"""Query parameters and values that HTTP-4 and SEARCH-3 refuse by name."""


def takes_values(operation: Operation) -> bool:
    """Whether an id or a query parameter may have a wrong value."""
    return operation.id not in ANY_TEXT and (operation.has_id or "parameters" in operation.definition)


@promise("ERR-2", on=lambda o: o.has_body, once=True)
def test_a_field_that_is_missing_or_wrong_is_400_with_the_reason(w: World) -> None:
    call = valid_call(w, w.operation)
    reasons: dict[str, set[str]] = {}
    for mistake in w.sample(body_mistakes(w, call, w.operation)):
        with w.attempt():
            answer = w.call(call.method, call.path, mistake.body, **_as_caller(w.operation))
            reasons.setdefault(_expect_reason(w, answer, mistake.what), set()).add(mistake.field)
    w.expect(
        len(reasons) > 1 or len(set().union(*reasons.values())) < 2,
        "the reason to tell one mistake from another",
        f"{next(iter(reasons), '')!r} for all of {sorted(set().union(*reasons.values()))}",
    )


@promise("ERR-2", on=lambda o: o.has_body, once=True)
def test_a_body_that_is_missing_or_no_json_is_400_with_the_reason(w: World) -> None:
    call = valid_call(w, w.operation)
    for what, raw in _malformed(call):
        with w.attempt():
            answer = w.call(call.method, call.path, raw=raw, **_as_caller(w.operation))
            _expect_reason(w, answer, what)


def _malformed(call: Call) -> Iterator[tuple[str, bytes | None]]:
    good = json.dumps(call.body).encode()
    yield "no body", None
    yield "a body of white space", b" \n"
    yield "a body cut off", good[:-1]
    yield "a body followed by more", good + b"}"
    yield "a trailing comma", good[:-1] + b",}"
    yield "single quotes", good.replace(b'"', b"'")
    yield "a field without a value", b'{"x":,' + good[1:]
    yield "NaN", b'{"x": NaN, ' + good[1:]
    yield "no UTF-8", b'{"x": "\xff", ' + good[1:]
    yield "plain text", b"handler"


@promise("ERR-2", on=takes_values, once=True)
def test_a_wrong_path_or_query_value_is_400_with_the_reason(w: World) -> None:
    call = valid_call(w, w.operation)
    if "Id}" in w.operation.path:
        for identifier in ("0", "abc"):
            _expect_reason_if_400(w, call.at(w.operation, identifier).send(w), f"the id {identifier}")
    for name, value in query_mistakes(w, w.operation):
        with w.attempt():
            answer = call.send(w, query={name: value})
            elsewhere = name in NAMED_ELSEWHERE or f"{name}={value}" in NAMED_ELSEWHERE
            judge = _expect_reason_if_400 if elsewhere else _expect_reason
            judge(w, answer, f"{name} is {value!r}")


def _as_caller(operation: Operation) -> Json:
    """At the login itself a credential beside the body would be a login of its own."""
    return {"role": None} if kind(operation) == "authenticate" else {}


def _expect_reason_if_400(w: World, answer: Answer, what: str) -> None:
    """The status is for another promise to judge."""
    if answer.status == 400:
        _expect_reason(w, answer, what)


def _expect_reason(w: World, answer: Answer, what: str) -> str:
    """The answer is 400 with a reason, which is returned."""
    message = answer.json.get("message") if isinstance(answer.json, dict) else None
    text = message if isinstance(message, str) else ""
    reason = text.removeprefix(PREFIX).strip(" .")
    good = answer.status == 400 and text.startswith(PREFIX) and bool(reason)
    w.expect(good, f"400 with {PREFIX!r} and a reason where {what}", f"{answer.status}: {answer.text[:500]}")
    return reason
