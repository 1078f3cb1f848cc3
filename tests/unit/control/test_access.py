"""Who may steer: whoever is on loopback, or with a control key its holders; and nobody when it is switched off."""

import asyncio
import json
from typing import Any

import pytest

from immuta_mock import create_app
from immuta_mock.control.access import Access
from immuta_mock.inprocess import InProcess


def health(app: Any, client: tuple[str, int] | None, **headers: str) -> tuple[int, str | None]:
    """Status and message of the answer to a client at an address."""
    pairs = [(name.replace("_", "-").encode(), value.encode()) for name, value in headers.items()]
    scope = {"type": "http", "method": "GET", "path": "/__mock__/health", "query_string": b"", "headers": pairs}
    sent: list[Any] = []

    async def receive() -> Any:
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(message: Any) -> None:
        sent.append(message)

    asyncio.run(app({**scope, "client": client}, receive, send))
    return sent[0]["status"], json.loads(sent[1]["body"]).get("message")


def test_health_says_what_answers_and_how_much_it_holds() -> None:
    with InProcess(create_app()) as server:
        status, _, body = server.send("GET", "/__mock__/health")

    answer = json.loads(body)
    assert (status, answer.pop("version").count(".")) == (200, 2)
    assert answer == {"service": "immuta-mock", "status": "ok", "tenant": "default", "dataSources": 0}


@pytest.mark.parametrize("host", ["127.0.0.1", "127.8.0.1", "::1", "::ffff:127.0.0.1"])
def test_without_a_key_clients_on_loopback_may_steer(host: str) -> None:
    assert health(create_app(), (host, 1)) == (200, None)


def test_a_client_in_the_same_process_may_steer() -> None:
    assert health(create_app(), None) == (200, None)


@pytest.mark.parametrize("host", ["192.0.2.7", "testclient", "2001:db8::1"])
def test_without_a_key_others_may_not(host: str) -> None:
    message = f"The mock is steered from its own machine alone, not from {host}; start it with a control key."

    assert health(create_app(), (host, 1)) == (403, message)


def test_a_page_of_another_site_may_not_steer() -> None:
    ours = {"host": "127.0.0.1:8080", "origin": "http://127.0.0.1:8080"}

    assert health(create_app(), ("127.0.0.1", 1), **ours) == (200, None)
    assert health(create_app(), ("127.0.0.1", 1), **{**ours, "origin": "https://evil.example"})[0] == 403
    assert health(create_app(), ("127.0.0.1", 1), **{**ours, "origin": "null"})[0] == 403


@pytest.mark.parametrize("site", ["cross-site", "same-site"])
def test_a_page_of_another_site_may_not_read_either(site: str) -> None:
    ours = {"host": "localhost:8080", "sec_fetch_site": "same-origin"}

    assert health(create_app(), ("127.0.0.1", 1), **ours) == (200, None)
    assert health(create_app(), ("127.0.0.1", 1), **{**ours, "sec_fetch_site": site})[0] == 403


@pytest.mark.parametrize(
    "host",
    ["127.0.0.1", "127.0.0.1:8080", "localhost:8080", "LOCALHOST.", "a.localhost:1", "[::1]:8080", "192.0.2.7:80", ""],
)
def test_an_address_that_nobody_can_turn_may_be_used(host: str) -> None:
    assert health(create_app(), ("127.0.0.1", 1), host=host) == (200, None)


@pytest.mark.parametrize(
    "host",
    [
        "evil.example:8080",
        "127.0.0.1.evil.example",
        "localhost.evil.example",
        "notlocalhost:8080",
        "127.evil",
        "[evil]",
    ],
)
def test_a_name_that_somebody_may_have_made_to_mean_this_machine_may_not(host: str) -> None:
    ours = {"host": host, "origin": f"http://{host}", "sec_fetch_site": "same-origin"}
    message = f"The mock is steered from its own machine alone, not at the address {host}; start it with a control key."

    assert health(create_app(), ("127.0.0.1", 1), **ours) == (403, message)


def test_with_a_key_its_holders_may_steer_wherever_they_are() -> None:
    app = create_app(control=Access("a-key"))
    message = "The control key of this mock must be provided in the header X-Mock-Control-Key."

    assert health(app, ("192.0.2.7", 1), x_mock_control_key="a-key") == (200, None)
    assert health(app, ("127.0.0.1", 1)) == (401, message)
    assert health(app, ("127.0.0.1", 1), x_mock_control_key="b-key") == (401, message)


def test_a_key_is_not_shown() -> None:
    assert "a-key" not in repr(Access("a-key"))


def test_switched_off_the_paths_are_unknown_ones() -> None:
    with InProcess(create_app(control=None)) as server:
        statuses = [
            server.send("GET", "/__mock__/health", headers)[0]
            for headers in ([], [("authorization", "owner-key-local-only")])
        ]

    assert statuses == [401, 404]


@pytest.mark.parametrize(
    ("method", "target", "status"),
    [("GET", "/__mock__/", 404), ("GET", "/__mock__/x", 404), ("POST", "/__mock__/health", 405)],
)
def test_what_is_no_operation_is_refused_in_the_one_shape(method: str, target: str, status: int) -> None:
    with InProcess(create_app()) as server:
        answered, _, body = server.send(method, target)

    assert (answered, json.loads(body).keys()) == (status, {"statusCode", "error", "message"})
