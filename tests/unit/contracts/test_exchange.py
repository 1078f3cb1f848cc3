"""Curl lines say the same to a shell as the request said to the target, and secrets stay out of them."""

import subprocess

import pytest

from immuta_contracts.exchange import NO_JSON, Answer, Request, curl, shown

BASE = "http://tenant.test"


def words_of(line: str, **environment: str) -> list[str]:
    """The arguments that a shell hands to curl."""
    script = f'curl() {{ printf "%s\\0" "$@"; }}; {line}'
    done = subprocess.run(["bash", "-c", script], env=environment, capture_output=True, check=True)
    return done.stdout.decode("utf-8", "surrogateescape").split("\0")[:-1]


def test_a_get_is_a_plain_line() -> None:
    assert curl(Request("GET", "/asa/handler/1"), BASE, {}) == "curl -sS http://tenant.test/asa/handler/1"


@pytest.mark.parametrize("body", ['{"name": "it\'s $HOME `x` \\\\ é 😀"}', "", "a\nb", "tab\there", 'quote " only'])
def test_a_body_reaches_curl_unchanged(body: str) -> None:
    line = curl(Request("PUT", "/x", (("Content-Type", "application/json"),), body.encode()), BASE, {})
    expected = ["-sS", "-X", "PUT", f"{BASE}/x", "-H", "Content-Type: application/json", "--data-binary", body]
    assert words_of(line) == expected


def test_bytes_that_are_no_text_reach_curl_unchanged() -> None:
    line = curl(Request("POST", "/x", (), b"\xff'\\\x01{"), BASE, {})
    assert words_of(line)[-1].encode("utf-8", "surrogateescape") == b"\xff'\\\x01{"


def test_a_body_without_media_type_is_sent_without_one() -> None:
    assert words_of(curl(Request("POST", "/x", (), b"{}"), BASE, {}))[4:6] == ["-H", "Content-Type:"]


def test_a_key_is_read_from_its_variable() -> None:
    line = curl(Request("GET", "/x", (("Authorization", "Bearer k-1"),)), BASE, {"k-1": "IMMUTA_API_KEY"})
    assert "k-1" not in line
    assert words_of(line, IMMUTA_API_KEY="k-1")[-1] == "Authorization: Bearer k-1"


def test_a_key_in_a_body_is_read_from_its_variable() -> None:
    line = curl(Request("POST", "/x", (), b'{"apikey": "k-1"}'), BASE, {"k-1": "IMMUTA_API_KEY"})
    assert "k-1" not in line
    assert words_of(line, IMMUTA_API_KEY="k-1")[-1] == '{"apikey": "k-1"}'


def test_an_empty_header_is_sent_empty() -> None:
    assert words_of(curl(Request("GET", "/x", (("Authorization", ""),)), BASE, {}))[-1] == "Authorization;"


def test_dots_in_a_path_stay() -> None:
    assert "--path-as-is" in curl(Request("GET", "/a/../b"), BASE, {})


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


def test_no_secret_stays_in_a_body_that_holds_several() -> None:
    body = b'{"username": "svc-user", "password": "p4ss", "again": "svc-user"}'
    line = curl(Request("POST", "/x", (), body), BASE, {"svc-user": "LOGIN", "p4ss": "PASSWORD"})
    expected = """'{"username": "'"$LOGIN"'", "password": "'"$PASSWORD"'", "again": "'"$LOGIN"'"}'"""
    assert line.partition(" --data-binary ")[2] == expected


def test_shown_masks_secrets_and_cuts_long_values() -> None:
    assert shown({"token": "s3cret"}, secrets=("s3cret", "")) == '{"token": "***"}'
    assert shown("x" * 3000).endswith("... (3000 characters)")


def test_shown_survives_values_that_are_no_json() -> None:
    assert shown({"a": NO_JSON}) == '{"a": "<no JSON>"}'


def test_shown_survives_values_that_json_cannot_write() -> None:
    endless: list[object] = []
    endless.append(endless)
    assert shown(endless) == "[[...]]"


@pytest.mark.parametrize("body", [b'{"x": "' + b"a" * 5000 + b'"}', b"[" * 9000 + b"]" * 9000, b"'" * 4096 + b"\xff\n"])
def test_a_long_run_of_one_byte_is_made_by_the_line_itself(body: bytes) -> None:
    line = curl(Request("POST", "/x", (), body), BASE, {})
    script = f'curl() {{ for last; do :; done; cat "${{last#@}}"; }}; {line}'
    assert len(line) < 300
    assert subprocess.run(["bash", "-c", script], capture_output=True, check=True).stdout == body
