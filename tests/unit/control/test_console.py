"""The console as files: who may see them, and what they may do in a browser."""

import asyncio
import re
from typing import Any

import pytest

from immuta_mock import create_app
from immuta_mock.banner import banner
from immuta_mock.console.layer import PAGE
from immuta_mock.control.access import Access
from immuta_mock.inprocess import InProcess
from immuta_mock.users import DEFAULT_USERS

FILES = sorted(path.name for path in PAGE.iterdir())


def seen(app: Any, host: str = "127.0.0.1:8080", client: str = "127.0.0.1", **headers: str) -> int:
    """The status of the page for a client at an address that calls the server by a name."""
    pairs = [(b"host", host.encode()), *((n.replace("_", "-").encode(), v.encode()) for n, v in headers.items())]
    scope = {"type": "http", "method": "GET", "path": "/__mock__/ui", "query_string": b"", "headers": pairs}
    sent: list[Any] = []

    async def receive() -> Any:
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(message: Any) -> None:
        sent.append(message)

    asyncio.run(app({**scope, "client": (client, 1)}, receive, send))
    return int(sent[0]["status"])


@pytest.mark.parametrize("prefix", ["", "/t/ci-1"])
def test_the_page_may_load_nothing_but_its_own_files_and_be_in_no_frame(prefix: str) -> None:
    with InProcess(create_app()) as server:
        status, headers, body = server.send("GET", f"{prefix}/__mock__/ui")

    found = dict(headers)
    assert (status, found["content-type"], body) == (
        200,
        "text/html; charset=utf-8",
        (PAGE / "index.html").read_bytes(),
    )
    assert found["content-security-policy"].split("; ") == [
        "default-src 'none'",
        *(f"{kind}-src 'self'" for kind in ("script", "style", "img", "connect")),
        *(f"{what} 'none'" for what in ("base-uri", "form-action", "frame-ancestors")),
        "require-trusted-types-for 'script'",
        "trusted-types 'none'",
    ]
    assert (found["x-frame-options"], found["x-content-type-options"]) == ("DENY", "nosniff")
    assert (found["referrer-policy"], found["cache-control"]) == ("no-referrer", "no-store")


@pytest.mark.parametrize("name", FILES)
def test_every_file_is_served_and_names_no_address_outside(name: str) -> None:
    with InProcess(create_app()) as server:
        status, _, body = server.send("GET", f"/__mock__/ui/{name}")

    assert (status, body) == (200, (PAGE / name).read_bytes())
    assert re.findall(r"(?:https?:)?//(?!www\.w3\.org/2000/svg)[a-z][^ \n]*\.[a-z]+", body.decode()) == []
    assert re.findall(r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|eval\(", body.decode()) == []


@pytest.mark.parametrize("name", ["nothing.js", "..%2flayer.py", "../layer.py", "layer.py", "x/y.js", "%00"])
def test_no_other_file_is_served(name: str) -> None:
    with InProcess(create_app()) as server:
        assert server.send("GET", f"/__mock__/ui/{name}")[0] == 404


def test_a_slash_too_many_leads_to_the_page_of_the_same_tenant() -> None:
    with InProcess(create_app()) as server:
        status, headers, _ = server.send("GET", "/t/ci-1/__mock__/ui/")

    assert (status, dict(headers)["location"]) == (307, "../ui")


def test_the_page_can_only_be_read() -> None:
    with InProcess(create_app()) as server:
        head = server.send("HEAD", "/__mock__/ui")
        post = server.send("POST", "/__mock__/ui")

    assert (head[0], head[2], post[0], dict(post[1])["allow"]) == (200, b"", 405, "GET, HEAD")


def test_switched_off_there_is_no_page() -> None:
    key = [("authorization", "owner-key-local-only")]
    with InProcess(create_app(control=None)) as server:
        statuses = [server.send("GET", f"/__mock__/{name}", key)[0] for name in ("ui", "ui/main.js", "journal/events")]

    assert statuses == [404, 404, 404]
    assert "Console" not in banner("http://h", DEFAULT_USERS, console=False)
    assert "  Console     http://h/__mock__/ui\n" in banner("http://h", DEFAULT_USERS)


def test_the_page_is_shown_where_steering_is_allowed() -> None:
    assert seen(create_app()) == 200
    assert seen(create_app(), client="192.0.2.7") == 403
    assert seen(create_app(), host="evil.example:8080") == 403
    assert seen(create_app(), sec_fetch_site="cross-site") == 200  # a link to it on another page


def test_with_a_control_key_the_page_which_asks_for_it_is_shown_to_everybody() -> None:
    app = create_app(control=Access("a-key"))

    assert seen(app, host="mock.example", client="192.0.2.7") == 200
