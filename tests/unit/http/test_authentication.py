"""Credentials: their spellings, and that they are checked before anything else."""

import json
from collections.abc import Callable
from typing import Any

import pytest

from immuta_mock import Store
from immuta_mock.auth import credential
from immuta_mock.inprocess import InProcess

Call = Callable[..., tuple[int, Any]]

KEY = "owner-key-local-only"
UNAUTHENTICATED = {
    "statusCode": 401,
    "error": "Unauthorized",
    "message": "A valid Authorization token must be provided.",
}


@pytest.mark.parametrize("header", [KEY, f"Bearer {KEY}", f"bearer {KEY}", f"BEARER   {KEY}", f"  Bearer {KEY} "])
def test_a_key_is_accepted_with_and_without_bearer(call: Call, header: str) -> None:
    assert call("GET", "/dictionary/columns", headers={"authorization": header}) == (200, [])


@pytest.mark.parametrize("spelling", ["{}", "Bearer {}", "bEARER {}"])
def test_a_token_is_accepted_with_and_without_bearer(write: Call, store: Store, spelling: str) -> None:
    token = store.issue_token(KEY).token

    assert write("GET", "/dictionary/columns", headers={"authorization": spelling.format(token)}) == (200, [])


@pytest.mark.parametrize(
    "header", ["", " ", "Bearer", "Bearer ", "nobody", f"Basic {KEY}", f"{KEY}x", "Bearer Bearer", "ключ"]
)
def test_anything_else_is_refused(server: InProcess, header: str) -> None:
    status, headers, body = server.send(
        "GET", "/dictionary/columns", [("authorization", header.encode().decode("latin-1"))]
    )

    assert (status, json.loads(body)) == (401, UNAUTHENTICATED)
    assert dict(headers)["www-authenticate"] == "Bearer"


@pytest.mark.parametrize("method", ["GET", "PUT", "POST", "DELETE", "PATCH", "OPTIONS", "TRACE", "HEAD", "BREW"])
@pytest.mark.parametrize(
    "target",
    [
        *("/", "/nowhere", "/asa/handler/none", "/asa/handler/1/", "/asa//handler", "/dictionary/columns?limit=x"),
        *("/dataSource/%FF?skipCache=%FF", "/asa/handler/1%0A", "/asa/handler/%00", "/..", "*", "/openapi.yaml"),
    ],
)
def test_without_credentials_every_path_and_method_is_401(server: InProcess, method: str, target: str) -> None:
    headers = [("content-type", "text/plain")]

    status, _, body = server.send(method, target, headers, b"\xff" * 100)

    assert (status, json.loads(body)) == (401, UNAUTHENTICATED)


def test_a_body_over_the_limit_is_401_without_credentials(server: InProcess) -> None:
    status, _, body = server.send("POST", "/asa/handler", [], b" " * (11 * 1024 * 1024))

    assert (status, json.loads(body)) == (401, UNAUTHENTICATED)


def test_the_credential_is_what_follows_bearer() -> None:
    headers = ["Bearer key", "bearer\tkey", " key ", "Bearer", None]

    assert [credential(header) for header in headers] == ["key", "key", "key", "", ""]


LOGIN = "/bim/apikey/authenticate"


@pytest.mark.parametrize(
    ("headers", "body"),
    [
        ({}, json.dumps({"apikey": KEY}).encode()),
        ({"content-type": "application/json"}, json.dumps({"apikey": KEY, "more": 1}).encode()),
        ({"content-type": "application/x-www-form-urlencoded"}, f"apikey={KEY}".encode()),
        ({"authorization": f"Bearer {KEY}"}, None),
        ({"authorization": KEY}, b""),
        ({"authorization": "nobody"}, json.dumps({"apikey": KEY}).encode()),
    ],
)
def test_the_key_logs_in_as_json_as_a_form_or_in_the_header(
    server: InProcess, headers: dict[str, str], body: bytes | None
) -> None:
    status, _, answer = server.send("POST", LOGIN, headers.items(), body)
    token = json.loads(answer)["token"]

    assert (status, json.loads(answer)["authenticated"]) == (200, True)
    assert server.send("GET", "/bim/rpc/user/current", [("authorization", token)])[0] == 200


def test_a_bad_key_is_401_at_the_login(server: InProcess) -> None:
    status, _, body = server.send("POST", LOGIN, [], b'{"apikey": "nobody"}')

    assert (status, json.loads(body)) == (401, UNAUTHENTICATED)


@pytest.mark.parametrize(
    ("content_type", "body", "reason"),
    [
        ("application/json", b"", "$.apikey is missing (a non-empty string); send it in the body, or in Authorization"),
        ("application/json", b"{}", "$.apikey is missing (a string)"),
        ("application/json", b'{"apikey": 5}', "$.apikey is a value (not shown), expected a string"),
        (
            "application/json",
            b"{",
            "the body is not JSON: Expecting property name enclosed in double quotes at line 1, column 2",
        ),
        ("application/x-www-form-urlencoded", b"key=1", "$.apikey is missing (a string)"),
        (
            "application/x-www-form-urlencoded",
            b"apikey=%FF",
            "the body is no urlencoded form in UTF-8, or one of very many fields",
        ),
        ("application/x-www-form-urlencoded", b"\xff", "the body is not UTF-8: byte 0 is 0xff"),
    ],
)
def test_a_missing_key_is_400_at_the_login(server: InProcess, content_type: str, body: bytes, reason: str) -> None:
    status, _, answer = server.send("POST", LOGIN, [("content-type", content_type)], body)

    assert (status, json.loads(answer)["message"]) == (400, f"Bad request: {reason}.")


def test_the_login_takes_no_other_media_type(server: InProcess) -> None:
    assert server.send("POST", LOGIN, [("content-type", "text/plain")], b"apikey=x")[0] == 415
