"""Joins what the shards of a run found into the one document that the whole run would have written."""

import math
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date
from itertools import chain
from typing import Any

from immuta_contracts.check import Verdict
from immuta_contracts.deviations import Deviation, Listed, State
from immuta_contracts.errors import CannotRun
from immuta_contracts.fence import Account
from immuta_contracts.gates import GRAVITY
from immuta_contracts.promises import promises
from immuta_contracts.reports.document import Document
from immuta_contracts.reports.rulings import verdict
from immuta_contracts.run import checks
from immuta_contracts.shards import WHOLE

Named = tuple[str, Document]  # a document, and the file it is from
Place = Callable[[Document], int]  # of what was tried, in the order of a whole run

SHARED: Mapping[str, Callable[[Document], object]] = {
    "seed": lambda part: part["seed"],
    "profile": lambda part: part["profile"],
    "number of shards": lambda part: part["shard"]["of"],
    "target": lambda part: "a mock of its own" if part["own_mock"] else part["target"],
    "mode": lambda part: part["fence"]["mode"],
    "selection": lambda part: part["only"] or "everything",
    "connectors in scope": lambda part: part["scope"] or "all",
    "gate": lambda part: part["gate"],
    "known deviations": lambda part: [f"{_deviation(each)} until {each['expires']}" for each in part["deviations"]],
    "OpenAPI document": lambda part: f"sha256 {part['environment']['spec']['sha256'][:12]}",
    "versions": lambda part: " ".join(f"{name}={text}" for name, text in part["environment"]["packages"].items()),
}
"""What the shards of one run have in common, by what it is called."""


class CannotMerge(CannotRun):
    """Documents are not the shards of one run; the text says what is wrong with them."""


def merged(shards: Sequence[Named]) -> Document:
    """One run from all its shards, in any order. Raises `CannotMerge`."""
    _check(shards)
    parts = sorted((part for _, part in shards), key=lambda part: int(part["shard"]["index"]))
    first = parts[0]
    today = date.fromisoformat(first["started"][:10])
    listed = zip(*(part["deviations"] for part in parts), strict=True)
    deviations = [_listed(entries, today).as_json() for entries in listed]
    found = _promises(parts, deviations)
    verdicts = Counter(promise["verdict"] for promise in found)
    return {
        **first,
        "shard": asdict(WHOLE),
        "started": min(part["started"] for part in parts),
        "requests": sum(part["requests"] for part in parts),
        "seconds": max(part["seconds"] for part in parts),
        "interrupted": any(part["interrupted"] for part in parts),
        "deviations": deviations,
        "fence": _fence([part["fence"] for part in parts]),
        "trouble": _trouble([part["trouble"] for part in parts]),
        "left_behind": [name for part in parts for name in part["left_behind"]],
        "counts": {verdict: verdicts[verdict] for verdict in first["counts"]},
        "promises": found,
        "operations": {name: _operation([part["operations"][name] for part in parts]) for name in first["operations"]},
        "drift": _drift(parts),
    }


def _check(shards: Sequence[Named]) -> None:
    """Whether these are all the shards of one run, each once."""
    (name, first), *others = shards
    for path, part in shards:
        if "shard" not in part:
            raise CannotMerge(f"{path} does not say which shard of its run it is; judge again with this version")
    for path, part in others:
        for what, of in SHARED.items():
            if of(part) != of(first):
                raise CannotMerge(f"{path} is of another run than {name}; {what}: {of(part)}, not {of(first)}")
    whose: dict[int, str] = {}
    for path, part in shards:
        index = part["shard"]["index"]
        if index in whose:
            raise CannotMerge(
                f"{path} and {whose[index]} are the same shard, {index}/{part['shard']['of']}: give it once"
            )
        whose[index] = path
    of = first["shard"]["of"]
    if missing := [f"{index}/{of}" for index in range(1, of + 1) if index not in whose]:
        raise CannotMerge(f"shard {', '.join(missing)} is missing: give the run.json of all {of}")


# Promises


@dataclass(frozen=True)
class _Tried:
    verdict: Verdict
    reason: str
    notes: Sequence[str]


def _promises(parts: Sequence[Document], deviations: Sequence[Document]) -> list[Document]:
    """In the order of the list of promises."""
    place = _places(parts[0]["operations"])
    of_id: dict[str, list[Document]] = {}
    for promise in chain.from_iterable(part["promises"] for part in parts):
        of_id.setdefault(promise["id"], []).append(promise)
    return [_promise(of_id[name], deviations, place) for name in promises() if name in of_id]


def _promise(found: Sequence[Document], deviations: Iterable[Document], place: Place) -> Document:
    tried = sorted((each for part in found for each in part["tried"]), key=place)
    failures = sorted((each for part in found for each in part["failures"]), key=place)
    own = [_Tried(each["verdict"], each["reason"], each["notes"]) for each in tried]
    ruled, detail = verdict(own, bool(failures))
    seen = [each for each in deviations if each["promise"] == found[0]["id"] and each["state"] in GRAVITY]
    return {
        **found[0],
        "verdict": ruled,
        "detail": detail,
        "deviation": min(seen, key=lambda each: GRAVITY.index(each["state"]), default=None),
        "tried": tried,
        "failures": failures,
    }


def _places(operations: Iterable[str]) -> Place:
    """Where a whole run would have tried it: check by check, and subject by subject."""
    pairs = [
        (check.name, subject)
        for check in checks()
        for subject in (operations if callable(check.on) else [str(each) if each else None for each in check.on])
    ]
    places = {pair: place for place, pair in enumerate(pairs)}
    return lambda each: places.get((each.get("property") or each["found_by"], each["subject"]), len(places))


# Known deviations


def _deviation(entry: Document) -> Deviation:
    narrowed = {name: entry[name] for name in ("operation", "connector")}
    return Deviation(entry["promise"], entry["reason"], date.fromisoformat(entry["expires"]), **narrowed)


def _listed(entries: Sequence[Document], today: date) -> Listed:
    """One of them: a failure in any shard shows it, and it is fixed where all of them together have tried enough."""
    states = {each["state"] for each in entries}
    missing = tuple(name for name in entries[0]["open"] if all(name in each["open"] for each in entries))
    could = "fixed" in states or any(each["open"] for each in entries)
    otherwise: State = "fixed" if could and not missing else "not tried"
    graver: tuple[State, ...] = ("expired", "known")
    state = next((state for state in graver if state in states), otherwise)
    deviation = _deviation(entries[0])
    return Listed(deviation, state, deviation.expires < today, missing)


# What was counted


def _fence(found: Sequence[Document]) -> Document:
    refused: Counter[str] = Counter()
    for each in chain.from_iterable(part["refused"] for part in found):
        refused[each["reason"]] += each["count"]
    return Account(found[0]["mode"], sum(part["passed"] for part in found), refused).as_json()


def _trouble(found: Sequence[Document]) -> Document:
    ended = dict.fromkeys(part["ended"] for part in found if part["ended"])
    return {
        **{name: sum(part[name] for part in found) for name in ("sent", "retries", "given_up")},
        "waited_seconds": round(sum(part["waited_seconds"] for part in found), 3),
        "trouble": _summed(part["trouble"] for part in found),
        "ended": "; ".join(ended) or None,
    }


def _operation(found: Sequence[Document]) -> Document:
    statuses = _summed(each["statuses"] for each in found)
    return {
        "documented_statuses": found[0]["documented_statuses"],
        "statuses": dict(sorted(statuses.items(), key=lambda pair: int(pair[0]))),
        "parameters": _summed(each["parameters"] for each in found),
        "fields": _summed(each["fields"] for each in found),
        "latency": _latency([each["latency"] for each in found]),
    }


def _latency(found: Sequence[Document]) -> Document:
    """Only the histograms can be added up; what they say of a share of the times is an upper bound."""
    bins = _summed(dict(each["histogram"]) for each in found)
    times = sorted(chain.from_iterable([bound] * count for bound, count in bins.items()))
    longest = max((each["max"] for each in found if each["count"]), default=None)
    shares = {"p50": 0.5, "p90": 0.9, "p99": 0.99}
    return {
        "count": len(times),
        **{n: min(times[math.ceil(share * len(times)) - 1], longest) if times else None for n, share in shares.items()},
        "max": longest,
        "histogram": [[bound, count] for bound, count in sorted(bins.items())],
    }


def _drift(parts: Sequence[Document]) -> list[Document]:
    """By operation: first the statuses, then the fields."""
    counts: Counter[tuple[str, int, str | None]] = Counter()
    for each in chain.from_iterable(part["drift"] for part in parts):
        counts[each["operation"], each["status"], each["field"]] += each["count"]
    order = list(parts[0]["operations"])
    seen = sorted(counts, key=lambda key: (order.index(key[0]), key[2] is not None, key[1], key[2] or ""))
    return [{"operation": key[0], "status": key[1], "field": key[2], "count": counts[key]} for key in seen]


def _summed(counts: Iterable[Mapping[Any, int]]) -> dict[Any, int]:
    """Name by name, in the order in which they first appear; none is left out for being 0."""
    total: dict[Any, int] = {}
    for each in counts:
        for name, count in each.items():
            total[name] = total.get(name, 0) + count
    return total
