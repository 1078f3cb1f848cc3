"""Secrets are taken out of texts in every spelling, and requests keep working without them."""

import base64
import json
from urllib.parse import quote, quote_plus

import pytest

from immuta_contracts.exchange import Request
from immuta_contracts.redaction import Redactor, secret_parts, secrets_in
from immuta_contracts.strategies import ODD_TEXTS

KEY = 'Kq7/owner+key="é\\2026'
KNOWN = {KEY: "IMMUTA_API_KEY", "t0ken-of-the-run": "IMMUTA_TOKEN"}


@pytest.fixture
def redactor() -> Redactor:
    return Redactor(KNOWN)


@pytest.mark.parametrize(
    "spelled",
    [
        KEY,
        KEY.swapcase(),
        KEY[:-1],
        KEY[4:],
        json.dumps(KEY)[1:-1],
        json.dumps(KEY, ensure_ascii=False)[1:-1],
        json.dumps(json.dumps(KEY))[3:-3],
        quote(KEY, safe=""),
        quote_plus(KEY).lower(),
        base64.b64encode(KEY.encode()).decode(),
        base64.b64encode(b"user:" + KEY.encode() + b"\n").decode(),
        base64.urlsafe_b64encode(b"me:" + KEY.encode()).decode(),
    ],
)
def test_a_key_is_masked_in_every_spelling(redactor: Redactor, spelled: str) -> None:
    masked = redactor.mask(f"it said <{spelled}> twice: {spelled}")
    assert all(spelled[at : at + 10] not in masked for at in range(len(spelled) - 9))
    assert masked.startswith("it said <")
    assert masked.count("***") == 2


@pytest.mark.parametrize(
    ("setting", "parts"),
    [
        ("a-key-of-the-tests", ["a-key-of-the-tests"]),
        ("k://ey@x", ["k://ey@x"]),
        ("http://proxy.example:3128", []),
        ("http://loader:hun%24ter@proxy.example", ["loader:hun%24ter", "loader:hun$ter", "hun%24ter", "hun$ter"]),
        ("https://loader@proxy.example", []),
        ("http://loader:a/b@proxy.example", ["loader:a/b", "a/b"]),
    ],
)
def test_of_a_url_the_login_alone_is_secret(setting: str, parts: list[str]) -> None:
    assert secret_parts(setting) == parts


def test_a_short_secret_is_masked_whole() -> None:
    assert Redactor({"k-1": "IMMUTA_API_KEY", "": "IMMUTA_TOKEN"}).mask("K-1 and k-10") == "*** and ***0"


def test_members_that_hold_secrets_are_masked_whatever_their_value(redactor: Redactor) -> None:
    answer = {
        "password": "x",
        "nested": [{"Token": 'a"b'}],
        "userFiles": [{"keyName": "k", "content": "QQ=="}],
        "id": 1,
    }
    assert json.loads(redactor.mask(json.dumps(answer))) == {
        "password": "***",
        "nested": [{"Token": "***"}],
        "userFiles": [{"keyName": "k", "content": "***"}],
        "id": 1,
    }
    assert redactor.mask('{"password": "cut in the mid') == '{"password": "***'
    assert redactor.mask(json.dumps({"message": '{"password": "x"}'})) == r'{"message": "{\"password\": \"***\"}"}'


def test_the_login_in_an_address_is_masked(redactor: Redactor) -> None:
    assert redactor.known("https://me:pw@host/x") == "https://***@host/x"
    assert redactor.known("loader@rs.example.io:5439/press") == "loader@rs.example.io:5439/press"


def test_a_request_holds_variables_in_the_place_of_secrets(redactor: Redactor) -> None:
    body = {"apikey": KEY, "handler": {"metadata": {"password": "p", "userFiles": [{"content": "QQ=="}], "port": 1}}}
    request = Request("POST", "/x", (("Authorization", f"bearer {KEY}"),), json.dumps(body).encode())
    redacted = redactor.request(request)
    metadata = {"password": "${IMMUTA_PASSWORD}", "userFiles": [{"content": "${IMMUTA_FILE_CONTENT}"}], "port": 1}
    assert redacted.headers == (("Authorization", "bearer ${IMMUTA_API_KEY}"),)
    assert json.loads(redacted.body or b"") == {"apikey": "${IMMUTA_API_KEY}", "handler": {"metadata": metadata}}


@pytest.mark.parametrize("nearly", ["t0ken-of-the-ru", "0ken-of-the-run", "T0KEN-OF-THE-RUN"])
def test_what_is_nearly_a_key_is_a_wrong_key(redactor: Redactor, nearly: str) -> None:
    redacted = redactor.request(Request("GET", "/x", (("Authorization", f"Bearer {nearly}"),)))
    assert redacted.headers == (("Authorization", "Bearer ${IMMUTA_WRONG_KEY}"),)


def test_a_password_that_is_no_text_stays(redactor: Redactor) -> None:
    request = Request("POST", "/x", (), b'{"password": 5, "password": "", "content": null}')
    assert redactor.request(request) == request


def test_a_secret_beside_a_long_run_is_found(redactor: Redactor) -> None:
    run = b" " * 5000
    redacted = redactor.request(Request("POST", "/x", (), run + b"t0ken-of-the-run" + run))
    assert redacted.body == run + b"${IMMUTA_TOKEN}" + run


def test_every_text_of_a_document_is_passed(redactor: Redactor) -> None:
    assert redactor.everywhere({"t0ken-of-the-run": ["t0ken-of-the-run", 1, None]}) == {"***": ["***", 1, None]}


def test_headers_that_carry_credentials_are_masked_whole(redactor: Redactor) -> None:
    assert redactor.headers({"set-cookie": "a=b", "x": "t0ken-of-the-run", "etag": "1"}) == [
        ["set-cookie", "***"],
        ["x", "***"],
        ["etag", "1"],
    ]


@pytest.mark.parametrize("odd", ODD_TEXTS)
def test_a_text_that_the_kit_itself_publishes_is_no_secret_as_a_password(redactor: Redactor, odd: str) -> None:
    body = json.dumps({"password": odd, "name": f"contract-7-1 {odd}"}).encode()
    assert list(secrets_in(body)) == []
    assert redactor.request(Request("POST", "/", (), body)).body == body


def test_the_secrets_of_a_body_are_found() -> None:
    body = {
        "password": 'a long " password',
        "nested": {"password": "short"},
        "userFiles": [{"content": "QUJDREVGRw=="}],
    }
    found = dict(secrets_in(json.dumps(body).encode()))
    assert found == {'a long " password': "IMMUTA_PASSWORD", "QUJDREVGRw==": "IMMUTA_FILE_CONTENT"}
