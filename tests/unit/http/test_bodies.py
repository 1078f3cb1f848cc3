"""Bodies: media types, size, and JSON that is refused although or because a parser takes it."""

import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from immuta_mock import body, create_app
from immuta_mock.inprocess import InProcess

Call = Callable[..., tuple[int, Any]]

KEY = ("authorization", "owner-key-local-only")
LIMIT = 2000


@pytest.fixture
def narrow() -> Iterator[InProcess]:
    """A mock that takes bodies of `LIMIT` bytes."""
    with InProcess(create_app(max_body=LIMIT)) as server:
        yield server


@pytest.mark.parametrize(
    "content_type",
    [
        *(
            "application/json",
            "APPLICATION/JSON",
            "application/json; charset=utf-8",
            'application/json;charset="UTF-8"',
        ),
        *("application/merge-patch+json", "application/vnd.acme.v1+json; version=1", " application/json ", "", " "),
    ],
)
def test_json_in_any_spelling_is_json(write: Call, create_body: dict[str, Any], content_type: str) -> None:
    assert write("POST", "/snowflake/handler", create_body, {"content-type": content_type})[0] == 200


def test_a_body_without_a_content_type_is_json(write: Call, create_body: dict[str, Any]) -> None:
    assert write("POST", "/snowflake/handler", create_body)[0] == 200


@pytest.mark.parametrize(
    "content_type",
    [
        *("text/plain", "application/xml", "application/x-www-form-urlencoded", "multipart/form-data", "json", "*/*"),
        *("application/jsonx", "application/+json", "application/json; charset=utf-16", "text/json", "\xff"),
    ],
)
def test_another_media_type_is_415(call: Call, create_body: dict[str, Any], content_type: str) -> None:
    message = f"The media type {content_type!r} is not supported; send application/json."

    assert call("POST", "/snowflake/handler", create_body, {"content-type": content_type}) == (
        415,
        {"statusCode": 415, "error": "Unsupported Media Type", "message": message},
    )


@pytest.mark.parametrize("raw", [b"", b"{", b"\xff", b"[" * 200_000])
def test_an_operation_without_a_body_ignores_any(write: Call, created: dict[str, Any], raw: bytes) -> None:
    target = f"/snowflake/handler/{created['id']}/triggerHighCardinalityJob"

    status, answer = write("PUT", target, raw, {"content-type": "text/plain; charset=utf-16"})

    assert (status, len(answer)) == (200, 36)


def padded(size: int) -> bytes:
    return b"{" + b" " * (size - 2) + b"}"


@pytest.mark.parametrize("chunked", [False, True])
def test_the_limit_is_the_last_size_that_is_read(narrow: InProcess, chunked: bool) -> None:
    headers = [KEY, ("transfer-encoding", "chunked")] if chunked else [KEY]

    at, above = (narrow.send("POST", "/asa/handler", headers, padded(size)) for size in (LIMIT, LIMIT + 1))

    message = f"The request body is larger than the limit of {LIMIT} bytes; send a smaller one."
    assert at[0] == 400
    assert (above[0], json.loads(above[2])) == (
        413,
        {"statusCode": 413, "error": "Request Entity Too Large", "message": message},
    )


def test_a_declared_length_above_the_limit_is_refused_unread(narrow: InProcess) -> None:
    headers = [KEY, ("content-length", str(LIMIT + 1))]

    assert narrow.send("POST", "/asa/handler", headers, b"")[0] == 413


@pytest.mark.parametrize("length", ["", "x", "-1", "\xb2"])
def test_a_length_that_is_no_number_is_passed_over(narrow: InProcess, length: str) -> None:
    assert narrow.send("POST", "/asa/handler", [KEY, ("content-length", length)], b"{}")[0] == 400


def test_the_default_limit_is_10_mib(call: Call) -> None:
    limit = 10 * 1024 * 1024

    assert [call("POST", "/asa/handler", padded(size))[0] for size in (limit, limit + 1)] == [400, 413]


@pytest.mark.parametrize(
    ("raw", "reason"),
    [
        (b"", "the body is missing (an object)"),
        (b" ", "the body is not JSON: Expecting value at line 1, column 2"),
        (b"{,", "the body is not JSON: Expecting property name enclosed in double quotes at line 1, column 2"),
        (b"{} {}", "the body is not JSON: Extra data at line 1, column 4"),
        (b'{"a": NaN}', "the body is not JSON: it holds NaN"),
        (b'{"a": -Infinity}', "the body is not JSON: it holds -Infinity"),
        (b'{"a": 1e999}', "the body holds the number 1e999, which is too large"),
        (b'{"a": ' + b"9" * 5000 + b"}", "the body holds a number of 5000 digits, which is too long"),
        (b'{"a": "\\ud800"}', "the body holds half of a surrogate pair, which stands for no character"),
        (b'{"\\uDFFFx": 1}', "the body holds half of a surrogate pair, which stands for no character"),
        (b'{"a": "\xed\xa0\x80"}', "the body is not UTF-8: byte 7 is 0xed"),
        (b'{"a": "\xe9"}', "the body is not UTF-8: byte 7 is 0xe9"),
        ("{}".encode("utf-16"), "the body is not UTF-8: byte 0 is 0xff"),
        (b'{"a": ' + b"[" * 128 + b"]" * 128 + b"}", "the body is nested more than 128 levels deep"),
        (b"[" * 100_000 + b"]" * 100_000, "the body is nested more than 128 levels deep"),
        (b'{"a":' * 100_000, "the body is nested more than 128 levels deep"),
        (b"null", "$ is null, expected an object"),
        (b'"text"', '$ is "text", expected an object'),
    ],
)
def test_what_is_no_clean_json_is_400_with_the_reason(call: Call, raw: bytes, reason: str) -> None:
    message = f"Bad request: {reason}."

    assert call("PUT", "/dictionary/1", raw) == (400, {"statusCode": 400, "error": "Bad Request", "message": message})


@pytest.mark.parametrize(
    ("raw", "value"),
    [
        (b'\xef\xbb\xbf{"a": 1}', {"a": 1}),
        (b'{"a": 1, "a": 2}', {"a": 2}),
        (b'{"a": "\\ud83d\\ude00 \\\\ud800 \\u0000"}', {"a": "😀 \\ud800 \0"}),
        (b'{"a": ' + b"9" * 4000 + b"}", {"a": int("9" * 4000)}),
        (b"[" * 128 + b"]" * 128, json.loads("[" * 128 + "]" * 128)),
        (b"[" + b"[]," * 1000 + b"{}]", [[]] * 1000 + [{}]),
    ],
)
def test_unusual_json_is_read(raw: bytes, value: Any) -> None:
    assert body.parse_json(raw) == value


def test_a_value_100_levels_deep_is_kept_and_comes_back(write: Call, create_body: dict[str, Any]) -> None:
    deep: Any = "bottom"
    for _ in range(97):
        deep = [deep]
    create_body["handler"]["metadata"]["deep"] = deep

    status, created = write("POST", "/snowflake/handler", create_body)

    assert status == 200
    assert write("GET", f"/snowflake/handler/{created['id']}")[1]["metadata"]["deep"] == deep


def test_nul_in_text_and_long_numbers_are_kept_and_come_back(write: Call, create_body: dict[str, Any]) -> None:
    unusual = {"nul\0": "a\0b", "long": int("9" * 4000), "float": 1.5e300, "emoji": "😀"}
    create_body["handler"]["metadata"] |= unusual

    _, created = write("POST", "/snowflake/handler", create_body)
    metadata = write("GET", f"/snowflake/handler/{created['id']}")[1]["metadata"]

    assert {name: metadata[name] for name in unusual} == unusual
