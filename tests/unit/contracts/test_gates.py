"""Which broken promises fail a run: by their evidence, and by the known deviations."""

import json
import xml.etree.ElementTree as ElementTree
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from immuta_contracts import gates, run
from immuta_contracts.check import Check, Subject
from immuta_contracts.connectors import ASA, TRINO
from immuta_contracts.contract import Contract
from immuta_contracts.deviations import Deviation
from immuta_contracts.exchange import Answer, Request
from immuta_contracts.gates import ALL, DOCUMENTED, Gate
from immuta_contracts.reports.files import write_all
from immuta_contracts.reports.rulings import Ruling, rulings
from immuta_contracts.reports.text import summary
from immuta_contracts.reports.verdict import said
from immuta_contracts.target import Target
from immuta_contracts.world import World

Make = Callable[[Callable[[Request], Answer]], Target]
TODAY, LATER, PAST = date(2026, 11, 24), date(2026, 12, 24), date(2026, 11, 23)


@pytest.fixture
def judge(scripted: Make, reply: Callable[..., Answer]) -> Callable[..., run.Result]:
    """Judges checks, whose subjects are all in scope, by a gate."""

    def judged(gate: Gate, *planned: run.Planned) -> run.Result:
        contract = Contract(scripted(lambda _request: reply(200)), seed=7)
        found = rulings([contract.judge(check, subject) for check, subject in planned])
        possible = [(check, subject) for check, _ in planned for subject in check.subjects(contract.routes)]
        listed = gate.listed(found, possible, contract.routes)
        return run.Result(
            [gate.weigh(each, listed, contract.routes) for each in found], 1.0, gate=gate, deviations=listed
        )

    return judged


def about(promise: str, *, broken: bool, on: tuple[Subject, ...] = (None,)) -> Check:
    """A property that reads a dictionary and then finds the promise kept or broken."""

    def body(w: World) -> None:
        w.call("GET", "/dictionary/1")
        w.expect(not broken, "one thing", "another")

    return Check(f"{promise}_{broken}", "promises", promise, body, on=on, once=True)


def told(result: run.Result) -> dict[str, tuple[str, bool]]:
    """What the reports say of each promise, and whether the run fails because of it."""
    return {ruling.promise.id: (said(as_written(ruling)), ruling.fails) for ruling in result.rulings}


def as_written(ruling: Ruling) -> dict[str, Any]:
    return {
        "verdict": ruling.verdict,
        "gating": ruling.gating,
        "deviation": ruling.deviation.as_json() if ruling.deviation else None,
        "failures": [{"known": failure in ruling.excused} for _, failure in ruling.failures],
    }


def states(result: run.Result) -> list[str]:
    return [listed.state for listed in result.deviations]


def test_only_promises_with_the_evidence_fail_a_run(judge: Callable[..., run.Result]) -> None:
    result = judge(
        Gate(DOCUMENTED),
        (about("ERR-1", broken=True), None),
        (about("HTTP-2", broken=True), None),
        (about("SEARCH-1", broken=False), None),
    )
    assert told(result) == {
        "HTTP-2": ("broken (advisory)", False),
        "ERR-1": ("broken (advisory)", False),
        "SEARCH-1": ("kept", False),
    }
    assert not result.fails


def test_one_kind_of_evidence_among_several_is_enough(judge: Callable[..., run.Result]) -> None:
    result = judge(Gate(DOCUMENTED), (about("SEARCH-2", broken=True), None))  # [ref][inferred]
    assert told(result) == {"SEARCH-2": ("broken", True)}


def test_every_promise_gates_by_default(judge: Callable[..., run.Result]) -> None:
    assert judge(gates.EVERYTHING, (about("ERR-1", broken=True), None)).fails


@pytest.mark.parametrize(
    ("expires", "standing", "fails", "state"),
    [
        (LATER, "broken (known)", False, "known"),
        (TODAY, "broken (known)", False, "known"),
        (PAST, "broken (expired)", True, "expired"),
    ],
)
def test_a_known_deviation_holds_through_its_last_day(
    judge: Callable[..., run.Result], expires: date, standing: str, fails: bool, state: str
) -> None:
    gate = Gate(ALL, (Deviation("DICT-7", "slow", expires),), TODAY)
    result = judge(gate, (about("DICT-7", broken=True), None))
    assert (told(result), states(result)) == ({"DICT-7": (standing, fails)}, [state])


def test_a_narrowed_deviation_leaves_other_failures_to_count(judge: Callable[..., run.Result]) -> None:
    gate = Gate(ALL, (Deviation("DICT-7", "slow", LATER, connector="asa"),), TODAY)
    check = about("DICT-7", broken=True, on=(ASA, TRINO))
    assert told(judge(gate, (check, ASA))) == {"DICT-7": ("broken (known)", False)}
    result = judge(gate, (check, ASA), (check, TRINO))
    assert told(result) == {"DICT-7": ("broken", True)}
    assert [len(ruling.excused) for ruling in result.rulings] == [1]
    assert states(result) == ["known"]


def test_a_deviation_that_names_another_operation_excuses_nothing(judge: Callable[..., run.Result]) -> None:
    gate = Gate(ALL, (Deviation("DICT-7", "slow", LATER, operation="updateDictionary"),), TODAY)
    assert told(judge(gate, (about("DICT-7", broken=True), None))) == {"DICT-7": ("broken", True)}


def test_a_renewed_deviation_outlives_the_expired_entry(judge: Callable[..., run.Result]) -> None:
    gate = Gate(ALL, (Deviation("DICT-7", "old", PAST), Deviation("DICT-7", "new", LATER)), TODAY)
    result = judge(gate, (about("DICT-7", broken=True), None))
    assert (told(result), states(result)) == ({"DICT-7": ("broken (known)", False)}, ["expired", "known"])


def test_an_expired_deviation_does_not_make_an_advisory_promise_gate(judge: Callable[..., run.Result]) -> None:
    gate = Gate(DOCUMENTED, (Deviation("ERR-1", "slow", PAST),), TODAY)
    assert told(judge(gate, (about("ERR-1", broken=True), None))) == {"ERR-1": ("broken (advisory, expired)", False)}


def test_a_deviation_is_fixed_when_all_that_could_show_it_is_kept(judge: Callable[..., run.Result]) -> None:
    whole, narrow = Deviation("DICT-7", "slow", PAST), Deviation("DICT-7", "slow", LATER, connector="asa")
    check = about("DICT-7", broken=False, on=(ASA, TRINO))
    gate = Gate(ALL, (whole, narrow), TODAY)
    assert states(judge(gate, (check, ASA), (check, TRINO))) == ["fixed", "fixed"]
    assert states(judge(gate, (check, ASA))) == ["not tried", "fixed"]
    assert states(judge(gate)) == ["not tried", "not tried"]


def test_the_operation_of_a_deviation_settles_its_connector(judge: Callable[..., run.Result]) -> None:
    gate = Gate(ALL, (Deviation("CREATE-1", "slow", LATER, operation="createAsaDataSource"),), TODAY)
    check = about("CREATE-1", broken=False, on=(ASA, TRINO))
    assert states(judge(gate, (check, TRINO))) == ["not tried"]
    assert states(judge(gate, (check, ASA))) == ["fixed"]


def test_the_summary_says_what_was_spared_and_lists_every_entry(
    judge: Callable[..., run.Result], scripted: Make, reply: Callable[..., Answer]
) -> None:
    listed = (Deviation("DICT-7", "slow", LATER), Deviation("SEARCH-1", "old", PAST), Deviation("GET-1", "new", LATER))
    result = judge(
        Gate(DOCUMENTED, listed, TODAY),
        (about("DICT-7", broken=True), None),
        (about("ERR-1", broken=True), None),
        (about("SEARCH-1", broken=False), None),
    )
    text = summary(run.document(Contract(scripted(lambda _request: reply(200)), seed=7), result))
    assert text.splitlines()[-1].startswith("1 promises kept, 2 broken (1 advisory, 1 known), 0 not tried; ")
    assert text.split("\n\n")[-2].splitlines() == [
        "known deviations",
        "  DICT-7: known until 2026-12-24: slow",
        "  SEARCH-1: kept by now, expired on 2026-11-23: remove it",
        "  GET-1: not all that could show it was tried",
    ]
    assert "ERR-1 is broken" in text
    assert "DICT-7 is broken" not in text


def test_the_reports_say_what_gates_and_what_is_known(
    judge: Callable[..., run.Result], scripted: Make, reply: Callable[..., Answer], tmp_path: Path
) -> None:
    entry = Deviation("DICT-7", "slow", LATER)
    check = about("DICT-7", broken=True)
    result = judge(Gate(DOCUMENTED, (entry,), TODAY), (check, None), (about("ERR-1", broken=True), None))
    write_all(run.document(Contract(scripted(lambda _request: reply(200)), seed=7), result), tmp_path)
    written: dict[str, Any] = json.loads((tmp_path / "run.json").read_text("utf-8"))
    entry_json = {"promise": "DICT-7", "operation": None, "connector": None, "reason": "slow", "expires": str(LATER)}
    said = "DICT-7: known until 2026-12-24: slow"
    listed = {**entry_json, "state": "known", "says": said, "open": ["DICT-7_True"]}
    assert written["gate"] == ["ref", "docs"]
    assert written["deviations"] == [listed]
    assert {each["id"]: (each["gating"], each["deviation"]) for each in written["promises"]} == {
        "ERR-1": (False, None),
        "DICT-7": (True, listed),
    }
    suite = ElementTree.parse(tmp_path / "junit.xml").getroot()
    assert [suite.get(name) for name in ("tests", "failures", "skipped")] == ["2", "0", "2"]
    assert [[child.tag for child in case] for case in suite] == [["skipped", "system-out"]] * 2
    assert [case[0].get("message") for case in suite] == [
        "broken (advisory)",
        "broken (known): DICT-7: known until 2026-12-24: slow",
    ]
