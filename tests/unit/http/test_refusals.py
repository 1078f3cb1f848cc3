"""The order of the checks, and the one shape of everything that is refused or goes wrong."""

import asyncio
import json
import logging
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import pytest
import starlette.exceptions
import werkzeug.exceptions

from immuta_mock import Store, create_app
from immuta_mock.error_mapping import ErrorMapping
from immuta_mock.errors import BadRequest
from immuta_mock.inprocess import InProcess

Call = Callable[..., tuple[int, Any]]

KEY = [("authorization", "owner-key-local-only")]
READER = {"authorization": "reader-key-local-only"}
INTERNAL_ERROR = {
    "statusCode": 500,
    "error": "Internal Server Error",
    "message": "The mock failed to answer; this is its fault, and its log says more.",
}


@pytest.fixture
def narrow() -> Iterator[InProcess]:
    """A mock that takes bodies of 100 bytes."""
    with InProcess(create_app(max_body=100)) as server:
        yield server


def test_each_check_comes_before_the_next(narrow: InProcess) -> None:
    long, bad = b" " * 101, b"{"
    text = ("content-type", "text/plain")

    def status(target: str, headers: list[tuple[str, str]], body: bytes) -> int:
        return narrow.send("PUT", target, headers, body)[0]

    assert [
        status("/nowhere/x?skipCache=x", [text], long),
        status("/nowhere/x?skipCache=x", [text, *KEY], long),
        status("/asa/handler/x?skipCache=x", [text, *KEY], long),
        status("/asa/handler/x?skipCache=x", KEY, long),
        status("/asa/handler/x?skipCache=x", KEY, bad),
        status("/asa/handler/1?skipCache=x", KEY, b"{}"),
    ] == [401, 404, 415, 413, 400, 400]


def test_the_body_is_checked_before_the_resource_and_the_resource_before_the_role(
    write: Call, created: dict[str, Any], create_body: dict[str, Any]
) -> None:
    body = {"handler": {"metadata": create_body["handler"]["metadata"] | {"columns": []}}}
    twice = {"handler": {"metadata": create_body["handler"]["metadata"]}}
    twice["handler"]["metadata"]["columns"] *= 2
    there, nowhere = f"/snowflake/handler/{created['id']}", "/snowflake/handler/99"

    assert [
        write("PUT", nowhere, {}, READER)[0],
        write("PUT", nowhere, body, READER)[0],
        write("PUT", there, twice, READER)[0],
        write("PUT", there, twice)[0],
        write("PUT", there, body)[0],
    ] == [400, 404, 403, 400, 200]


def test_a_taken_name_is_422_with_its_validation(
    write: Call, created: dict[str, Any], create_body: dict[str, Any]
) -> None:
    status, answer = write("POST", "/asa/handler", create_body)

    assert (status, answer) == (
        422,
        {
            "statusCode": 422,
            "error": "Unprocessable Entity",
            "message": "A data source named Clients already exists.",
            "validation": [{"code": "unique", "path": "dataSource.name"}],
        },
    )
    assert write("GET", "/dataSource")[1]["count"] == created["dataSourceId"] == 1


class Breaking(Store):
    """A store whose search raises what it is given."""

    raised: Exception = RuntimeError("secret detail")

    def search_columns(self, *_: Any) -> tuple[str, ...]:
        raise self.raised


def failing(raised: Exception) -> tuple[int, Any]:
    store = Breaking()
    store.raised = raised
    with InProcess(create_app(store)) as server:
        status, headers, body = server.send("GET", "/dictionary/columns", KEY)
    assert dict(headers)["content-type"] == "application/json"
    return status, json.loads(body)


def test_a_bug_is_500_in_the_same_shape_and_stays_in_the_log(caplog: pytest.LogCaptureFixture) -> None:
    assert failing(RuntimeError("secret detail")) == (500, INTERNAL_ERROR)
    assert [(record.levelno, record.getMessage()) for record in caplog.records] == [
        (logging.ERROR, "failed in searchDictionaryColumns")
    ]
    assert "secret detail" in caplog.text


@pytest.mark.parametrize(
    ("raised", "status", "message"),
    [
        (BadRequest("no."), 400, "Bad request: no."),
        (starlette.exceptions.HTTPException(401), 401, "A valid Authorization token must be provided."),
        (starlette.exceptions.HTTPException(404, "gone"), 404, "Not Found"),
        (
            starlette.exceptions.HTTPException(405, headers={"Allow": "PUT, GET"}),
            405,
            "'GET' is not allowed here; allowed: GET, PUT.",
        ),
        (starlette.exceptions.HTTPException(416, "no such range"), 400, "Bad request: no such range."),
        (werkzeug.exceptions.NotFound(), 404, "Not Found"),
        (werkzeug.exceptions.Conflict("twice"), 400, "Bad request: twice."),
    ],
)
def test_refusals_of_the_frameworks_get_the_same_shape(raised: Exception, status: int, message: str) -> None:
    answered, body = failing(raised)

    assert (answered, body["statusCode"], body["message"]) == (status, status, message)


@pytest.mark.parametrize("raised", [starlette.exceptions.HTTPException(503), werkzeug.exceptions.ServiceUnavailable()])
def test_failures_of_the_frameworks_are_bugs(raised: Exception) -> None:
    assert failing(raised) == (500, INTERNAL_ERROR)


def test_an_answer_off_the_document_is_a_bug_named_in_the_log(caplog: pytest.LogCaptureFixture) -> None:
    class Numbers(Store):
        def search_columns(self, *given: Any) -> Any:
            return given

    with InProcess(create_app(Numbers())) as server:
        status, _, body = server.send("GET", "/dictionary/columns?limit=3", KEY)

    assert (status, json.loads(body)) == (500, INTERNAL_ERROR)
    assert caplog.messages == [
        "searchDictionaryColumns answered 200 off the document: $[1].columnName is 3, expected a string"
    ]


def test_an_undocumented_status_is_a_bug_named_in_the_log(
    caplog: pytest.LogCaptureFixture, create_body: dict[str, Any]
) -> None:
    class Teapot(Store):
        def refresh_native_view(self, *asked: Any) -> Any:
            changed: dict[str, Any] = {"id": ("short and stout", 418)}
            return replace(super().refresh_native_view(*asked), **changed)

    with InProcess(create_app(Teapot())) as server:
        server.send("POST", "/snowflake/handler", KEY, json.dumps(create_body).encode())
        status, _, _ = server.send("PUT", "/snowflake/handler/1001/refreshNativeViewJob", KEY)

    assert (status, caplog.messages) == (500, ["refreshSnowflakeNativeView answered the undocumented status 418"])


def test_what_goes_wrong_after_the_answer_began_is_passed_on() -> None:
    async def app(_scope: Any, _receive: Any, send: Any) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": []})
        raise RuntimeError("too late")

    async def send(_message: Any) -> None:
        """Nobody listens."""

    with pytest.raises(RuntimeError, match="too late"):
        asyncio.run(ErrorMapping(app)({"type": "http"}, None, send))  # type: ignore[arg-type]  # nothing is received


def test_a_password_in_an_answer_is_off_the_document(
    caplog: pytest.LogCaptureFixture, create_body: dict[str, Any]
) -> None:
    class Leaking(Store):
        def get_handler(self, *asked: Any) -> Any:
            source = super().get_handler(*asked)
            return replace(source, metadata={**source.metadata, "password": "s3cret"})

    with InProcess(create_app(Leaking())) as server:
        server.send("POST", "/snowflake/handler", KEY, json.dumps(create_body).encode())
        status, _, body = server.send("GET", "/snowflake/handler/1001", KEY)

    assert (status, b"s3cret" in body) == (500, False)
    fault = "$.metadata.password is a value (not shown), expected nothing"
    assert caplog.messages == [f"getSnowflakeHandler answered 200 off the document: {fault}"]
