"""A whole run: picks the checks, judges them layer by layer with progress, and says what came of it."""

import hashlib
import importlib
import json
import pkgutil
import platform
import time
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from importlib.metadata import version
from typing import Any, TextIO

from immuta_contracts import properties
from immuta_contracts.check import REGISTRY, Check, Subject, beyond
from immuta_contracts.contract import Contract
from immuta_contracts.deviations import Listed
from immuta_contracts.errors import CannotRun
from immuta_contracts.gates import EVERYTHING, Gate
from immuta_contracts.interrupts import by_interrupt, kept_in_mind
from immuta_contracts.profiles import Profile
from immuta_contracts.promises import promises
from immuta_contracts.reports import document as reports
from immuta_contracts.reports.document import Document
from immuta_contracts.reports.rulings import Ruling, rulings
from immuta_contracts.settings import EVIDENCE, Settings
from immuta_contracts.spec import Operation

LAYERS = ("promises", "conformance", "workflows", "model")
PACKAGES = ("immuta-contract-kit", "hypothesis", "schemathesis", "jsonschema-rs", "urllib3", "pytest")
REQUESTS = {"promises": 20, "conformance": 7, "workflows": 27, "model": 8}  # of an example, of a step in the last
EVERY_SECONDS = 5.0  # between two progress lines where the output is no terminal

Planned = tuple[Check, Subject]


class UnknownSelection(CannotRun):
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
        settings = contract.client.settings
        sampled = (
            (check, check.sample(contract.routes, contract.profile, contract.seed, settings)) for check in checks()
        )
        return _in_scope(settings, [(check, subject) for check, subjects in sampled for subject in subjects])
    everything = [(check, subject) for check in checks() for subject in check.subjects(contract.routes)]
    asked = [planned for planned in everything if any(_selects(word, operations.get(word), planned) for word in words)]
    return _in_scope(contract.client.settings, asked)


def part(contract: Contract, planned: Sequence[Planned]) -> list[Planned]:
    """What of a plan is for the contract's shard."""
    return contract.shard.part(planned, lambda each: cost(each[0], contract.profile))


def cost(check: Check, profile: Profile) -> float:
    """What it takes to try a check on one subject, in requests."""
    steps = profile.steps if check.layer == "model" else 1
    return REQUESTS[check.layer] * check.weight * check.count(profile) * steps


def _in_scope(settings: Settings, planned: Sequence[Planned]) -> list[Planned]:
    """Without what is beyond the connectors in scope, but for the promises that nothing would be left of."""
    within = {check.promise for check, subject in planned if not beyond(settings, subject)}
    return [each for each in planned if not beyond(settings, each[1]) or each[0].promise not in {None, *within}]


def _selects(word: str, operation: Operation | None, planned: Planned) -> bool:
    check, subject = planned
    if operation is None:
        return check.promise == word
    if isinstance(subject, Operation):
        return subject == operation
    return check.promise in operation.promises and subject in (None, operation.connector)


class Progress:
    """Says how far the run is: rewrites one line on a terminal, else prints a line now and then."""

    def __init__(self, stream: TextIO, planned: Sequence[Planned], *, counting: str = "broken") -> None:
        self._stream, self._counting = stream, counting
        self._todo = {layer: sum(check.layer == layer for check, _ in planned) for layer in LAYERS}
        self._done = dict.fromkeys(LAYERS, 0)
        self._found = 0
        self._said = time.monotonic()

    def advance(self, layer: str, sent: int, found: int) -> None:
        """One more of a layer is done; `found` is how many more there are of what is counted."""
        self._done[layer] += 1
        self._found += found
        counted = f"{self._found} {self._counting}"
        line = f"{layer:<12} {self._done[layer]:>4} of {self._todo[layer]:<4} {sent:>7} requests  {counted}"
        if self._stream.isatty():
            end = "\n" if self._done[layer] == self._todo[layer] else ""
            self._stream.write(f"\r{line}{end}")
        elif self._done[layer] == self._todo[layer] or time.monotonic() - self._said > EVERY_SECONDS:
            self._said = time.monotonic()
            self._stream.write(f"{line}\n")
        self._stream.flush()


@dataclass(frozen=True)
class Result:
    """What came of a run; `interrupted` when it was stopped before all was tried, `started` in seconds since 1970."""

    rulings: list[Ruling]
    seconds: float
    interrupted: bool = False
    started: float = 0.0
    gate: Gate = EVERYTHING
    deviations: tuple[Listed, ...] = ()

    @property
    def tried(self) -> bool:
        """Whether a verdict was reached on anything."""
        verdicts = {outcome.verdict for ruling in self.rulings for outcome in ruling.outcomes}
        return self.broken or "kept" in verdicts

    @property
    def broken(self) -> bool:
        return any(ruling.verdict == "broken" for ruling in self.rulings)

    @property
    def fails(self) -> bool:
        """Whether anything is broken that gates and is no known deviation."""
        return any(ruling.fails for ruling in self.rulings)


def run(contract: Contract, planned: Sequence[Planned], progress: TextIO, *, gate: Gate = EVERYTHING) -> Result:
    """Judge everything planned; on an interrupt what was judged until then is kept."""
    started, start, outcomes, interrupted = time.time(), time.monotonic(), [], False
    meter = Progress(progress, planned)
    try:
        with kept_in_mind() as interrupt_again:
            for check, subject in planned:
                outcome = contract.judge(check, subject)
                outcomes.append(outcome)
                meter.advance(check.layer, contract.client.sent, outcome.verdict == "broken")
                interrupt_again()
    except BaseException as error:
        if not by_interrupt(error):
            raise
        interrupted = True
        contract.doubtful += contract.client.names  # it may have come amid a request, or amid the clean-up
    contract.finish()
    found = rulings(outcomes)
    settings = contract.client.settings
    everything = ((check, subject) for check in checks() for subject in check.subjects(contract.routes))
    possible = [planned for planned in everything if not beyond(settings, planned[1])]
    listed = gate.listed(found, possible, contract.routes)
    weighed = [gate.weigh(ruling, listed, contract.routes) for ruling in found]
    return Result(weighed, time.monotonic() - start, interrupted, started, gate, listed)


def document(contract: Contract, result: Result) -> Document:
    """The run as the document that every report is rendered from."""
    return reports.document(result.rulings, contract.client, about(contract, result))


def about(contract: Contract, result: Result) -> dict[str, Any]:
    """The circumstances of a run."""
    return {
        "target": contract.client.target.base_url,
        "own_mock": contract.client.settings.url is None,
        "profile": contract.profile.name,
        "seed": contract.seed,
        "shard": asdict(contract.shard),
        "only": contract.client.settings.only,
        "scope": list(contract.client.settings.connector),
        "started": reports.moment(result.started),
        "requests": contract.client.sent,
        "seconds": round(result.seconds, 1),
        "interrupted": result.interrupted,
        "gate": [kind for kind in EVIDENCE if kind in result.gate.evidence],
        "deviations": [each.as_json() for each in result.deviations],
        "fence": contract.client.fence.account.as_json(),
        "trouble": asdict(contract.steady.account),
        "left_behind": contract.left_behind,
        "environment": environment(contract.routes.document),
    }


def environment(judged_by: Mapping[str, Any]) -> dict[str, Any]:
    """What the run ran on, and which document it judged by."""
    info = judged_by.get("info", {})
    digest = hashlib.sha256(json.dumps(judged_by, sort_keys=True, default=str).encode()).hexdigest()
    return {
        "python": platform.python_version(),
        "platform": platform.platform(terse=True),
        "packages": {name: version(name) for name in PACKAGES},
        "spec": {"title": str(info.get("title", "")), "version": str(info.get("version", "")), "sha256": digest},
    }
