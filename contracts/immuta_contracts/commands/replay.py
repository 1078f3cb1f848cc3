"""`immuta-contract replay`: sends the requests of a failure again, and says whether it shows again."""

import argparse
import secrets
import sys
from collections import Counter
from collections.abc import Mapping
from contextlib import closing
from pathlib import Path
from typing import Any, Literal

from immuta_contracts import options
from immuta_contracts.commands import BROKEN, COULD_NOT_RUN, KEPT, CannotRun, need_owner
from immuta_contracts.contract import Contract
from immuta_contracts.replaying import CannotReplay, replay
from immuta_contracts.reports.document import Document, load
from immuta_contracts.resolving import resolve
from immuta_contracts.target import document, target_of

HELP = "send the requests of a run's failures again, and say whether they show again"
ANSWER = 300  # characters of an answer that are printed

Came = Literal["again", "gone", "unknown"]
Failures = list[tuple[str, Mapping[str, Any]]]


def add_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("run", metavar="RUN", type=Path, help="the run.json that a run wrote")
    parser.add_argument("promise", metavar="PROMISE", nargs="?", help="one broken promise (default: all)")
    options.add_options(lambda flag, **about: parser.add_argument(f"--{flag}", **about))


def execute(given: argparse.Namespace) -> int:
    """0: nothing shows again; 1: something does; 2: not all could be sent. Raises `CannotRun`, `Unreachable`."""
    whole = load(given.run)
    failures = _failures(whole, given.promise, given.run)
    asked = options.given(given)
    asked["url"] = asked["url"] or ("mock" if whole.get("own_mock") else whole["target"])
    settings = resolve(asked).settings
    need_owner(settings)
    with closing(target_of(settings)) as target:
        seed = secrets.randbelow(10**6)
        contract = Contract(target, seed=seed, spec=document(settings.overlay), settings=settings)
        contract.begin()
        try:
            came = Counter(_sent_again(contract, *each) for each in failures)
        finally:
            contract.finish()
    sys.stdout.write(f"{_summary(came, len(failures), contract)} on {target.base_url}\n")
    return BROKEN if came["again"] else COULD_NOT_RUN if came["unknown"] else KEPT


def _failures(whole: Document, promise: str | None, path: Path) -> Failures:
    """The recorded failures, those of one promise if it is given. Raises `CannotRun`."""
    found = [(each["id"], failure) for each in whole["promises"] for failure in each["failures"]]
    chosen = [each for each in found if promise in (None, each[0])]
    if not chosen:
        broken = ", ".join(dict.fromkeys(name for name, _ in found)) or "nothing"
        raise CannotRun(f"{path} has no failure of {promise or 'any promise'} to send again; broken there: {broken}")
    return chosen


def _sent_again(contract: Contract, promise: str, failure: Mapping[str, Any]) -> Came:
    """Send one failure again, printing as it goes, and remove what it made."""
    name = f"{promise} [{failure['subject']}]" if failure["subject"] else promise
    write = sys.stdout.write
    write(f"{name}: expected {failure['expected']}, seen {failure['seen']}\n")
    differing = []
    try:
        with contract.clean_around():
            for number, each in enumerate(replay(contract.client, failure), 1):
                write(f"  {each.curl}\n    was {_cut(*each.was)}\n    now {_cut(*each.now)}\n")
                differing += [] if each.same else [str(number)]
    except CannotReplay as reason:
        write(f"  {name} could not be sent again: {reason}\n\n")
        return "unknown"
    said = f"does not show again: other answers to {', '.join(differing)}" if differing else "shows again"
    write(f"  {name} {said}\n\n")
    return "gone" if differing else "again"


def _summary(came: Counter[Came], number: int, contract: Contract) -> str:
    unknown = f", {came['unknown']} could not be sent again" if came["unknown"] else ""
    left = f", left behind: {', '.join(contract.left_behind)}" if contract.left_behind else ""
    return f"{came['again']} of {number} failures show again{unknown}{left}"


def _cut(status: int, answer: str) -> str:
    answer = answer.strip()
    return f"{status} {answer if len(answer) <= ANSWER else answer[:ANSWER] + '...'}"
