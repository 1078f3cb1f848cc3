"""Looks for the shortest sequence of requests that still shows a difference, and leaves out of bodies what it can."""

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from itertools import islice
from typing import Any

from immuta_contracts.exchange import NO_JSON, parsed
from immuta_contracts.mirror import Step

MOST_TRIES = 150  # for each kind of candidate
Place = tuple[str | int, ...]


@dataclass(frozen=True)
class Recording:
    """Steps of which the last one shows a difference; `ids` are those, by kind, that they made or met on A."""

    steps: tuple[Step, ...]
    ids: frozenset[tuple[str, Any]]


Repeat = Callable[[Recording], Recording | None]


def shortened(recording: Recording, repeat: Repeat, enough: Callable[[], bool], *, keep: str) -> Recording | None:
    """The shortest found until it is `enough`; None when the difference does not show again.

    `repeat` sends steps anew, and gives the new recording if the difference shows again. What holds the text `keep`
    stays in the bodies: it says whose a thing is.
    """
    found = repeat(recording) or repeat(recording)  # what the difference itself left behind may hide it once
    for candidates in (_without_steps, lambda whole: _without_members(whole, keep), _without_steps):
        found = found and _improved(found, candidates, repeat, enough)
    return found


def _improved(
    best: Recording,
    candidates: Callable[[Recording], Iterator[Recording]],
    repeat: Repeat,
    enough: Callable[[], bool],
) -> Recording:
    """The best that the candidates lead to; what could not be left out once is not tried again."""
    failed = tried = 0
    while tried < MOST_TRIES and not enough() and (candidate := next(islice(candidates(best), failed, None), None)):
        found, tried = repeat(candidate), tried + 1
        if found and _size(found) < _size(best):
            best = found
        else:
            failed += 1
    return best


def _size(recording: Recording) -> int:
    bodies = [step.a.request.body or b"" for step in recording.steps]
    return 1_000_000 * len(bodies) + sum(map(len, bodies))


def _without_steps(whole: Recording) -> Iterator[Recording]:
    """Without half of the steps before the last, a quarter and so on down to single ones; the later ones first."""
    before, last = whole.steps[:-1], whole.steps[-1:]
    size = len(before)
    while size:
        for stop in range(len(before), 0, -size):
            yield replace(whole, steps=before[: max(0, stop - size)] + before[stop:] + last)
        size //= 2


def _without_members(whole: Recording, keep: str) -> Iterator[Recording]:
    """Without one member of one body."""
    for index, step in enumerate(whole.steps):
        body = parsed(step.a.request.body or b"")
        for place in _places(body, keep) if body is not NO_JSON else ():
            request = replace(step.a.request, body=json.dumps(_without(body, place)).encode())
            barer = replace(step, a=replace(step.a, request=request))
            yield replace(whole, steps=(*whole.steps[:index], barer, *whole.steps[index + 1 :]))


def _places(value: Any, keep: str, at: Place = ()) -> Iterator[Place]:
    """The places of what may be left out, the outer ones first."""
    members = list(value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ())
    yield from ((*at, key) for key, item in members if keep not in json.dumps(item))
    for key, item in members:
        yield from _places(item, keep, (*at, key))


def _without(value: Any, place: Place) -> Any:
    copy: Any = dict(value) if isinstance(value, dict) else list(value)
    if len(place) == 1:
        del copy[place[0]]
    else:
        copy[place[0]] = _without(value[place[0]], place[1:])
    return copy
