"""Faults of the connection itself, as a client on a socket meets them."""

import http.client
import json
import socket
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from typing import Any

import pytest

KEY = {"Authorization": "owner-key-local-only"}
LIST = "/dataSource"


@contextmanager
def asked(
    live: Any, prefer: str, method: str = "GET", target: str = LIST, body: Any = None
) -> Iterator[http.client.HTTPResponse]:
    """The response to the owner, on a connection of its own."""
    with closing(live.connect()) as connection:
        connection.request(method, target, None if body is None else json.dumps(body), {**KEY, "Prefer": prefer})
        with connection.getresponse() as response:
            yield response


@pytest.mark.parametrize(("reset", "created"), [("request", 0), ("answer", 1)])
def test_a_reset_is_one(live: Any, create_body: Callable[..., Any], reset: str, created: int) -> None:
    target = f"/t/reset-{reset}"

    with (
        pytest.raises(ConnectionResetError),
        asked(live, f"mock-reset={reset}", "POST", f"{target}/snowflake/handler", create_body()),
    ):
        pass

    assert live.call("GET", f"{target}{LIST}")[1]["count"] == created


def test_a_truncated_answer_ends_early(live: Any) -> None:
    with asked(live, "mock-truncate=5") as response, pytest.raises(http.client.IncompleteRead) as cut:
        response.read()

    assert (response.status, cut.value.partial, cut.value.expected) == (200, b'{"hit', 17)


def test_a_dripping_answer_arrives_whole_in_drops(live: Any) -> None:
    with socket.create_connection(("127.0.0.1", live.port), timeout=20) as connection:
        lines = [f"GET {LIST} HTTP/1.1", "Host: x", f"Authorization: {KEY['Authorization']}"]
        preference = "Prefer: mock-drip; bytes=4; seconds=0.05"
        connection.sendall("\r\n".join([*lines, preference, "Connection: close", "", ""]).encode())
        drops = list(iter(lambda: connection.recv(65536), b""))

    body = b"".join(drops).partition(b"\r\n\r\n")[2]
    assert (json.loads(body), len(drops) >= 4) == ({"hits": [], "count": 0}, True)


def test_a_client_that_leaves_a_dripping_answer_is_not_served_on(live: Any) -> None:
    with asked(live, "mock-drip; bytes=1; seconds=0.05", target=f"/t/left{LIST}") as response:
        response.read(1)

    deadline = time.monotonic() + 20
    while not (entries := live.call("GET", "/t/left/__mock__/journal")[1]) and time.monotonic() < deadline:
        time.sleep(0.02)
    assert (len(entries), len(entries[0]["response"]["body"]) < len('{"hits":[],"count":0}')) == (1, True)


def test_the_connection_goes_on_after_a_fault_that_answers(live: Any) -> None:
    connection = live.connect()
    statuses = []
    for prefer in ("mock-status=503", "mock-status=204", "mock-malformed", "wait=1"):
        connection.request("POST", "/asa/handler", b" " * 100_000, {**KEY, "Prefer": prefer})
        response = connection.getresponse()
        statuses.append((response.status, len(response.read()) > 0))
    connection.close()

    assert statuses == [(503, True), (204, False), (400, True), (400, True)]
