"""A target whose answers a test scripts, and a small document to judge it by."""

from collections.abc import Callable
from typing import Any

import pytest

from immuta_contracts.client import Client
from immuta_contracts.exchange import Answer, Request
from immuta_contracts.spec import Routes

SPEC: dict[str, Any] = {
    "paths": {
        "/dictionary/columns": {
            "get": {
                "operationId": "searchDictionaryColumns",
                "x-promises": ["SEARCH-1"],
                "parameters": [{"$ref": "#/components/parameters/Limit"}, {"name": "searchText", "in": "query"}],
            }
        },
        "/dictionary/{dataSourceId}": {"get": {"operationId": "getDictionary", "x-promises": ["DICT-7"]}},
        "/asa/handler": {"post": {"operationId": "createAsaDataSource", "x-promises": ["CREATE-1"], "requestBody": {}}},
    },
    "components": {"parameters": {"Limit": {"name": "limit", "in": "query"}}},
}


class Scripted:
    """Answers each request by a function; remembers what it was asked."""

    base_url = "http://tenant.test"

    def __init__(self, reply: Callable[[Request], Answer]) -> None:
        self.keys = {"owner": "owner-secret-key"}
        self.requests: list[Request] = []
        self._reply = reply

    def send(self, request: Request) -> Answer:
        self.requests.append(request)
        return self._reply(request)

    def close(self) -> None:
        """Nothing is open."""


def answer(status: int, body: str = "{}") -> Answer:
    return Answer(status, {"content-type": "application/json"}, body.encode())


@pytest.fixture
def spec() -> dict[str, Any]:
    return SPEC


@pytest.fixture
def scripted() -> Callable[[Callable[[Request], Answer]], Scripted]:
    return Scripted


@pytest.fixture
def reply() -> Callable[..., Answer]:
    return answer


@pytest.fixture
def make_client() -> Callable[[Callable[[Request], Answer]], Client]:
    return lambda script: Client(Scripted(script), Routes(SPEC))
