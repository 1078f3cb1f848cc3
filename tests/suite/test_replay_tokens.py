"""A failure whose requests carried tokens shows again with tokens of now that are as good."""

import re
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from defects import DEFECTS
from immuta_contracts.cli import main
from immuta_mock import Store
from planting import planted
from trouble import serving

KEY = "owner-key-local-only"
AGAIN = re.compile(r"^(\d+) of \1 failures show again", re.MULTILINE)
Captured = pytest.CaptureFixture[str]


@pytest.fixture
def brief(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """A mock with a defect, whose tokens live for a second."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("IMMUTA_API_KEY", KEY)
    store = Store(token_lifetime=timedelta(seconds=1))
    with serving(planted(store, DEFECTS[request.param])) as server:
        yield server.url


def failing(url: str, only: str) -> str:
    """What a run of one promise writes."""
    assert main(["--target", url, "--profile", "quick", "--only", only, "--seed", "1"]) == 1
    return Path("reports/run.json").read_text("utf-8")


@pytest.mark.parametrize("brief", ["ExpiredTokenIsForbidden"], indirect=True)
def test_with_an_expired_token_though_its_login_is_not_recorded(brief: str, capsys: Captured) -> None:
    assert "${IMMUTA_EXPIRED_TOKEN}" in failing(brief, "AUTH-1")
    assert main(["replay", "reports/run.json", "AUTH-1"]) == 1
    assert AGAIN.search(capsys.readouterr().out)


@pytest.mark.parametrize("brief", ["update_merges"], indirect=True)
def test_with_tokens_in_the_place_of_keys(brief: str, capsys: Captured) -> None:
    Path("target.toml").write_text(f'url = "{brief}"\nlogin = true\n', "utf-8")
    assert "${IMMUTA_TOKEN_OWNER}" in failing(brief, "UPDATE-1")
    assert main(["replay", "reports/run.json", "UPDATE-1"]) == 1
    assert AGAIN.search(capsys.readouterr().out)


@pytest.mark.parametrize("brief", ["ExpiredTokenIsForbidden"], indirect=True)
def test_where_tokens_live_on_it_says_why_not(brief: str, capsys: Captured) -> None:
    failing(brief, "AUTH-1")
    with serving(planted(Store())) as server:
        assert main(["replay", "reports/run.json", "AUTH-1", "--target", server.url]) == 2
    assert "carried an expired token, and those of now live longer than it waits for" in capsys.readouterr().out
