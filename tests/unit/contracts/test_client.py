"""The gate adds credentials, records what passes, and remembers what has to be removed."""

import json
from collections.abc import Callable
from typing import Any

import pytest

from immuta_contracts.bodies import names_in
from immuta_contracts.client import Client
from immuta_contracts.exchange import Answer, Request
from immuta_contracts.target import NotTried

Make = Callable[[Callable[[Request], Answer]], Client]


@pytest.fixture
def client(make_client: Make, reply: Callable[..., Answer]) -> Client:
    return make_client(lambda _request: reply(200, '{"token": "t0ken"}'))


def test_the_owner_is_the_default_role(client: Client) -> None:
    client.call("GET", "/dictionary/1")
    assert client.journal[0].request.headers == (("Authorization", "owner-secret-key"),)


def test_no_role_sends_no_credentials(client: Client) -> None:
    client.call("GET", "/dictionary/1", role=None)
    assert client.journal[0].request.headers == ()


def test_a_role_without_key_cannot_be_tried(client: Client) -> None:
    with pytest.raises(NotTried, match="no API key of the role reader: set IMMUTA_API_KEY_READER"):
        client.call("GET", "/dictionary/1", role="reader")


def test_json_null_is_a_body(client: Client) -> None:
    client.call("POST", "/asa/handler", json_body=None)
    assert client.journal[0].request.body == b"null"


def test_an_operation_is_recognised_and_covered(client: Client) -> None:
    client.call("GET", "/dictionary/columns", query={"searchText": "a b", "other": 3})
    exchange = client.journal[0]
    assert (exchange.operation, exchange.request.target) == (
        "searchDictionaryColumns",
        "/dictionary/columns?searchText=a%20b&other=3",
    )
    seen = client.coverage["searchDictionaryColumns"]
    assert (dict(seen.statuses), dict(seen.parameters)) == ({200: 1}, {"limit": 0, "searchText": 1})


def test_an_unknown_path_is_no_operation(client: Client) -> None:
    client.call("GET", "/nowhere")
    assert client.journal[0].operation is None


def test_names_asked_for_are_remembered_once(client: Client) -> None:
    body = {"handler": {"metadata": {"dataSourceName": "b"}}, "dataSource": {"name": "a"}}
    client.call("POST", "/asa/handler", json_body=body)
    client.call("POST", "/asa/handler", json_body=body)
    assert client.names == ["a", "b"]


def test_an_unreadable_body_asks_for_no_name(client: Client) -> None:
    client.call("POST", "/asa/handler", raw=b'{"name": ')
    assert client.names == []


def test_a_token_counts_as_a_secret(client: Client) -> None:
    _, issued = client.token()
    assert issued == {"token": "t0ken"}
    assert client.redactor.secrets == {"t0ken": "IMMUTA_TOKEN", "owner-secret-key": "IMMUTA_API_KEY"}


@pytest.mark.parametrize(
    ("body", "names"),
    [
        ({"dataSource": {"name": "a"}, "handler": {"metadata": {}}}, ["a"]),
        ({"handler": [{"metadata": {"dataSourceName": "a"}}, {"metadata": {"dataSourceName": "b"}}]}, ["a", "b"]),
        ([{"handler": {"metadata": {"dataSourceName": "a"}}}], ["a"]),
        ({"name": "a"}, ["a"]),
        ({"name": 1, "dataSource": None, "handler": "x"}, []),
        ("text", []),
        ({"name": ""}, []),
    ],
)
def test_the_names_in_a_body(body: Any, names: list[str]) -> None:
    assert names_in(json.loads(json.dumps(body))) == names
