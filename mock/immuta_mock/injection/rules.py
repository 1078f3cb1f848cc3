"""The fault rules of one tenant: which of them a request meets, and when they take effect."""

import json
import math
import random
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import lru_cache
from itertools import count, dropwhile
from threading import RLock
from typing import Any, TypeVar

from immuta_mock.errors import BadRequest, Refusal, quoted
from immuta_mock.store.keeping import Keeper, Record, undisturbed

Json = Mapping[str, Any]

MOST_RULES = 1000
LONGEST_LATENCY = 3600.0
"""Seconds; the longest a request is kept waiting, whatever a distribution says."""

RULE, NUMBER = "rule", "number"
"""What is kept of the rules: each with its counts, and the number in the last id that was given."""

Outcome = TypeVar("Outcome")


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


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule with its counts; `entry` is as it was written, and valid. `passed` are the times a rate limit counts."""

    entry: Json
    seen: int = 0
    applied: int = 0
    passed: tuple[datetime, ...] = ()

    def shown(self) -> dict[str, Any]:
        """The rule as written, with its counts."""
        return {"enabled": True, **self.entry, "seen": self.seen, "applied": self.applied}

    def met(self, request: Circumstances) -> tuple["Rule", dict[str, Any] | None]:
        """The rule after a request, and what happens to that, the chances taken; None for nothing."""
        if not self.entry.get("enabled", True) or not self._matches(request):
            return self, None
        rule = replace(self, seen=self.seen + 1)
        chance = rule._chance()
        if not rule._is_due(chance):
            return rule, None
        rule, effect = rule._taken(request.now, chance)
        return (replace(rule, applied=rule.applied + 1), effect) if effect else (rule, None)

    def _matches(self, request: Circumstances) -> bool:
        match = self.entry.get("match", {})
        return (
            match.get("operationId") in (None, request.operation_id)
            and match.get("method", request.method).upper() == request.method
            and match.get("tenant") in (None, request.tenant)
            and _pattern(match.get("path", "*")).fullmatch(request.path) is not None
            and ("user" not in match or match["user"] == request.user())
        )

    def _chance(self) -> random.Random:
        """What follows from the seed for the request that was seen last."""
        return random.Random(f"{self.entry.get('when', {}).get('seed', 0)} {self.seen}")

    def _is_due(self, chance: random.Random) -> bool:
        when = self.entry.get("when", {})
        return (
            when.get("nth") in (None, self.seen)
            and self.seen > when.get("after", 0)
            and self.applied < when.get("times", math.inf)
            and ("probability" not in when or chance.random() < when["probability"])
        )

    def _taken(self, now: datetime, chance: random.Random) -> tuple["Rule", dict[str, Any]]:
        """The effect with its latency drawn; behind a rate limit it happens to those alone that are above it."""
        effect, rule = dict(self.entry["effect"]), self
        if "rateLimit" in effect:
            limit = effect.pop("rateLimit")
            rule, wait = self._waited(limit["requests"], timedelta(seconds=limit["seconds"]), now)
            if not wait:
                return rule, {}
            after = str(math.ceil(wait.total_seconds()))
            effect = {"status": 429, **effect, "headers": {"Retry-After": after, **effect.get("headers", {})}}
        if "latency" in effect:
            effect["latency"] = _drawn(effect["latency"], chance)
        return rule, effect

    def _waited(self, requests: int, window: timedelta, now: datetime) -> tuple["Rule", timedelta]:
        """How long until one more request is within the limit; zero, and the request is counted, if it is now."""
        passed = tuple(dropwhile(lambda at: not now - window < at <= now, self.passed))
        if len(passed) >= requests:
            return replace(self, passed=passed), passed[-requests] + window - now
        return replace(self, passed=(*passed, now)), timedelta()


class FaultRules:
    """The rules of a tenant in their order; `start` are those that a reset brings back."""

    def __init__(self, start: Iterable[Json] = ()) -> None:
        self._start = tuple(start)
        self._lock = RLock()
        self._keeper: Keeper | None = None
        self._rules: dict[str, Rule] = {}
        self._last = 0
        """The number in the last id that was given here."""
        self.replace(self._start)

    def __bool__(self) -> bool:
        self._take_missed()
        return bool(self._rules)

    def keep_in(self, keeper: Keeper) -> None:
        """Be as they were kept there, or keep what is here if nothing was; from now on all is kept there."""
        with self._lock:
            undisturbed(lambda: self._begin(keeper))
            self._keeper = keeper

    def shown(self) -> list[dict[str, Any]]:
        """The rules as they were written, with their ids and counts."""
        return self._step(lambda rules: [rule.shown() for rule in rules.values()])

    def add(self, entry: Json) -> dict[str, Any]:
        """Add a rule, or put it in the place of the one with its id; answers it with its id."""
        return self._step(lambda rules: self._put(rules, entry).shown())

    def replace(self, entries: Iterable[Json]) -> None:
        """Have these rules and no others."""
        wanted = list(entries)

        def act(rules: dict[str, Rule]) -> None:
            rules.clear()
            for entry in wanted:
                self._put(rules, entry)

        self._step(act, dropping=[RULE])

    def remove(self, fault_id: str) -> None:
        """Take a rule away; raises NoSuchFault."""

        def act(rules: dict[str, Rule]) -> None:
            if rules.pop(fault_id, None) is None:
                raise NoSuchFault(fault_id)

        self._step(act)

    def reset(self) -> None:
        """Have the rules of the start, as if none had met a request."""
        self.replace(self._start)

    def effects(self, request: Circumstances) -> dict[str, dict[str, Any]]:
        """What happens to a request, by the id of the rule that makes it happen."""

        def act(rules: dict[str, Rule]) -> dict[str, dict[str, Any]]:
            met = {fault_id: rule.met(request) for fault_id, rule in rules.items()}
            rules.update((fault_id, rule) for fault_id, (rule, _) in met.items())
            return {fault_id: effect for fault_id, (_, effect) in met.items() if effect is not None}

        return self._step(act)

    def _put(self, rules: dict[str, Rule], entry: Json) -> Rule:
        fault_id = entry["id"] if "id" in entry else self._free_id(rules)
        if fault_id not in rules and len(rules) >= MOST_RULES:
            raise BadRequest(f"there are {MOST_RULES} faults already; remove one first")
        rules[fault_id] = rule = Rule({**entry, "id": fault_id})
        return rule

    def _free_id(self, rules: Mapping[str, Rule]) -> str:
        self._last = next(number for number in count(self._last + 1) if f"fault-{number}" not in rules)
        return f"fault-{self._last}"

    # How they change and are kept

    def _step(self, act: Callable[[dict[str, Rule]], Outcome], *, dropping: Sequence[str] = ()) -> Outcome:
        """What an act on the rules comes to; all that it changes lasts when this returns, or has not happened."""
        with self._lock:
            if self._keeper is None:
                return self._tried(act, dropping)
            return undisturbed(lambda: self._tried(act, dropping))

    def _tried(self, act: Callable[[dict[str, Rule]], Outcome], dropping: Sequence[str]) -> Outcome:
        self._take_missed()
        rules, last = dict(self._rules), self._last
        try:
            outcome = act(rules)
            if self._keeper is not None:
                before = {} if dropping else self._rules
                records = list(_records(before, rules))
                if records or dropping or self._last != last:
                    self._keeper.write([*records, _number(self._last)], dropping=dropping)
        except BaseException:
            self._last = last
            raise
        self._rules = rules
        return outcome

    def _begin(self, keeper: Keeper) -> None:
        if records := keeper.read():
            self._take(records, {})
        elif self._rules:
            keeper.write([*_records({}, self._rules), _number(self._last)])

    def _take_missed(self) -> None:
        if self._keeper is None:
            return
        with self._lock:
            missed = self._keeper.missed()
            if missed is not None:
                self._take(missed.records, {} if missed.whole else self._rules)

    def _take(self, records: Iterable[Record], rules: Mapping[str, Rule]) -> None:
        taken = dict(rules)
        for record in records:
            if record.kind == NUMBER:
                self._last = int(str(record.text))
            elif record.text is None:
                taken.pop(record.key, None)
            else:
                entry, seen, applied, passed = json.loads(record.text)
                taken[record.key] = Rule(entry, seen, applied, tuple(map(datetime.fromisoformat, passed)))
        self._rules = taken


def _records(before: Mapping[str, Rule], after: Mapping[str, Rule]) -> Iterator[Record]:
    """What is other than before."""
    for fault_id in {**before, **after}:
        rule = after.get(fault_id)
        if rule is not before.get(fault_id):
            kept = rule and [rule.entry, rule.seen, rule.applied, [at.isoformat() for at in rule.passed]]
            yield Record(RULE, fault_id, json.dumps(kept) if kept else None)


def _number(last: int) -> Record:
    return Record(NUMBER, "", str(last))


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


@lru_cache(maxsize=MOST_RULES)
def _pattern(path: str) -> re.Pattern[str]:
    """`{name}` stands for one segment of a path, `*` for anything."""
    parts = re.split(r"(\{[^/{}]*\}|\*)", path)
    return re.compile("".join(_PLACES.get(part[:1], re.escape(part)) for part in parts))


_PLACES = {"{": "[^/]+", "*": ".*"}
