"""A whole run: picks the checks, judges them layer by layer with progress, and writes the reports."""

import importlib
import pkgutil
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TextIO

from immuta_contracts import properties, report
from immuta_contracts.contract import REGISTRY, Check, Contract, Outcome, Subject
from immuta_contracts.promises import promises
from immuta_contracts.spec import Operation

LAYERS = ("promises", "conformance", "workflows", "model")
EVERY_SECONDS = 5.0  # between two progress lines where the output is no terminal

Planned = tuple[Check, Subject]


class UnknownSelection(ValueError):
    """A name to select by is neither a promise nor an operation."""


def checks() -> list[Check]:
    """All declared checks, in the order of the layers."""
    for module in pkgutil.iter_modules(properties.__path__):
        importlib.import_module(f"{properties.__name__}.{module.name}")
    return sorted(REGISTRY, key=lambda check: LAYERS.index(check.layer))


def plan(contract: Contract, only: str | None = None) -> list[Planned]:
    """Which checks to try on which subjects; `only` is a comma separated list of promises and operation ids.

    What is asked for by name is tried on all its subjects, whatever the profile.

    Raises `UnknownSelection`.
    """
    words = [word.strip() for word in (only or "").split(",") if word.strip()]
    operations = {operation.id: operation for operation in contract.routes.operations}
    for word in words:
        if word not in promises() and word not in operations:
            raise UnknownSelection(
                f"{word!r} is neither a promise (like UPDATE-2) nor an operation (like getAsaHandler)"
            )
    if not words:
        sampled = ((check, check.sample(contract.routes, contract.profile, contract.seed)) for check in checks())
        return [(check, subject) for check, subjects in sampled for subject in subjects]
    everything = [(check, subject) for check in checks() for subject in check.subjects(contract.routes)]
    return [planned for planned in everything if any(_selects(word, operations.get(word), planned) for word in words)]


def _selects(word: str, operation: Operation | None, planned: Planned) -> bool:
    check, subject = planned
    if operation is None:
        return check.promise == word
    if isinstance(subject, Operation):
        return subject == operation
    return check.promise in operation.promises and subject in (None, operation.connector)


class Progress:
    """Says how far the run is: rewrites one line on a terminal, else prints a line now and then."""

    def __init__(self, stream: TextIO, planned: Sequence[Planned]) -> None:
        self._stream = stream
        self._todo = {layer: sum(check.layer == layer for check, _ in planned) for layer in LAYERS}
        self._done = dict.fromkeys(LAYERS, 0)
        self._broken = 0
        self._said = time.monotonic()

    def advance(self, outcome: Outcome, sent: int) -> None:
        layer = outcome.check.layer
        self._done[layer] += 1
        self._broken += outcome.verdict == "broken"
        line = f"{layer:<12} {self._done[layer]:>4} of {self._todo[layer]:<4} {sent:>7} requests  {self._broken} broken"
        if self._stream.isatty():
            end = "\n" if self._done[layer] == self._todo[layer] else ""
            self._stream.write(f"\r{line}{end}")
        elif self._done[layer] == self._todo[layer] or time.monotonic() - self._said > EVERY_SECONDS:
            self._said = time.monotonic()
            self._stream.write(f"{line}\n")
        self._stream.flush()


@dataclass(frozen=True)
class Result:
    """What came of a run; `interrupted` when it was stopped before all was tried."""

    rulings: list[report.Ruling]
    seconds: float
    interrupted: bool = False

    @property
    def tried(self) -> bool:
        """Whether a verdict was reached on anything."""
        verdicts = {outcome.verdict for ruling in self.rulings for outcome in ruling.outcomes}
        return self.broken or "kept" in verdicts

    @property
    def broken(self) -> bool:
        return any(ruling.verdict == "broken" for ruling in self.rulings)


def run(contract: Contract, planned: Sequence[Planned], progress: TextIO) -> Result:
    """Judge everything planned; on an interrupt what was judged until then is kept."""
    start, outcomes, interrupted = time.monotonic(), [], False
    meter = Progress(progress, planned)
    try:
        for check, subject in planned:
            outcome = contract.judge(check, subject)
            outcomes.append(outcome)
            meter.advance(outcome, contract.client.sent)
        contract.finish()
    except KeyboardInterrupt:
        interrupted = True
    return Result(report.rulings(outcomes), time.monotonic() - start, interrupted)


def about(contract: Contract, result: Result) -> dict[str, Any]:
    """The circumstances of a run."""
    return {
        "target": contract.client.target.base_url,
        "profile": contract.profile.name,
        "seed": contract.seed,
        "requests": contract.client.sent,
        "seconds": round(result.seconds, 1),
        "interrupted": result.interrupted,
        "left_behind": contract.left_behind,
    }


def write_reports(contract: Contract, result: Result, folder: Path) -> None:
    """`junit.xml` and `run.json` in the folder."""
    folder.mkdir(parents=True, exist_ok=True)
    circumstances: Mapping[str, Any] = about(contract, result)
    report.write_json(folder / "run.json", report.as_json(result.rulings, contract.client, circumstances))
    report.write_junit(folder / "junit.xml", result.rulings, contract.client, result.seconds)


def summary(contract: Contract, result: Result) -> str:
    """The run as text: the tables, each failure, and the last line that sums it up."""
    client = contract.client
    failures = [
        report.explain(ruling.promise, outcome, failure, client)
        for ruling in result.rulings
        for outcome, failure in ruling.failures
    ]
    numbers = report.counts(result.rulings)
    last = (
        f"{numbers['kept']} promises kept, {numbers['broken']} broken, {numbers['not tried']} not tried; "
        f"{client.sent} requests in {result.seconds:.1f} s; seed {contract.seed}"
    )
    left = [f"left behind on the target: {', '.join(contract.left_behind)}"] if contract.left_behind else []
    stopped = ["interrupted: what follows is what was judged until then"] if result.interrupted else []
    stopped += [f"the run was ended early: {contract.steady.over}"] if contract.steady.over else []
    parts = [*stopped, report.table(result.rulings), report.coverage_table(client), *failures, *left, last]
    return "\n\n".join(parts)
