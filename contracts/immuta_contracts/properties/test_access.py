"""AUTH-1 to AUTH-3: which credentials are taken, and that they are looked at before anything else."""

from collections.abc import Iterator
from dataclasses import replace

from immuta_contracts.check import promise
from immuta_contracts.checks import kind
from immuta_contracts.client import ABSENT
from immuta_contracts.exchange import Answer
from immuta_contracts.made import Made
from immuta_contracts.spec import Operation
from immuta_contracts.target import Unreachable
from immuta_contracts.tokens import Token, expired_token, login
from immuta_contracts.valid import COLUMNS, SPENT, Call, valid_call
from immuta_contracts.world import World

MESSAGE = "A valid Authorization token must be provided."
UNKNOWN = ("", "Bearer", "no-such-key", "Bearer no-such-key", "Bearer 6f1c0f2e-8d0e-41ee-9a1b-0242ac120002")
NEAR = ("{key}x", "Bearer x{key}", "Basic {key}")
KEY_SPELLINGS = ("Bearer {}", "bearer {}", "BEARER {}")
TOKEN_SPELLINGS = ("{}", "Bearer {}", "bEARER {}")
UNKNOWN_ID = 2**31 - 1
ABOVE_LIMIT = 11 * 2**20
TAKING_LARGE_BODIES = ("create{}DataSource", "updateDictionary")
ELSEWHERE = (
    ("GET", "/nowhere"),
    ("GET", "/api/snowflake/handler/1"),
    ("POST", "/asa"),
    ("GET", "/databricks/nothing/1"),
    ("PUT", f"/databricks/handler/{UNKNOWN_ID}/refreshNativeViewJob"),
    ("PUT", f"/trino/handler/{UNKNOWN_ID}/noSuchJob"),
    ("PATCH", f"/redshift/handler/{UNKNOWN_ID}"),
    ("DELETE", f"/snowflake/handler/{UNKNOWN_ID}"),
    ("DELETE", "/trino/bulk"),
    ("GET", "/dictionary"),
    ("PATCH", f"/dictionary/{UNKNOWN_ID}"),
    ("POST", "/dictionary/columns/more"),
)


def needs_login(operation: Operation) -> bool:
    """Logging in is the one operation that asks for no credential."""
    return operation.id != "authenticate"


@promise("AUTH-1", on=needs_login, once=True)
def test_no_credential_and_an_unknown_one_are_answered_401(w: World) -> None:
    call = valid_call(w, w.operation)
    _expect_unauthorized(w, call.send(w, role=None), "no credential")
    for credential in (*UNKNOWN, *_near(w.client.key("owner"))):
        with w.attempt():
            _expect_unauthorized(w, call.send(w, authorization=credential), "an unknown credential")


def _near(key: str) -> Iterator[str]:
    """Credentials that are nearly the key."""
    yield from (spelling.format(key=key) for spelling in NEAR)
    yield from sorted({key[:-1], key.swapcase()} - {key})


@promise("AUTH-1", once=True, weight=100)
def test_an_expired_token_is_answered_401(w: World) -> None:
    token = expired_token(w)
    if token is None:
        w.note("tokens live longer than a run waits, so an expired one was not tried")
        return
    standing: dict[object, Made] = {}
    for operation in filter(needs_login, w.operations):
        call = _on_standing(w, operation, standing)
        for spelling in ("Bearer {}", "{}"):
            with w.attempt():
                answer = call.send(w, authorization=spelling.format(token))
                _expect_unauthorized(w, answer, f"an expired token at {operation.id}")


def _on_standing(w: World, operation: Operation, standing: dict[object, Made]) -> Call:
    """A valid request of the operation on the one data source of its connector."""
    connector = operation.connector or w.connector
    if connector not in standing:
        standing[connector] = w.make(connector=connector, metadata=w.metadata(columns=[dict(each) for each in COLUMNS]))
    return valid_call(w, operation, made=standing[connector])


def _expect_unauthorized(w: World, answer: Answer, credential: str) -> None:
    message = answer.json.get("message") if isinstance(answer.json, dict) else None
    w.expect(
        answer.status == 401 and message == MESSAGE,
        f"401 with the message {MESSAGE!r} for {credential}",
        f"{answer.status}: {answer.text[:500]}",
    )


@promise("AUTH-2", on=needs_login, once=True)
def test_a_key_and_a_live_token_are_accepted_in_every_spelling(w: World) -> None:
    call, key = valid_call(w, w.operation), w.client.key("owner")
    usual = call.send(w, authorization=key)
    _expect_accepted(w, usual, usual, "a raw API key")
    w.prepared(usual, "the call with a raw API key")
    for spelling in KEY_SPELLINGS:
        with w.attempt():
            answer = _ready(w, call).send(w, authorization=spelling.format(key))
            _expect_accepted(w, answer, usual, "an API key spelled " + spelling.format("<key>"))
    token = login(w)
    for spelling in TOKEN_SPELLINGS:
        with w.attempt():
            ready = _ready(w, call)
            token = token if token.fresh() else login(w)
            answer = ready.send(w, authorization=spelling.format(token.text))
            _expect_live(w, answer, usual, token, "a live token spelled " + spelling.format("<token>"))


def _ready(w: World, call: Call) -> Call:
    """The request, or one just as good when it was spent."""
    return valid_call(w, w.operation) if kind(w.operation) in SPENT else call


def _expect_live(w: World, answer: Answer, usual: Answer, token: Token, credential: str) -> None:
    if answer.status == 401 and token.may_have_expired():
        w.note("a token expired before it could be used")
        return
    _expect_accepted(w, answer, usual, credential)


def _expect_accepted(w: World, answer: Answer, usual: Answer, credential: str) -> None:
    """Accepted is a call that goes as it does with the owner's API key."""
    accepted = answer.status != 401 and answer.status == usual.status
    w.expect(accepted, f"{credential} to be accepted", f"{answer.status}: {answer.text[:500]}")


@promise("AUTH-3", on=needs_login, once=True)
def test_credentials_are_checked_before_ids_bodies_and_media_types(w: World) -> None:
    for number, (what, call, options) in enumerate(_hopeless(w.operation)):
        with w.attempt():
            _expect_401(w, call.send(w, **options, role=None), what)
        if number % 2 == 0:
            with w.attempt():
                _expect_401(w, call.send(w, **options, authorization="Bearer no-such-key"), what)


def _expect_401(w: World, answer: Answer, what: str) -> None:
    w.expect(answer.status == 401, f"401 whatever else is wrong: {what}", f"{answer.status}: {answer.text[:500]}")


def _hopeless(operation: Operation) -> Iterator[tuple[str, Call, dict[str, object]]]:
    """Requests that nothing but 401 may refuse first: what is wrong with each, and options to send it with."""
    plain = Call(operation.method, operation.at(UNKNOWN_ID), {} if operation.has_body else ABSENT)
    yield "an unknown id" if operation.has_id else "a missing field", plain, {}
    yield "an odd query", replace(plain, path=f"{plain.path}?skipCache=maybe&limit=0&size=x"), {}
    if operation.has_id:
        yield from (("a bad id", plain.at(operation, bad), {}) for bad in ("0", "abc", "%0A", "1%2F2"))
    if operation.has_body:
        bare = replace(plain, body=ABSENT)
        yield "a missing body", bare, {}
        yield "no JSON", bare, {"raw": b"{"}
        yield "a body in a strange encoding", bare, {"raw": b"\xff\xfe{"}
        yield "a wrong type", replace(plain, body={"handler": 1, "metadata": "x"}), {}
        yield "a wrong media type", bare, {"raw": b"<a/>", "content_type": "application/xml"}


@promise("AUTH-3", once=True)
def test_credentials_are_checked_before_the_route(w: World) -> None:
    for method, path in ELSEWHERE:
        for credential in ({"role": None}, {"authorization": "no-such-key"}):
            with w.attempt():
                answer = w.client.call(method, path, **credential)
                _expect_401(w, answer, f"{method} {path} is no route")


@promise("AUTH-3", once=True)
def test_credentials_are_checked_before_the_size_of_a_body(w: World) -> None:
    for operation in (each for each in w.routes.operations if kind(each) in TAKING_LARGE_BODIES):
        with w.attempt():
            try:
                answer = w.call(operation.method, operation.at(UNKNOWN_ID), raw=b" " * ABOVE_LIMIT, role=None)
            except Unreachable:
                w.note("the target closed the connection on a large body, so it was not seen whether 401 comes first")
                return
            _expect_401(w, answer, f"a large body at {operation.id}")
