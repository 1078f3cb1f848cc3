"""What a run picks, says while it runs, and writes down."""

import io
import json
import signal
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from immuta_contracts import run
from immuta_contracts.check import Check, Outcome
from immuta_contracts.connectors import C5
from immuta_contracts.contract import Contract
from immuta_contracts.exchange import Answer, Request
from immuta_contracts.ledger import Ledger
from immuta_contracts.profiles import QUICK
from immuta_contracts.promises import promises
from immuta_contracts.reports.files import write_all
from immuta_contracts.reports.text import summary
from immuta_contracts.target import Target
from immuta_contracts.world import World

Make = Callable[[Callable[[Request], Answer]], Target]


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.fixture
def contract(scripted: Make, reply: Callable[..., Answer]) -> Contract:
    return Contract(scripted(lambda _request: reply(200)), seed=7)


def test_every_promise_has_a_property() -> None:
    assert {check.promise for check in run.checks() if check.promise} == set(promises())


def test_every_layer_has_a_check() -> None:
    assert {check.layer for check in run.checks()} == set(run.LAYERS)


def test_no_two_checks_have_one_name() -> None:
    names = [check.name for check in run.checks()]
    assert len(names) == len(set(names))


def test_without_selection_everything_is_planned(contract: Contract) -> None:
    planned = run.plan(contract)
    assert {check.name for check, _ in planned} == {check.name for check in run.checks()}
    assert {subject for check, subject in planned if check.promise == "GET-1"} == set(C5)


def test_a_quick_run_tries_some_subjects_of_each_property(scripted: Make, reply: Callable[..., Answer]) -> None:
    def planned(seed: int) -> set[tuple[str, str]]:
        contract = Contract(scripted(lambda _request: reply(200)), profile=QUICK, seed=seed)
        return {(check.name, str(subject)) for check, subject in run.plan(contract) if check.promise}

    assert {name for name, _ in planned(1)} == {check.name for check in run.checks() if check.promise}
    assert planned(1) == planned(1)
    assert planned(1) != planned(2)


def test_a_promise_selects_its_properties(contract: Contract) -> None:
    assert {check.promise for check, _ in run.plan(contract, "UPDATE-2, SEARCH-1")} == {"UPDATE-2", "SEARCH-1"}


def test_an_operation_selects_what_is_about_it(contract: Contract) -> None:
    planned = run.plan(contract, "getTrinoHandler")
    operation = contract.routes.by_id("getTrinoHandler")
    assert {str(subject) for _, subject in planned} <= {"getTrinoHandler", "trino", "None"}
    assert "GET-1" in {check.promise for check, _ in planned}
    assert {check.promise for check, subject in planned if subject != operation} <= operation.promises


@pytest.mark.parametrize("word", ["GET-99", "getNothing"])
def test_an_unknown_name_is_refused(contract: Contract, word: str) -> None:
    with pytest.raises(run.UnknownSelection, match=f"'{word}' is neither a promise"):
        run.plan(contract, word)


def check(body: Callable[[World], None], name: str = "a_rule") -> Check:
    return Check(name, "promises", "GET-1", body, once=True)


def test_progress_on_a_terminal_rewrites_its_line(contract: Contract) -> None:
    terminal = Terminal()
    run.run(contract, [(check(lambda _w: None), None), (check(lambda w: w.broken("a", "b")), None)], terminal)
    lines = terminal.getvalue().split("\r")
    assert [line.split() for line in lines[1:]] == [
        ["promises", "1", "of", "2", "0", "requests", "0", "broken"],
        ["promises", "2", "of", "2", "0", "requests", "1", "broken"],
    ]


def test_progress_elsewhere_is_a_line_when_a_layer_is_done(contract: Contract) -> None:
    output = io.StringIO()
    run.run(contract, [(check(lambda _w: None), None)] * 3, output)
    assert [line.split()[:4] for line in output.getvalue().splitlines()] == [["promises", "3", "of", "3"]]


def test_an_interrupt_keeps_what_was_judged(contract: Contract) -> None:
    def interrupt(_w: World) -> None:
        raise KeyboardInterrupt

    result = run.run(contract, [(check(lambda _w: None), None), (check(interrupt), None)], io.StringIO())
    assert (result.interrupted, [ruling.verdict for ruling in result.rulings]) == (True, ["kept"])
    assert summary(run.document(contract, result)).startswith("interrupted:")


def test_an_interrupted_run_closes_its_ledger_when_nothing_is_left(contract: Contract, tmp_path: Path) -> None:
    def interrupt(_w: World) -> None:
        raise KeyboardInterrupt

    contract.client.ledger = Ledger.begin(tmp_path, "7", "http://tenant.test")
    assert run.run(contract, [(check(interrupt), None)], io.StringIO()).interrupted
    assert list(tmp_path.iterdir()) == []


def test_an_interrupt_that_went_nowhere_ends_the_run_all_the_same(contract: Contract) -> None:
    def interrupt(_w: World) -> None:
        with suppress(KeyboardInterrupt):
            signal.raise_signal(signal.SIGINT)

    before = signal.getsignal(signal.SIGINT)
    result = run.run(contract, [(check(interrupt), None)] * 2, io.StringIO())
    assert (result.interrupted, len(result.rulings[0].outcomes)) == (True, 1)
    assert signal.getsignal(signal.SIGINT) is before


class Stumbling(Terminal):
    """A terminal at which an interrupt becomes another error."""

    def write(self, _text: str) -> int:
        try:
            raise KeyboardInterrupt
        finally:
            assert self.closed, "not expected amid a write"


def test_an_interrupt_is_known_behind_the_error_that_it_became(contract: Contract) -> None:
    result = run.run(contract, [(check(lambda _w: None), None)] * 2, Stumbling())
    assert (result.interrupted, len(result.rulings[0].outcomes)) == (True, 1)


def test_an_error_of_its_own_ends_the_run(contract: Contract) -> None:
    output = io.StringIO()
    output.close()
    with pytest.raises(ValueError, match="closed file"):
        run.run(contract, [(check(lambda _w: None), None)], output)


def test_the_summary_ends_with_the_counts_and_the_seed(contract: Contract) -> None:
    result = run.run(contract, [(check(lambda w: w.broken("one", "two")), None)], io.StringIO())
    last = summary(run.document(contract, result)).splitlines()[-1]
    assert last.startswith("0 promises kept, 1 broken, 0 not tried; 0 requests in ")
    assert last.endswith("seed 7")
    assert result.broken


def test_what_is_left_behind_is_said(contract: Contract) -> None:
    contract.left_behind.append("contract-7-1")
    result = run.run(contract, [], io.StringIO())
    assert "left behind on the target: contract-7-1" in summary(run.document(contract, result))


def test_the_reports_are_written(contract: Contract, tmp_path: Path) -> None:
    result = run.run(contract, [(check(lambda _w: None), None)], io.StringIO())
    write_all(run.document(contract, result), tmp_path / "deep" / "reports")
    document: dict[str, Any] = json.loads((tmp_path / "deep" / "reports" / "run.json").read_text("utf-8"))
    assert [document[name] for name in ("profile", "seed", "requests", "interrupted")] == ["default", 7, 0, False]
    assert (tmp_path / "deep" / "reports" / "junit.xml").exists()


def outcomes_of(contract: Contract) -> list[str]:
    """What a small run sends, in order."""
    sent: list[str] = []

    def body(w: World) -> None:
        body = json.dumps(w.single_body(connector=C5[0]), sort_keys=True)
        sent.append(body)

    outcome: Outcome = contract.judge(Check("a_rule", "promises", "GET-1", body), C5[0])
    assert outcome.verdict == "kept"
    return sent


def test_the_same_seed_sends_the_same_requests(scripted: Make, reply: Callable[..., Answer]) -> None:
    def sent(seed: int) -> list[str]:
        return outcomes_of(Contract(scripted(lambda _request: reply(404)), seed=seed))

    assert sent(3) == sent(3)
    assert sent(3) != sent(4)
