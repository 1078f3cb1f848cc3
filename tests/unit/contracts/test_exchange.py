"""Answers tell JSON from what is none, and values are written down whatever they are."""

import pytest

from immuta_contracts.exchange import NO_JSON, Answer, Request, shown


def test_a_request_does_not_show_its_headers() -> None:
    assert "k-1" not in repr(Request("GET", "/x", (("Authorization", "k-1"),)))


@pytest.mark.parametrize("body", [b"", b"{", b"NaN", b"[Infinity]", b"[" * 100_000, b"\xff"])
def test_what_is_no_json_is_told_apart_from_null(body: bytes) -> None:
    assert Answer(200, {}, body).json is NO_JSON


def test_null_is_json() -> None:
    assert Answer(200, {}, b"null").json is None


@pytest.mark.parametrize(
    ("media", "body", "expected"),
    [
        ("application/json", b"{}", True),
        ("Application/JSON; charset=utf-8", b"[]", True),
        ("application/json", b"oops", False),
        ("text/html", b"{}", False),
        ("application/problem+json", b"{}", False),
    ],
)
def test_an_answer_is_json_when_type_and_body_are(media: str, body: bytes, expected: bool) -> None:
    assert Answer(200, {"content-type": media}, body).is_json is expected


def test_no_json_has_no_members() -> None:
    assert (NO_JSON.get("id"), NO_JSON.get("id", 1), repr(NO_JSON)) == (None, 1, "<no JSON>")


def test_shown_cuts_long_values() -> None:
    assert shown("x" * 3000).endswith("... (3000 characters)")


def test_shown_survives_values_that_are_no_json() -> None:
    assert shown({"a": NO_JSON}) == '{"a": "<no JSON>"}'


def test_shown_survives_values_that_json_cannot_write() -> None:
    endless: list[object] = []
    endless.append(endless)
    assert shown(endless) == "[[...]]"
