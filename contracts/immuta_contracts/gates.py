"""What makes a broken promise fail a run: how the promise is known, and whether it is a known deviation."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime

from immuta_contracts import settings
from immuta_contracts.check import Check, Failure, Outcome, Subject
from immuta_contracts.deviations import Deviation, Listed, Place, State, place_of, reach
from immuta_contracts.reports.rulings import Ruling
from immuta_contracts.spec import Routes

ALL: frozenset[str] = frozenset(settings.EVIDENCE)
DOCUMENTED: frozenset[str] = frozenset(settings.DOCUMENTED)
GRAVITY: tuple[State, ...] = ("expired", "known", "fixed")  # the gravest of several entries stands for their promise

Tried = tuple[Check, Subject]


@dataclass(frozen=True)
class Gate:
    """Promises with one of these kinds of evidence fail a run when they are broken beyond the known deviations."""

    evidence: frozenset[str] = ALL
    deviations: tuple[Deviation, ...] = ()
    today: date = field(default_factory=lambda: datetime.now(UTC).date())

    def listed(self, rulings: Sequence[Ruling], possible: Sequence[Tried], routes: Routes) -> tuple[Listed, ...]:
        """What the run made of each known deviation; `possible` is all that is in scope, tried or not."""
        found = {ruling.promise.id: ruling for ruling in rulings}
        entries = ((entry, entry.expires < self.today, found.get(entry.promise)) for entry in self.deviations)
        return tuple(_listed(e, late, ruling, possible, routes) for e, late, ruling in entries)

    def weigh(self, ruling: Ruling, listed: Sequence[Listed], routes: Routes) -> Ruling:
        """The ruling with what counts of it: whether it gates, and which of its failures are known deviations."""
        own = [each for each in listed if each.deviation.promise == ruling.promise.id]
        live = [each.deviation for each in own if not each.expired]
        excused = tuple(
            failure
            for outcome, failure in ruling.failures
            if any(deviation.covers(_broke_at(routes, outcome, failure)) for deviation in live)
        )
        seen = sorted((each for each in own if each.state in GRAVITY), key=lambda each: GRAVITY.index(each.state))
        gating = not self.evidence.isdisjoint(ruling.promise.evidence)
        return replace(ruling, gating=gating, excused=excused, deviation=next(iter(seen), None))


EVERYTHING = Gate()


def _listed(
    deviation: Deviation, expired: bool, ruling: Ruling | None, possible: Sequence[Tried], routes: Routes
) -> Listed:
    could = [
        (check.name, subject)
        for check, subject in possible
        if check.promise == deviation.promise and _tried_at(routes, subject).meets(reach(routes, deviation))
    ]
    kept = {(each.check.name, each.subject) for each in ruling.outcomes if each.verdict == "kept"} if ruling else set()
    missing = tuple(f"{n} [{on}]" if on else n for n, on in could if (n, on) not in kept)
    state: State = "fixed" if could and not missing else "not tried"
    failures = ruling.failures if ruling else ()
    if any(deviation.covers(_broke_at(routes, outcome, failure)) for outcome, failure in failures):
        state = "expired" if expired else "known"
    return Listed(deviation, state, expired, missing)


def _tried_at(routes: Routes, subject: Subject) -> Place:
    return place_of(routes, "", str(subject), [])


def _broke_at(routes: Routes, outcome: Outcome, failure: Failure) -> Place:
    called = [exchange.operation for exchange in failure.exchanges]
    return place_of(routes, failure.promise, str(outcome.subject), called)
