"""The verdict on each promise, from the outcomes of everything that was tried."""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol

from immuta_contracts.check import Failure, Outcome, Verdict
from immuta_contracts.deviations import Listed
from immuta_contracts.promises import Promise, promises

NAMED = re.compile(r""""[^"]*\d[^"]*"|'.*\d.*'|(?<=": )\d+""")
"""What in a reason is of one example alone: a quoted text with a number in it, an id in a piece of JSON."""


@dataclass(frozen=True)
class Ruling:
    """The verdict on one promise: `failures` with the outcome each came from, `detail` says what was not tried.

    A promise that is not `gating` is advisory: broken, it does not fail the run. Neither do `excused` failures, which
    are known deviations; `deviation` is the gravest entry about the promise.
    """

    promise: Promise
    verdict: Verdict
    detail: str
    failures: tuple[tuple[Outcome, Failure], ...]
    outcomes: tuple[Outcome, ...]
    gating: bool = True
    excused: tuple[Failure, ...] = ()
    deviation: Listed | None = None

    @property
    def fails(self) -> bool:
        """Whether the run fails because of it."""
        return self.gating and len(self.excused) < len(self.failures)


def rulings(outcomes: Iterable[Outcome]) -> list[Ruling]:
    """One ruling for each promise that any outcome is about, in the order of the list of promises.

    A promise is broken when any layer broke it, kept when every subject of its own properties was tried and kept it.
    """
    outcomes = list(outcomes)
    found = []
    for promise in promises().values():
        own = tuple(outcome for outcome in outcomes if outcome.check.promise == promise.id)
        failures = tuple((o, o.failure) for o in outcomes if o.failure and o.failure.promise == promise.id)
        if own or failures:
            found.append(Ruling(promise, *verdict(own, bool(failures)), failures, own))
    return found


class Tried(Protocol):
    """What came of one property on one subject."""

    @property
    def verdict(self) -> Verdict: ...
    @property
    def reason(self) -> str: ...
    @property
    def notes(self) -> Sequence[str]: ...


def verdict(own: Sequence[Tried], broken: bool) -> tuple[Verdict, str]:
    """The verdict on one promise with its detail, from what came of its own properties."""
    untried = [outcome for outcome in own if outcome.verdict == "not tried"]
    notes = joined(note for outcome in own for note in outcome.notes)
    if broken:
        return "broken", notes
    if not untried:
        return "kept", notes
    part = f"in part ({len(own) - len(untried)} of {len(own)} were): " if len(untried) < len(own) else ""
    return "not tried", part + joined(outcome.reason for outcome in untried)


def joined(texts: Iterable[str]) -> str:
    """All texts, each once; where some are alike up to their last colon, that part is said once.

    Of those that differ in names and ids alone one stands for all.
    """
    grouped: dict[str, list[str]] = {}
    for text in _of_each_kind(sorted(set(texts))):
        alike, colon, rest = text.rpartition(": ")
        grouped.setdefault(alike + colon, []).append(rest)
    return "; ".join(alike + "; ".join(rests) for alike, rests in grouped.items())


def _of_each_kind(texts: Iterable[str]) -> Iterator[str]:
    kinds: dict[str, list[str]] = {}
    for text in texts:
        kinds.setdefault(NAMED.sub("", text), []).append(text)
    for first, *others in kinds.values():
        yield f"{first} (and {len(others)} more like it)" if others else first
