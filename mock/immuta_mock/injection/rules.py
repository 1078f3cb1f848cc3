"""The fault rules of one tenant: which of them a request meets, and when they take effect."""

import itertools
import math
import random
import re
from collections import deque
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from threading import Lock
from typing import Any

from immuta_mock.errors import BadRequest, Refusal, quoted

Json = Mapping[str, Any]

MOST_RULES = 1000
LONGEST_LATENCY = 3600.0
"""Seconds; the longest a request is kept waiting, whatever a distribution says."""


class NoSuchFault(Refusal):
    """No fault rule has this id."""

    status = 404

    def __init__(self, fault_id: str) -> None:
        super().__init__(f"There is no fault {quoted(fault_id)}.")


@dataclass(frozen=True, slots=True)
class Circumstances:
    """What rules may ask of a request; `user` finds out who calls, which takes a while, and `now` is tenant time."""

    operation_id: str | None
    method: str
    path: str
    tenant: str
    user: Callable[[], str | None]
    now: datetime


class Rule:
    """One rule with its counts; `entry` is as it was written, and valid."""

    def __init__(self, entry: Json) -> None:
        self.entry = {"enabled": True, **entry}
        self.seen = 0
        self.applied = 0
        self._path = _pattern(entry.get("match", {}).get("path", "*"))
        self._random = random.Random(entry.get("when", {}).get("seed", 0))
        self._passed: deque[datetime] = deque()

    def shown(self) -> dict[str, Any]:
        """The rule as written, with its counts."""
        return {**self.entry, "seen": self.seen, "applied": self.applied}

    def effect(self, request: Circumstances) -> dict[str, Any] | None:
        """What happens to a request, the chances taken; None for nothing."""
        if not self.entry["enabled"] or not self._matches(request):
            return None
        self.seen += 1
        effect = self._taken(request.now) if self._is_due() else None
        self.applied += effect is not None
        return effect

    def _matches(self, request: Circumstances) -> bool:
        match = self.entry.get("match", {})
        return (
            match.get("operationId") in (None, request.operation_id)
            and match.get("method", request.method).upper() == request.method
            and match.get("tenant") in (None, request.tenant)
            and self._path.fullmatch(request.path) is not None
            and ("user" not in match or match["user"] == request.user())
        )

    def _is_due(self) -> bool:
        when = self.entry.get("when", {})
        return (
            when.get("nth") in (None, self.seen)
            and self.seen > when.get("after", 0)
            and self.applied < when.get("times", math.inf)
            and ("probability" not in when or self._random.random() < when["probability"])
        )

    def _taken(self, now: datetime) -> dict[str, Any] | None:
        """The effect with its latency drawn; behind a rate limit it happens to those alone that are above it."""
        effect = dict(self.entry["effect"])
        if "rateLimit" in effect:
            limit = effect.pop("rateLimit")
            wait = self._wait(limit["requests"], timedelta(seconds=limit["seconds"]), now)
            if not wait:
                return None
            after = str(math.ceil(wait.total_seconds()))
            effect = {"status": 429, **effect, "headers": {"Retry-After": after, **effect.get("headers", {})}}
        if "latency" in effect:
            effect["latency"] = _drawn(effect["latency"], self._random)
        return effect or None

    def _wait(self, requests: int, window: timedelta, now: datetime) -> timedelta:
        """How long until one more request is within the limit; zero, and the request is counted, if it is now."""
        while self._passed and not now - window < self._passed[0] <= now:
            self._passed.popleft()
        if len(self._passed) >= requests:
            return self._passed[-requests] + window - now
        self._passed.append(now)
        return timedelta()


class FaultRules:
    """The rules of a tenant in their order; `start` are those that a reset brings back."""

    def __init__(self, start: Iterable[Json] = ()) -> None:
        self._start = tuple(start)
        self._lock = Lock()
        self._numbers = itertools.count(1)
        self._rules: dict[str, Rule] = {}
        self.replace(self._start)

    def __bool__(self) -> bool:
        return bool(self._rules)

    def shown(self) -> list[dict[str, Any]]:
        """The rules as they were written, with their ids and counts."""
        with self._lock:
            return [rule.shown() for rule in self._rules.values()]

    def add(self, entry: Json) -> dict[str, Any]:
        """Add a rule, or put it in the place of the one with its id; answers it with its id."""
        with self._lock:
            return self._put(entry).shown()

    def replace(self, entries: Iterable[Json]) -> None:
        """Have these rules and no others."""
        with self._lock:
            self._rules = {}
            for entry in entries:
                self._put(entry)

    def remove(self, fault_id: str) -> None:
        """Take a rule away; raises NoSuchFault."""
        with self._lock:
            if self._rules.pop(fault_id, None) is None:
                raise NoSuchFault(fault_id)

    def reset(self) -> None:
        """Have the rules of the start, as if none had met a request."""
        self.replace(self._start)

    def effects(self, request: Circumstances) -> dict[str, dict[str, Any]]:
        """What happens to a request, by the id of the rule that makes it happen."""
        with self._lock:
            found = {fault_id: rule.effect(request) for fault_id, rule in self._rules.items()}
        return {fault_id: effect for fault_id, effect in found.items() if effect is not None}

    def _put(self, entry: Json) -> Rule:
        fault_id = entry["id"] if "id" in entry else self._free_id()
        if fault_id not in self._rules and len(self._rules) >= MOST_RULES:
            raise BadRequest(f"there are {MOST_RULES} faults already; remove one first")
        self._rules[fault_id] = rule = Rule({**entry, "id": fault_id})
        return rule

    def _free_id(self) -> str:
        return next(found for number in self._numbers if (found := f"fault-{number}") not in self._rules)


def merged(effects: Iterable[Json]) -> dict[str, Any]:
    """Several effects as one: their latencies add up, of anything else the first counts."""
    result: dict[str, Any] = {}
    latency = 0.0
    for effect in effects:
        latency += effect.get("latency", 0)
        result = {**effect, **result}
    return {**result, "latency": latency}


def _drawn(latency: Any, source: random.Random) -> float:
    """Seconds out of a number, a range, or a log-normal distribution by its median and the sigma of its logarithm."""
    if not isinstance(latency, Mapping):
        return float(latency)
    if "max" in latency:
        return source.uniform(latency.get("min", 0), latency["max"])
    return min(source.lognormvariate(math.log(latency["median"]), latency["sigma"]), LONGEST_LATENCY)


def _pattern(path: str) -> re.Pattern[str]:
    """`{name}` stands for one segment of a path, `*` for anything."""
    parts = re.split(r"(\{[^/{}]*\}|\*)", path)
    return re.compile("".join(_PLACES.get(part[:1], re.escape(part)) for part in parts))


_PLACES = {"{": "[^/]+", "*": ".*"}
