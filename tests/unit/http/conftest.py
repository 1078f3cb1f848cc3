"""A mock in process, and a way to call it that answers the status and the JSON of the body."""

import copy
import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from immuta_mock import Store, create_app
from immuta_mock.inprocess import InProcess

OWNER_KEY = "owner-key-local-only"
CREATE: dict[str, Any] = {
    "handler": {
        "metadata": {
            "hostname": "acme.example",
            "username": "loader",
            "password": "s3cret",
            "database": "SALES",
            "table": "CLIENTS",
            "columns": [{"name": "EMAIL", "dataType": "text", "remoteType": "varchar(80)"}],
        }
    },
    "dataSource": {
        "blobHandler": {"scheme": "https", "url": ""},
        "blobHandlerType": "Snowflake",
        "recordFormat": "",
        "type": "queryable",
        "name": "Clients",
        "sqlTableName": "clients",
    },
}


@pytest.fixture(scope="session")
def server() -> Iterator[InProcess]:
    """A mock that nobody writes to; a fresh one takes long enough to be noticed."""
    with InProcess(create_app()) as server:
        yield server


@pytest.fixture
def store() -> Store:
    return Store()


@pytest.fixture
def fresh_server(store: Store) -> Iterator[InProcess]:
    """A mock on `store`, for tests that write."""
    with InProcess(create_app(store)) as server:
        yield server


def calling(server: InProcess) -> Callable[..., tuple[int, Any]]:
    """`call(method, target, body, headers)`: a body that is not bytes is sent as JSON, the caller is the owner."""

    def call(method: str, target: str, body: Any = None, headers: dict[str, str] | None = None) -> tuple[int, Any]:
        raw = body if isinstance(body, bytes | None) else json.dumps(body).encode()
        sent = {"authorization": OWNER_KEY, **(headers or {})}
        status, answered, answer = server.send(method, target, sent.items(), raw)
        assert dict(answered)["content-type"] == "application/json"
        return status, json.loads(answer)

    return call


@pytest.fixture(scope="session")
def call(server: InProcess) -> Callable[..., tuple[int, Any]]:
    """Calls the mock that nobody writes to."""
    return calling(server)


@pytest.fixture
def write(fresh_server: InProcess) -> Callable[..., tuple[int, Any]]:
    """Calls a mock of the test's own."""
    return calling(fresh_server)


@pytest.fixture
def create_body() -> dict[str, Any]:
    return copy.deepcopy(CREATE)


@pytest.fixture
def created(write: Callable[..., tuple[int, Any]], create_body: dict[str, Any]) -> dict[str, Any]:
    """The answer to the creation of the one data source there is, on the test's own mock."""
    status, answer = write("POST", "/snowflake/handler", create_body)
    assert status == 200
    return dict(answer)
