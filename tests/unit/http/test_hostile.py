"""Hostile requests: whatever comes in, the answer is 2xx or 4xx in the one shape, and the mock goes on."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from immuta_mock import create_app
from immuta_mock.checks import compile_checks
from immuta_mock.inprocess import InProcess
from immuta_mock.spec import load_spec

KEY = ("authorization", "owner-key-local-only")
OPERATIONS = sorted(
    ((checks.method, checks.path) for checks in compile_checks(load_spec()).values()), key=lambda pair: pair[::-1]
)
BODIES = {
    "nothing": b"",
    "a space": b" ",
    "NUL": b"\0",
    "NUL in text": b'{"handler": "\\u0000", "metadata": ["\\u0000"]}',
    "NUL unescaped": b'{"metadata": "\0"}',
    "lone surrogate": b'{"metadata": "\\ud800"}',
    "encoded surrogate": b'{"metadata": "\xed\xa0\x80"}',
    "long integer": b'{"metadata": ' + b"9" * 5000 + b"}",
    "NaN": b'{"metadata": NaN, "ids": [NaN]}',
    "infinite": b'{"metadata": 1e999}',
    "duplicate keys": b'{"metadata": 1, "metadata": [], "handler": {}, "handler": {"metadata": {}, "metadata": 1}}',
    "utf-16": '{"metadata": []}'.encode("utf-16"),
    "utf-8 with a mark": b'\xef\xbb\xbf{"metadata": []}',
    "latin-1": '{"metadata": "é"}'.encode("latin-1"),
    "100 levels": b'{"metadata": ' + b"[" * 99 + b"]" * 99 + b"}",
    "100,000 levels": b"[" * 100_000 + b"]" * 100_000,
    "100,000 levels of objects": b'{"a":' * 100_000 + b"1" + b"}" * 100_000,
    "unclosed": b'{"metadata": [',
    "two values": b"{}{}",
    "not JSON": b"<xml/>",
    "a form": b"a=1&b=%FF",
    "at the limit": b"[" + b" " * (10 * 1024 * 1024 - 2) + b"]",
    "above the limit": b"[" + b" " * (10 * 1024 * 1024 - 1) + b"]",
    "null": b"null",
    "an empty key": b'{"": {"": ""}, "metadata": [{"": 1}]}',
    "very long text": b'{"metadata": "' + b"x" * 1_000_000 + b'"}',
    "very many columns": b'{"metadata": [' + b"5," * 100_000 + b"5]}",
}
TARGETS = (
    *("/%0A", "/%00", "/..", "/%2e%2e", "/%2F", "//", "/asa%0Ahandler", "/asa/handler/%0A", "/asa/handler/1%0A"),
    *("/asa/handler/%00", "/asa/handler/..", "/asa/handler/%2e%2e", "/asa/handler/%2F", "/asa/handler//", "*", ""),
    *("/dictionary/%F0%9F%98%80", "/dictionary/%FF", "/dictionary/%", "/dictionary/%zz", "/dictionary/%u0041"),
    *("/dictionary/99999999999999999999999999", "/dictionary/" + "9" * 5000, "/dataSource/name/" + "x" * 60_000),
    *("/dataSource/name/%0A%0D%00", "/dataSource/name/..%2F..", "/ui/%2e%2e/%2e%2e/etc/passwd", "/ui/%00", "/ui/\n"),
    *("/dictionary/columns?%00=%00", "/dictionary/columns?" + "limit=1&" * 2000, "/dictionary/columns?limit=%00"),
    *("/dictionary/columns?searchText=%ED%A0%80", "/dictionary/columns?=&&==", "/openapi.json?%FF", "/ui/?\xff"),
    *("/dataSource?dataSourceIds=" + "9" * 5000, "/dataSource?offset=" + "9" * 4000, "/jobs?bulkId=%00"),
)


@pytest.fixture(scope="module")
def server() -> Iterator[InProcess]:
    with InProcess(create_app()) as server:
        yield server


def judged(answer: tuple[int, Any, bytes]) -> int:
    """The status of an answer, after its shape was checked."""
    status, headers, body = answer
    assert status < 500
    if status >= 400:
        error = json.loads(body)
        assert dict(headers)["content-type"] == "application/json"
        assert error["statusCode"] == status
        assert {type(error["error"]), type(error["message"])} == {str}
    return status


def still_answers(server: InProcess) -> bool:
    return server.send("GET", "/bim/rpc/user/current", [KEY])[0] == 200


@pytest.mark.parametrize("name", BODIES)
def test_any_body_is_answered_by_every_operation(server: InProcess, name: str) -> None:
    statuses = {judged(server.send(method, path.replace("{", "1"), [KEY], BODIES[name])) for method, path in OPERATIONS}
    statuses |= {
        judged(server.send(method, path.format(handlerId=1, dataSourceId=1, name="x"), [KEY], BODIES[name]))
        for method, path in OPERATIONS
    }

    assert 400 in statuses
    assert still_answers(server)


@pytest.mark.parametrize("target", TARGETS, ids=lambda target: target[:40])
@pytest.mark.parametrize("method", ["GET", "PUT", "HEAD", "\xff"])
def test_any_target_is_answered(server: InProcess, method: str, target: str) -> None:
    judged(server.send(method, target, [KEY]))

    assert still_answers(server)


@pytest.mark.parametrize(
    "header",
    [
        *(
            ("content-type", text)
            for text in ("\0", "\xff", ";", "application/json;charset=", "a" * 10_000, "multipart/form-data")
        ),
        *(("content-length", text) for text in ("-1", "x", "9" * 5000, "\xb2", "0")),
        *(("authorization", text) for text in ("\0", "\xff", "Bearer \0", "x" * 100_000)),
        *(("host", "\xff"), ("cookie", "=;=\0"), ("transfer-encoding", "x"), ("expect", "y"), ("accept", "text/html")),
    ],
)
def test_any_header_is_answered(server: InProcess, header: tuple[str, str]) -> None:
    headers = [header] if header[0] == "authorization" else [KEY, header]

    for method, target in (("POST", "/asa/handler"), ("GET", "/asa/handler/1"), ("POST", "/bim/apikey/authenticate")):
        judged(server.send(method, target, headers, b"{}"))
    assert still_answers(server)


scalars = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=5)
names = st.sampled_from(["handler", "metadata", "dataSource", "columns", "ids", "name", "port", "table", "password"])
values = st.recursive(
    scalars, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(names | st.text(max_size=3), inner, max_size=5)
)


@given(operation=st.sampled_from(OPERATIONS), value=values, raw=st.none() | st.binary(max_size=20))
@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_drawn_bodies_are_answered(
    server: InProcess, operation: tuple[str, str], value: Any, raw: bytes | None
) -> None:
    method, path = operation
    body = raw if raw is not None else json.dumps(value).encode()

    judged(server.send(method, path.format(handlerId=1, dataSourceId=1, name="x"), [KEY], body))


@given(target=st.binary(max_size=30), query=st.binary(max_size=20), method=st.sampled_from(["GET", "PUT", "POST"]))
@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_drawn_targets_are_answered(server: InProcess, target: bytes, query: bytes, method: str) -> None:
    path = target.decode("latin-1").replace("?", "")

    judged(server.send(method, f"/{path}?{query.decode('latin-1')}", [KEY]))
    judged(server.send(method, f"/asa/handler/{path}?{query.decode('latin-1')}", [KEY]))
