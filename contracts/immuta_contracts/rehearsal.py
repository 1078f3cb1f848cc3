"""Says what a run will and will not try: by rehearsing it on a mock with the same roles, connections and scope."""

import io
from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import groupby

from immuta_contracts import run
from immuta_contracts.check import Subject
from immuta_contracts.contract import Contract
from immuta_contracts.profiles import QUICK
from immuta_contracts.reports.rulings import Ruling
from immuta_contracts.settings import Limits, Settings, Transport
from immuta_contracts.spec import Operation
from immuta_contracts.target import MOCK_KEYS, InProcessMock, document

BRIEF = replace(QUICK, examples=1, subjects=None)


@dataclass(frozen=True)
class Forecast:
    """One family: how many promises will be tried whole, in part and not at all; `reasons` lead to the last two."""

    family: str
    whole: int
    part: int
    none: int
    reasons: dict[str, list[str]]


def rehearse(settings: Settings) -> list[Forecast]:
    """Nothing of it reaches the target."""
    target = InProcessMock(overlays=settings.overlay)
    target.keys = {role: key for role, key in MOCK_KEYS.items() if role in settings.api_keys or settings.url is None}
    rehearsed = replace(settings, url=None, mode=settings.fence, limits=Limits(), transport=Transport())
    contract = Contract(target, profile=BRIEF, spec=document(settings.overlay), settings=rehearsed, shorten=False)
    try:
        found = run.run(contract, list(_one_of_each(contract, settings)), io.StringIO()).rulings
    finally:
        target.close()
    return [_forecast(family, list(rulings)) for family, rulings in groupby(found, lambda each: each.promise.family)]


def _one_of_each(contract: Contract, settings: Settings) -> Iterator[run.Planned]:
    """The properties of the promises, on one of the subjects that differ in nothing that the settings say."""
    seen = set()
    for check, subject in run.plan(contract, settings.only):
        alike = check.name, _shape(settings, subject)
        if check.promise and alike not in seen:
            seen.add(alike)
            yield check, subject


def _shape(settings: Settings, subject: Subject) -> object:
    method = subject.method if isinstance(subject, Operation) else ""
    connector = subject.connector if isinstance(subject, Operation) else subject
    if connector is None:
        return method
    connection = settings.connection(connector.prefix)
    return method, frozenset(connection.metadata), connection.free, len(connection.tables)


def _forecast(family: str, rulings: list[Ruling]) -> Forecast:
    tried = [{outcome.verdict != "not tried" for outcome in ruling.outcomes} for ruling in rulings]
    reasons: dict[str, list[str]] = {}
    for ruling in rulings:
        for reason in dict.fromkeys(outcome.reason for outcome in ruling.outcomes if outcome.verdict == "not tried"):
            reasons.setdefault(reason, []).append(ruling.promise.id)
    return Forecast(family, tried.count({True}), tried.count({True, False}), tried.count({False}), reasons)
