"""A mock under a clock that the test moves, and ways to call its control API and its own API."""

import json
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any

import pytest

from immuta_mock import Store, create_app
from immuta_mock.inprocess import InProcess

NOON = datetime(2026, 1, 15, 12, tzinfo=UTC)
KEY = "owner-key-local-only"

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
