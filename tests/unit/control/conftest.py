"""A mock under a clock that the test moves, and ways to call its control API and its own API."""

import http.client
import json
import re
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from immuta_mock import Store, create_app
from immuta_mock.inprocess import InProcess

NOON = datetime(2026, 1, 15, 12, tzinfo=UTC)
KEY = "owner-key-local-only"

PATIENCE = 20

Call = Callable[..., tuple[int, Any]]


@pytest.fixture
def store() -> Store:
    return Store(clock=lambda: NOON)


@pytest.fixture
def server(store: Store) -> Iterator[InProcess]:
    with InProcess(create_app(store)) as server:
        yield server


def calling(server: InProcess, prefix: str = "") -> Call:
    """`call(method, target, body, headers)`: a body that is not bytes is sent as JSON, the caller is the owner."""

    def call(method: str, target: str, body: Any = None, headers: dict[str, str] | None = None) -> tuple[int, Any]:
        raw = body if isinstance(body, bytes | None) else json.dumps(body).encode()
        status, _, answer = server.send(method, prefix + target, {"authorization": KEY, **(headers or {})}.items(), raw)
        return status, json.loads(answer)

    return call


@pytest.fixture
def call(server: InProcess) -> Call:
    """Calls the mocked API."""
    return calling(server)


@pytest.fixture
def steer(server: InProcess) -> Call:
    """Calls the control API."""
    return calling(server, "/__mock__")


class Live:
    """A mock in a process of its own, on a free port of loopback."""

    def __init__(self, log: Path, *options: str) -> None:
        self._log = log
        with log.open("wb") as out:
            command = [sys.executable, "-m", "immuta_mock", "--port", "0", "--quiet", *options]
            self.process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=out, stderr=out)
        self.port = self._awaited_port()
        self.url = f"http://127.0.0.1:{self.port}"

    def _awaited_port(self) -> int:
        deadline = time.monotonic() + PATIENCE
        while time.monotonic() < deadline and self.process.poll() is None:
            if match := re.search(r"listening on \S+:(\d+)", self.said):
                return int(match[1])
            time.sleep(0.02)
        raise AssertionError(f"the mock did not start: {self.said}")

    @property
    def said(self) -> str:
        return self._log.read_text()

    def connect(self) -> http.client.HTTPConnection:
        return http.client.HTTPConnection("127.0.0.1", self.port, timeout=PATIENCE)

    def call(self, method: str, target: str, body: Any = None, **headers: str) -> tuple[int, Any]:
        """Status and JSON of the answer to the owner; `_` in the name of a header stands for `-`."""
        connection = self.connect()
        sent = {"Authorization": KEY, **{name.replace("_", "-"): value for name, value in headers.items()}}
        connection.request(method, target, None if body is None else json.dumps(body), sent)
        response = connection.getresponse()
        answer = response.status, json.loads(response.read())
        connection.close()
        return answer

    def stop(self) -> int:
        self.process.terminate()
        return self.process.wait(PATIENCE)


@pytest.fixture(scope="module")
def live(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Live]:
    """A mock over HTTP that several tests share; nothing may go wrong in it unseen."""
    live = Live(tmp_path_factory.mktemp("live") / "log")
    yield live
    assert live.stop() == 0
    assert [line for line in live.said.splitlines() if "ERROR" in line or "Traceback" in line] == []


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Callable[..., Live]]:
    """Starts a mock with options, for one test alone."""
    started: list[Live] = []

    def start(*options: str) -> Live:
        started.append(Live(tmp_path / f"log-{len(started)}", *options))
        return started[-1]

    yield start
    for live in started:
        live.stop()


@pytest.fixture
def create_body() -> Callable[..., dict[str, Any]]:
    def body(name: str = "Clients", **metadata: Any) -> dict[str, Any]:
        base = {"hostname": "acme.example", "username": "loader", "password": "s3cret", "database": "SALES"}
        columns = [{"name": "EMAIL", "dataType": "text", "remoteType": "varchar(80)"}]
        settings = {"blobHandlerType": "Snowflake", "recordFormat": "", "type": "queryable", "sqlTableName": "clients"}
        return {
            "handler": {"metadata": {**base, "table": "CLIENTS", "columns": columns, **metadata}},
            "dataSource": {**settings, "blobHandler": {"scheme": "https", "url": ""}, "name": name},
        }

    return body


@pytest.fixture
def used(call: Call, create_body: Any) -> None:
    """Two creations and a list."""
    call("POST", "/snowflake/handler", create_body("One"))
    call("POST", "/snowflake/handler", create_body("Two", hostname="other.example"))
    call("GET", "/dataSource")
