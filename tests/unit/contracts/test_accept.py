"""Entries of deviations.toml are proposed for what broke, as narrow as they can be, and appended to what is there."""

import json
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from immuta_contracts.cli import main
from immuta_contracts.commands.accept import proposals
from immuta_contracts.deviations import Deviation
from immuta_contracts.spec import Routes
from immuta_contracts.target import document

ROUTES, DAY = Routes(document()), date(2027, 1, 31)


def failure(subject: str | None, *called: str) -> dict[str, Any]:
    requests = [{"operation": name} for name in called]
    return {"subject": subject, "expected": "one thing", "seen": "another", "requests": requests}


def proposed(*failures: dict[str, Any], promise: str = "DICT-5", live: tuple[Deviation, ...] = ()) -> list[Deviation]:
    run = {"seed": 7, "promises": [{"id": promise, "failures": list(failures)}, {"id": "GET-1", "failures": []}]}
    return list(proposals(run, ROUTES, live, DAY, "a reason"))


def entry(operation: str | None = None, connector: str | None = None) -> Deviation:
    return Deviation("DICT-5", "a reason", DAY, operation, connector)


def test_an_entry_names_the_operation_and_the_only_connector() -> None:
    assert proposed(failure("asa", "createAsaDataSource", "getDictionary")) == [entry("getDictionary", "asa")]


def test_an_operation_of_a_connector_settles_the_connector() -> None:
    assert proposed(failure("createAsaDataSource")) == [entry("createAsaDataSource")]


def test_an_operation_that_broke_on_several_connectors_is_named_alone() -> None:
    assert proposed(failure("asa", "getDictionary"), failure("trino", "getDictionary")) == [entry("getDictionary")]


def test_a_promise_that_broke_on_many_operations_is_proposed_as_a_whole() -> None:
    names = [operation.id for operation in ROUTES.operations]
    assert proposed(*map(failure, names[:6])) == [entry(name) for name in names[:6]]
    assert proposed(*map(failure, names[:7])) == [entry()]


def test_what_is_listed_is_not_proposed_again() -> None:
    failures = failure("asa", "getDictionary"), failure("createTrinoDataSource")
    assert proposed(*failures, live=(entry("getDictionary"),)) == [entry("createTrinoDataSource")]
    assert proposed(*failures, live=(entry(),)) == []


def test_the_reason_is_what_was_expected_and_seen_unless_it_is_given() -> None:
    run = {"seed": 7, "promises": [{"id": "DICT-5", "failures": [failure("asa", "getDictionary")]}]}
    assert [each.reason for each in proposals(run, ROUTES, (), DAY, None)] == [
        "expected one thing, seen another (seed 7)"
    ]


@pytest.mark.parametrize(
    ("argv", "says"),
    [
        (["--expires", "2020-01-01"], "--expires 2020-01-01 has passed: entries that have expired excuse nothing"),
        (["--reason", " "], "--reason is empty: say why what is broken is accepted, or leave the option out"),
        ([], "run.json is no readable run.json: "),
    ],
)
def test_what_cannot_be_accepted_is_said_in_one_line(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, argv: list[str], says: str
) -> None:
    (tmp_path / "run.json").write_text(json.dumps([])[:1], "utf-8")
    assert main(["accept", str(tmp_path / "run.json"), *argv]) == 2
    error = capsys.readouterr().err
    assert says in error
    assert error.count("\n") == 1
