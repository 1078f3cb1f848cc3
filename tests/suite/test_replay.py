"""A failure sent again shows again on the target that has the defect, not on one without, and leaves nothing behind."""

import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from immuta_contracts.cli import main
from immuta_contracts.exchange import Request
from immuta_contracts.target import MockProcess, Tenant

DEFECTS = "search_minds_letter_case,update_merges,bulk_reaches_other_connectors"
ONLY = "SEARCH-2,UPDATE-1,BULK-1"
KEY = "owner-key-local-only"

pytestmark = pytest.mark.parametrize("url", [DEFECTS], indirect=True)


@pytest.fixture(autouse=True)
def elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("IMMUTA_API_KEY", KEY)


@pytest.fixture
def healthy() -> Iterator[str]:
    """A mock without defects."""
    mock = MockProcess()
    yield mock.base_url
    mock.close()


@pytest.fixture(scope="module")
def written(url: str, tmp_path_factory: pytest.TempPathFactory) -> str:
    """What one run against the defective mock writes."""
    reports = tmp_path_factory.mktemp("reports")
    argv = ["--target", url, "--profile", "quick", "--only", ONLY, "--seed", "1", "--reports", str(reports)]
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(reports)
        patch.setenv("IMMUTA_API_KEY", KEY)
        assert main(argv) == 1
    return (reports / "run.json").read_text("utf-8")


@pytest.fixture
def recorded(written: str) -> dict[str, Any]:
    """The run document of that run, which lies where a replay is told to look for it."""
    path = Path("reports/run.json")
    path.parent.mkdir()
    path.write_text(written, "utf-8")
    document: dict[str, Any] = json.loads(written)
    return document


def replay(*argv: str) -> int:
    return main(["replay", "reports/run.json", *argv])


def sources(url: str) -> list[dict[str, Any]]:
    target = Tenant(url, {})
    try:
        answer = target.send(Request("GET", "/dataSource?size=1000", (("Authorization", KEY),)))
    finally:
        target.close()
    hits: list[dict[str, Any]] = answer.json["hits"]
    return hits


def test_failures_show_again_where_the_defect_is(
    url: str, recorded: dict[str, Any], capsys: pytest.CaptureFixture[str]
) -> None:
    failures = sum(len(promise["failures"]) for promise in recorded["promises"])
    assert replay() == 1
    said = capsys.readouterr().out
    assert said.endswith(f"{failures} of {failures} failures show again on {url}\n")
    assert {line.split()[0] for line in said.splitlines() if line.endswith(" shows again")} == set(ONLY.split(","))
    assert KEY not in said
    assert sources(url) == []


def test_failures_do_not_show_again_where_it_is_not(
    recorded: dict[str, Any], healthy: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert replay("--target", healthy) == 0
    said = capsys.readouterr().out
    assert f"SEARCH-2 [{recorded['promises'][-1]['failures'][0]['subject']}] does not show again: other answers" in said
    assert said.splitlines()[-1].startswith("0 of ")
    assert sources(healthy) == []


def test_one_promise_is_sent_again_with_the_ids_of_now(
    recorded: dict[str, Any], capsys: pytest.CaptureFixture[str]
) -> None:
    assert replay("UPDATE-1") == 1
    said = capsys.readouterr().out
    put = next(line for line in said.splitlines() if "curl" in line and "-X PUT" in line)
    before = next(
        request["curl"]
        for promise in recorded["promises"]
        for failure in promise["failures"]
        for request in failure["requests"]
        if (promise["id"], request["request"]["method"]) == ("UPDATE-1", "PUT")
    )
    assert put.split("/handler/")[1].split()[0] != before.split("/handler/")[1].split()[0]


@pytest.mark.usefixtures("recorded")
def test_a_promise_that_was_not_broken_cannot_be_replayed(capsys: pytest.CaptureFixture[str]) -> None:
    assert replay("DICT-5") == 2
    error = capsys.readouterr().err
    assert error.startswith("immuta-contract: reports/run.json has no failure of DICT-5 to send again; broken there: ")
    assert error.count("\n") == 1


@pytest.mark.usefixtures("recorded")
def test_without_a_key_nothing_is_sent(
    url: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.delenv("IMMUTA_API_KEY")
    assert "IMMUTA_API_KEY" not in os.environ
    assert replay() == 2
    assert capsys.readouterr().err == f"immuta-contract: no API key for {url}: set IMMUTA_API_KEY in the environment\n"


@pytest.mark.usefixtures("recorded")
def test_in_mode_read_nothing_is_written(url: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert replay("UPDATE-1", "--mode", "read") == 2
    assert "was not sent: kept back by the fence (mode read)" in capsys.readouterr().out
    assert sources(url) == []
