"""Curl lines say the same to a shell as the request said to the target, and secrets stay out of them."""

import subprocess
from collections.abc import Mapping

import pytest

from immuta_contracts.exchange import Request
from immuta_contracts.redaction import Redactor
from immuta_contracts.reports.curl import curl

BASE = "http://tenant.test"


def line_of(request: Request, known: Mapping[str, str] | None = None) -> str:
    return curl(Redactor(known or {}).request(request), BASE)


def words_of(line: str, **environment: str) -> list[str]:
    """The arguments that a shell hands to curl."""
    script = f'curl() {{ printf "%s\\0" "$@"; }}; {line}'
    done = subprocess.run(["bash", "-c", script], env=environment, capture_output=True, check=True)
    return done.stdout.decode("utf-8", "surrogateescape").split("\0")[:-1]


def test_a_get_is_a_plain_line() -> None:
    assert line_of(Request("GET", "/asa/handler/1")) == "curl -sS http://tenant.test/asa/handler/1"


@pytest.mark.parametrize("body", ['{"name": "it\'s $HOME `x` \\\\ é 😀"}', "", "a\nb", "tab\there", 'quote " only'])
def test_a_body_reaches_curl_unchanged(body: str) -> None:
    line = line_of(Request("PUT", "/x", (("Content-Type", "application/json"),), body.encode()))
    expected = ["-sS", "-X", "PUT", f"{BASE}/x", "-H", "Content-Type: application/json", "--data-binary", body]
    assert words_of(line) == expected


def test_bytes_that_are_no_text_reach_curl_unchanged() -> None:
    line = line_of(Request("POST", "/x", (), b"\xff'\\\x01{"))
    assert words_of(line)[-1].encode("utf-8", "surrogateescape") == b"\xff'\\\x01{"


def test_a_body_without_media_type_is_sent_without_one() -> None:
    assert words_of(line_of(Request("POST", "/x", (), b"{}")))[4:6] == ["-H", "Content-Type:"]


@pytest.mark.parametrize("variable", ["IMMUTA_API_KEY", "ACME_KEY_2"])
def test_a_key_is_read_from_its_variable(variable: str) -> None:
    line = line_of(Request("GET", "/x", (("Authorization", "Bearer k-1"),)), {"k-1": variable})
    assert "k-1" not in line
    assert words_of(line, **{variable: "k-1"})[-1] == "Authorization: Bearer k-1"


def test_a_key_in_a_body_is_read_from_its_variable() -> None:
    line = line_of(Request("POST", "/x", (), b'{"apikey": "k-1"}'), {"k-1": "IMMUTA_API_KEY"})
    assert "k-1" not in line
    assert words_of(line, IMMUTA_API_KEY="k-1")[-1] == '{"apikey": "k-1"}'


def test_an_empty_header_is_sent_empty() -> None:
    assert words_of(line_of(Request("GET", "/x", (("Authorization", ""),))))[-1] == "Authorization;"


def test_dots_in_a_path_stay() -> None:
    assert "--path-as-is" in line_of(Request("GET", "/a/../b"))


@pytest.mark.parametrize("body", [b'{"x": "' + b"a" * 5000 + b'"}', b"[" * 9000 + b"]" * 9000, b"'" * 4096 + b"\xff\n"])
def test_a_long_run_of_one_byte_is_made_by_the_line_itself(body: bytes) -> None:
    line = line_of(Request("POST", "/x", (), body))
    script = f'curl() {{ for last; do :; done; cat "${{last#@}}"; }}; {line}'
    assert len(line) < 300
    assert subprocess.run(["bash", "-c", script], capture_output=True, check=True).stdout == body
