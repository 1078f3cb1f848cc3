"""A request survives being written down and read again, its secrets in the environment alone."""

import json

import pytest

from immuta_contracts.exchange import Request
from immuta_contracts.redaction import Redactor
from immuta_contracts.reports.requests import MissingVariable, read, written

JSON = (("Content-Type", "application/json"),)
ENVIRONMENT = {"IMMUTA_API_KEY": 'k-"1"&2'}


@pytest.mark.parametrize(
    "body",
    [
        None,
        b"",
        b'{"a": "\xc3\xa9"}',
        b"\xff\x00{",
        b"[" * 9000 + b"]" * 9000,
        b'{"x": "' + b"\xff" * 5000 + b'"}',
        b'{"apikey": "k-\\"1\\"&2", "x": "\xff"}',
    ],
)
def test_a_request_survives_being_written_and_read(body: bytes | None) -> None:
    request = Request("PUT", "/a%20b?c=d", (("Authorization", 'Bearer k-"1"&2'), *JSON), body)
    document = json.loads(json.dumps(written(Redactor({'k-"1"&2': "IMMUTA_API_KEY"}).request(request))))
    assert '"1' not in json.dumps(document)
    assert len(json.dumps(document)) < 500
    assert read(document, ENVIRONMENT) == request


def test_a_form_is_encoded_again() -> None:
    form = (("Content-Type", "application/x-www-form-urlencoded"),)
    request = Request("POST", "/x", form, b"apikey=k-%221%22%262")
    document = written(Redactor({'k-"1"&2': "IMMUTA_API_KEY"}).request(request))
    assert document["body"] == "apikey=${IMMUTA_API_KEY}"
    assert read(document, ENVIRONMENT) == request


def test_a_variable_may_have_any_name() -> None:
    request = Request("POST", "/x", (), b'{"password": "of the warehouse"}')
    document = written(Redactor({"of the warehouse": "WAREHOUSE_2"}).request(request))
    assert document["body"] == '{"password": "${WAREHOUSE_2}"}'
    assert read(document, {"WAREHOUSE_2": "of the warehouse"}) == request


def test_a_missing_key_is_named() -> None:
    document = {"method": "GET", "target": "/x", "headers": [["Authorization", "${IMMUTA_TOKEN}"]], "body": None}
    with pytest.raises(MissingVariable, match="the environment lacks IMMUTA_TOKEN"):
        read(document, ENVIRONMENT)


def test_what_the_run_made_up_itself_has_a_stand_in() -> None:
    body = '{"password": "${IMMUTA_PASSWORD}"}'
    document = {"method": "PUT", "target": "/x", "headers": [], "body": body}
    assert read(document, {}).body == b'{"password": "c3RhbmQtaW4="}'
    assert read(document, {"IMMUTA_PASSWORD": 'a"b'}).body == b'{"password": "a\\"b"}'
