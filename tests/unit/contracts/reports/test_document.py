"""run.json is as its published schema says, and everything else is rendered from it."""

import io
import json
from pathlib import Path
from typing import Any

import jsonschema_rs
import pytest

from immuta_contracts import run
from immuta_contracts.check import Check
from immuta_contracts.cli import main
from immuta_contracts.contract import Contract
from immuta_contracts.exchange import Request
from immuta_contracts.profiles import QUICK
from immuta_contracts.reports.document import BadDocument, Document, latency, load, moment, schema, write
from immuta_contracts.reports.files import write_all
from immuta_contracts.reports.requests import read
from immuta_contracts.target import KEY_VARIABLES, InProcessMock
from immuta_contracts.world import World

RENDERED = ["failures.har", "junit.xml", "report.html", "summary.md"]


def fails(w: World) -> None:
    w.make(metadata=w.metadata(password="a-password-that-is-long"))
    w.expect_equal(w.call("GET", "/dictionary/999999").json, {"half a pair": "\ud800"}, "the answer")


@pytest.fixture(scope="module")
def whole() -> Document:
    """A run with a failure, on a mock."""
    target = InProcessMock()
    try:
        contract = Contract(target, profile=QUICK, seed=3)
        planned = run.plan(contract, "COMP-1,JOB-3")
        return run.document(contract, run.run(contract, [*planned, (fails_check(), None)], io.StringIO()))
    finally:
        target.close()


def fails_check() -> Check:
    return Check("it_fails", "promises", "DICT-7", fails, once=True)


def test_the_schema_is_one() -> None:
    assert jsonschema_rs.meta.is_valid(schema())


def test_a_run_is_as_the_schema_says(whole: Document) -> None:
    assert [error.message for error in jsonschema_rs.Draft202012Validator(schema()).iter_errors(whole)] == []


def test_the_schema_describes_every_member_of_a_run(whole: Document) -> None:
    def closed(node: Any) -> Any:
        if isinstance(node, list):
            return [closed(each) for each in node]
        if not isinstance(node, dict):
            return node
        shut = {"additionalProperties": False} if "properties" in node and "additionalProperties" not in node else {}
        return {name: closed(each) for name, each in node.items()} | shut

    validator = jsonschema_rs.Draft202012Validator(closed(schema()))
    assert [error.message for error in validator.iter_errors(whole)] == []


def test_a_run_survives_being_written_and_read(whole: Document, tmp_path: Path) -> None:
    write(tmp_path / "run.json", whole)
    assert load(tmp_path / "run.json") == whole


def test_the_requests_of_a_failure_can_be_sent_again(whole: Document) -> None:
    (failure,) = next(promise for promise in whole["promises"] if promise["id"] == "DICT-7")["failures"]
    environment = {KEY_VARIABLES["owner"]: "the-key", "IMMUTA_PASSWORD": "a-password-that-is-long"}
    sent = [read(each["request"], environment) for each in failure["requests"]]
    assert sent[-1] == Request("GET", "/dictionary/999999", (("Authorization", "the-key"),))
    assert json.loads(sent[0].body or b"")["handler"]["metadata"]["password"] == "a-password-that-is-long"


def test_the_command_renders_the_same_reports_again(
    whole: Document, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    write_all(whole, tmp_path / "first")
    assert main(["report", str(tmp_path / "first" / "run.json"), "--out", str(tmp_path / "second")]) == 0
    assert capsys.readouterr().out.count(str(tmp_path / "second")) == len(RENDERED)
    assert sorted(path.name for path in (tmp_path / "second").iterdir()) == RENDERED
    for name in RENDERED:
        assert (tmp_path / "first" / name).read_bytes() == (tmp_path / "second" / name).read_bytes()


def test_the_command_prints_the_schema(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["report", "--schema"]) == 0
    assert json.loads(capsys.readouterr().out) == schema()


def test_a_run_has_to_be_named(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["report"]) == 2
    assert capsys.readouterr().err.startswith("immuta-contract: which run? Give the path of a run.json")


@pytest.mark.parametrize(
    ("content", "fault"),
    [
        (None, "is no readable run.json"),
        ("{", "is no readable run.json"),
        ("[]", "is no run.json of version 1"),
        ('{"format": "immuta-contract-run", "version": 2}', "is no run.json of version 1"),
        ('{"format": "immuta-contract-run", "version": 1}', "is not as the schema of run.json says"),
    ],
)
def test_what_is_no_run_is_refused(tmp_path: Path, content: str | None, fault: str) -> None:
    if content is not None:
        (tmp_path / "run.json").write_text(content)
    with pytest.raises(BadDocument, match=fault):
        load(tmp_path / "run.json")


def test_latencies_are_counted_in_ten_bins_for_each_factor_of_ten() -> None:
    assert latency([0.001, 0.0011, 0.1, 0.0]) == {
        "count": 4,
        "p50": 1.0,
        "p90": 100.0,
        "p99": 100.0,
        "max": 100.0,
        "histogram": [[0.001, 1], [1.0, 1], [1.26, 1], [100.0, 1]],
    }
    assert latency([])["p50"] is None


def test_a_moment_is_utc_in_milliseconds() -> None:
    assert moment(1_800_000_000.25) == "2027-01-15T08:00:00.250Z"
