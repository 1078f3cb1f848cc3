"""One server: the documents it shows, overlays, isolation, and the way tests reach it."""

import asyncio
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from immuta_mock import Store, create_app
from immuta_mock.inprocess import InProcess
from immuta_mock.spec import SpecError, load_spec

Call = Callable[..., tuple[int, Any]]

KEY = [("authorization", "owner-key-local-only")]


def overlay(directory: Path, *actions: dict[str, Any]) -> Path:
    path = directory / "overlay.json"
    info = {"title": "Changes", "version": "1"}
    path.write_text(json.dumps({"overlay": "1.0.0", "info": info, "actions": actions}))
    return path


def test_the_document_is_shown_to_everybody_as_it_was_loaded(server: InProcess) -> None:
    status, headers, body = server.send("GET", "/openapi.json")

    assert (status, dict(headers)["content-type"]) == (200, "application/json")
    assert json.loads(body) == load_spec() | {"servers": [{"url": "/", "description": "This mock."}]}


@pytest.mark.parametrize(("method", "target"), [("GET", "/ui"), ("GET", "/ui/"), ("GET", "/ui/swagger-ui.css")])
def test_the_swagger_ui_is_there_for_everybody(server: InProcess, method: str, target: str) -> None:
    assert server.send(method, target)[0] in (200, 307)


def test_the_swagger_ui_shows_the_document(server: InProcess) -> None:
    assert b'"/openapi.json"' in server.send("GET", "/ui/")[2]


def test_head_of_the_document_is_its_headers(server: InProcess) -> None:
    status, headers, body = server.send("HEAD", "/openapi.json")

    assert (status, int(dict(headers)["content-length"]) > 100_000, body) == (200, True, b"")


def test_a_page_that_the_ui_lacks_is_404_in_the_one_shape(server: InProcess) -> None:
    status, _, body = server.send("GET", "/ui/nothing")

    assert (status, json.loads(body)["message"]) == (404, "Not Found")


@pytest.mark.parametrize("target", ["/openapi.json", "/ui/", "/ui"])
def test_the_documents_can_only_be_read(server: InProcess, target: str) -> None:
    assert [server.send("POST", target, headers)[0] for headers in ([], KEY)] == [401, 404]


def test_two_servers_share_nothing(create_body: dict[str, Any]) -> None:
    with InProcess(create_app()) as one, InProcess(create_app()) as other:
        one.send("POST", "/snowflake/handler", KEY, json.dumps(create_body).encode())

        counts = [json.loads(server.send("GET", "/dataSource", KEY)[2])["count"] for server in (one, other)]

    assert counts == [1, 0]


def test_two_servers_on_one_store_share_it(create_body: dict[str, Any]) -> None:
    store = Store()
    with InProcess(create_app(store)) as one, InProcess(create_app(store)) as other:
        one.send("POST", "/snowflake/handler", KEY, json.dumps(create_body).encode())

        assert json.loads(other.send("GET", "/dataSource", KEY)[2])["count"] == 1


def test_the_strict_overlay_requires_what_the_reference_does(create_body: dict[str, Any]) -> None:
    with InProcess(create_app(overlays=["strict"])) as server:
        status, _, body = server.send("POST", "/snowflake/handler", KEY, json.dumps(create_body).encode())

    missing = "$.dataSource.private is missing (true or false); $.dataSource.organization is missing (a string)"
    assert (status, json.loads(body)["message"]) == (400, f"Bad request: {missing}.")


def test_an_overlay_may_remove_an_operation(tmp_path: Path) -> None:
    path = overlay(tmp_path, {"target": "$.paths['/dataSource']", "remove": True})

    with InProcess(create_app(overlays=[path])) as server:
        assert server.send("GET", "/dataSource", KEY)[0] == 404


@pytest.mark.parametrize(
    ("action", "text"),
    [
        (
            {"target": "$.paths['/dataSource'].get", "update": {"operationId": "listEverything"}},
            "the mock has no operation 'listEverything'; an overlay may remove operations, not add them.",
        ),
        ({"target": "$.security", "remove": True}, "the document has no `security` at its top, which guards unknown"),
        ({"target": "$.info.title", "remove": True}, "is no valid OpenAPI 3.0: info: 'title' is a required property"),
        (
            {"target": "$.components.schemas.Column.properties.name", "update": {"pattern": "("}},
            "a schema of the document cannot be used",
        ),
        (
            {"target": "$.paths['/dataSource'].get.parameters[0].schema", "update": {"type": "object"}},
            "query parameter searchText: its type must be one of string, boolean, integer.",
        ),
    ],
)
def test_an_overlay_that_the_mock_cannot_serve_stops_the_start(
    tmp_path: Path, action: dict[str, Any], text: str
) -> None:
    with pytest.raises(SpecError) as refused:
        create_app(overlays=[overlay(tmp_path, action)])

    assert text in str(refused.value)
    assert "\n" not in str(refused.value)


def test_a_web_socket_is_closed() -> None:
    sent = []

    async def receive() -> dict[str, Any]:
        return {"type": "websocket.connect"}

    async def send(message: Any) -> None:
        sent.append(message)

    scope = {"type": "websocket", "path": "/", "headers": [], "query_string": b"", "root_path": ""}
    asyncio.run(create_app()(scope, receive, send))

    assert sent == [{"type": "websocket.close", "code": 1000}]


def test_a_client_who_goes_away_is_no_error(caplog: pytest.LogCaptureFixture) -> None:
    sent = []

    async def receive() -> dict[str, Any]:
        return {"type": "http.disconnect"}

    async def send(message: Any) -> None:
        sent.append(message)

    headers = [(b"authorization", b"owner-key-local-only")]
    scope = {"type": "http", "method": "POST", "path": "/asa/handler", "headers": headers, "query_string": b""}
    asyncio.run(create_app()(scope, receive, send))

    assert (sent, caplog.records) == ([], [])


def test_an_in_process_server_passes_a_target_on_as_a_server_does() -> None:
    seen: list[Any] = []

    async def app(scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] == "lifespan":
            return
        seen.append({name: scope[name] for name in ("method", "path", "raw_path", "query_string", "headers")})
        seen.append([await receive(), await receive()])
        await send({"type": "http.response.start", "status": 299, "headers": [(b"x-one", b"\xe9")]})
        await send({"type": "http.response.body", "body": b"a", "more_body": True})
        await send({"type": "http.response.body", "body": b"b"})

    with InProcess(app) as server:
        answer = server.send("PUT", "/a%2Fb%C3%A9?c=%20&d", [("X-Two", "2")], b"body")
        server.close()

    assert answer == (299, [("x-one", "é")], b"ab")
    assert seen == [
        {
            "method": "PUT",
            "path": "/a/bé",
            "raw_path": b"/a%2Fb%C3%A9",
            "query_string": b"c=%20&d",
            "headers": [(b"x-two", b"2"), (b"content-length", b"4")],
        },
        [{"type": "http.request", "body": b"body", "more_body": False}, {"type": "http.disconnect"}],
    ]
