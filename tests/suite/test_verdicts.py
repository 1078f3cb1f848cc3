"""What a run over HTTP calls broken fails it or not: by evidence, and by the known deviations."""

import json
import tomllib
import xml.etree.ElementTree as ElementTree
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from immuta_contracts.cli import main

DEFECTIVE = "search_minds_letter_case,StatusCodeIsText"  # of SEARCH-2, [ref][inferred], and of ERR-1, [inferred]
ONLY = "SEARCH-2,ERR-1,DICT-5"
EXPIRED = '[[deviation]]\npromise = "SEARCH-2"\nreason = "known for long"\nexpires = 2020-01-01\n'

pytestmark = pytest.mark.parametrize("url", [DEFECTIVE], indirect=True)


@pytest.fixture(autouse=True)
def elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of its own, and the key of the mock."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("IMMUTA_API_KEY", "owner-key-local-only")
    return tmp_path


def run(url: str, *argv: str) -> int:
    return main(["--target", url, "--profile", "quick", "--only", ONLY, "--seed", "1", *argv])


def accept(*argv: str) -> int:
    return main(["accept", "reports/run.json", *argv])


def last_line(capsys: pytest.CaptureFixture[str]) -> str:
    lines = capsys.readouterr().out.splitlines()
    return next(line for line in lines if "promises kept" in line).partition(";")[0]


def reported() -> dict[str, Any]:
    document: dict[str, Any] = json.loads(Path("reports/run.json").read_text("utf-8"))
    return {each["id"]: each for each in document["promises"]}


def test_on_a_tenant_what_is_only_inferred_is_advisory(url: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(url, "--only", "ERR-1,DICT-5") == 0
    assert last_line(capsys) == "1 promises kept, 1 broken (1 advisory), 0 not tried"
    assert {name: (each["verdict"], each["gating"]) for name, each in reported().items()} == {
        "ERR-1": ("broken", False),
        "DICT-5": ("kept", True),
    }
    suite = ElementTree.parse("reports/junit.xml").getroot()
    assert (suite.get("failures"), suite.get("skipped")) == ("0", "1")


def test_a_gate_of_all_makes_it_fail(url: str) -> None:
    assert run(url, "--only", "ERR-1", "--gate", "all") == 1
    assert run(url, "--only", "ERR-1", "--gate", "docs,inferred") == 1


def test_an_unknown_gate_cannot_run(url: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(url, "--gate", "rfe") == 2
    assert capsys.readouterr().err == (
        "immuta-contract: command line, --gate: gate.0 is 'rfe': "
        "input should be 'ref', 'docs', 'client' or 'inferred'\n"
    )


def test_what_was_accepted_does_not_fail_the_next_run(url: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(url) == 1
    assert last_line(capsys) == "1 promises kept, 2 broken (1 advisory), 0 not tried"
    assert accept("--write", "--reason", "ticket 12", "--expires", "2999-01-01") == 0
    listed = tomllib.loads(Path("deviations.toml").read_text("utf-8"))["deviation"]
    assert {entry["promise"] for entry in listed} == {"ERR-1", "SEARCH-2"}
    assert listed[-1] == {
        "promise": "SEARCH-2",
        "operation": "searchDictionaryColumns",
        "reason": "ticket 12",
        "expires": date(2999, 1, 1),
    }
    assert run(url) == 0
    assert last_line(capsys) == "1 promises kept, 2 broken (1 advisory, 1 known), 0 not tried"
    assert reported()["SEARCH-2"]["deviation"]["state"] == "known"


def test_an_expired_entry_fails_the_run_until_it_is_renewed(url: str, capsys: pytest.CaptureFixture[str]) -> None:
    path = Path("deviations.toml")
    path.write_text(f"# ours\n{EXPIRED}", "utf-8")
    assert run(url) == 1
    out = capsys.readouterr().out
    assert "SEARCH-2   broken (expired)" in out
    assert "SEARCH-2: expired on 2020-01-01 and still broken: known for long" in out
    assert accept("--write") == 0
    assert path.read_text("utf-8").startswith(f"# ours\n{EXPIRED}\n# ")
    assert run(url) == 0


def test_an_entry_about_what_is_kept_is_said_to_be_fixed(url: str, capsys: pytest.CaptureFixture[str]) -> None:
    Path("known.toml").write_text(EXPIRED.replace("SEARCH-2", "DICT-5"), "utf-8")
    assert run(url, "--only", "DICT-5", "--deviations", "known.toml") == 0
    assert "  DICT-5: kept by now, expired on 2020-01-01: remove it" in capsys.readouterr().out
    assert reported()["DICT-5"]["deviation"]["state"] == "fixed"


def test_a_bad_file_of_deviations_cannot_run(url: str, capsys: pytest.CaptureFixture[str]) -> None:
    Path("deviations.toml").write_text(EXPIRED.replace("SEARCH-2", "SEARCH-22"), "utf-8")
    assert run(url) == 2
    assert capsys.readouterr().err == (
        "immuta-contract: deviations.toml: deviation 1: the promise 'SEARCH-22' is not known: "
        "did you mean 'SEARCH-2'?\n"
    )
