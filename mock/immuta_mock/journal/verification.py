"""Verifies that a tenant was called as expected, and otherwise says which requests came nearest and what they lack."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any
from urllib.parse import parse_qsl

from immuta_mock.journal.entries import Entry
from immuta_mock.journal.redaction import Redaction
from immuta_mock.journal.view import field_of, mismatches, parsed
from immuta_mock.nearest import alike
from immuta_mock.wording import json_path, shown

MOST_MISSES = 3
MOST_COMPARED = 50

Json = dict[str, Any]
Expected = Mapping[str, Any]
Miss = tuple[Entry, list[str]]


def verified(entries: Sequence[Entry], expected: Expected, redaction: Redaction) -> Json:
    """Whether as many entries match as expected, how many do, and a message with the nearest misses if not."""
    wanted = {name: value for name, value in expected.items() if name not in _NOT_FIELDS}
    faults = [(entry, _lacks(entry, wanted, expected, redaction)) for entry in entries]
    matched = sum(not lacks for _, lacks in faults)
    misses = _nearest([pair for pair in faults if pair[1]], wanted)
    nearest = [_miss(entry, lacks, redaction) for entry, lacks in misses]
    ok, times = _is_enough(matched, expected)
    told = f"expected {times} {_described(wanted, expected, redaction)}, seen {matched} among {len(entries)} requests"
    near = "".join(f"\n  near: {miss}" for miss in nearest)
    return {"ok": ok, "matched": matched, "message": told if ok else told + near, "nearest": [] if ok else nearest}


def _nearest(misses: list[Miss], wanted: Expected) -> list[Miss]:
    """Those that lack least; of these the ones whose values are most like the wanted ones, then the latest."""
    misses = sorted(misses, key=lambda miss: (len(miss[1]), -miss[0].number))[:MOST_COMPARED]
    return sorted(misses, key=lambda miss: (len(miss[1]), -_likeness(miss[0], wanted)))[:MOST_MISSES]


def _likeness(entry: Entry, wanted: Expected) -> float:
    return sum(alike(_meant(entry, name), str(value)) for name, value in wanted.items())


def _meant(entry: Entry, name: str) -> str:
    """The value of an entry; for a request that met no operation the nearest one."""
    nearest = entry.call.nearest
    return nearest.operation_id if name == "operation" and nearest is not None else str(field_of(entry, name))


_NOT_FIELDS = ("times", "atLeast", "atMost", "queryContains", "bodyContains")


def _is_enough(matched: int, expected: Expected) -> tuple[bool, str]:
    """Whether so many matches are as expected, and the expectation in words; by default one or more are."""
    if "times" in expected:
        return matched == expected["times"], f"{expected['times']} time(s)"
    least, most = expected.get("atLeast", 0 if "atMost" in expected else 1), expected.get("atMost")
    if most is None:
        return matched >= least, f"at least {least} time(s)"
    return least <= matched <= most, f"{least} to {most} time(s)"


def _described(wanted: Expected, expected: Expected, redaction: Redaction) -> str:
    parts = [f"{name} {redaction.text(str(value))}" for name, value in wanted.items()]
    parts += [redaction.text(f"{name}={value}") for name, value in expected.get("queryContains", {}).items()]
    if "bodyContains" in expected:
        parts.append("a body with the given content")
    return "a call with " + ", ".join(parts) if parts else "a call"


def _lacks(entry: Entry, wanted: Expected, expected: Expected, redaction: Redaction) -> list[str]:
    """What an entry lacks, in words; `wanted` are the fields alone that are expected."""
    lacks = [
        f"{name} is {redaction.text(_told(entry, name))}, expected {redaction.text(str(wanted[name]))}"
        for name in mismatches(entry, wanted)
    ]
    lacks += _not_asked(entry.query, expected.get("queryContains", {}), redaction)
    content = expected.get("bodyContains")
    if content is None:
        return lacks
    if isinstance(content, str):
        inside = content in entry.body.decode("utf-8", "replace")
        return lacks if inside else [*lacks, "the body does not contain the given text"]
    return [*lacks, *_missing(parsed(entry.body) if entry.body else None, content, (), redaction)]


def _not_asked(query: str, wanted: Mapping[str, str], redaction: Redaction) -> Iterable[str]:
    """Where a query does not have the wanted parameters."""
    found = parse_qsl(query, keep_blank_values=True)
    for pair in wanted.items():
        if pair not in found:
            seen = [f"{name}={value}" for name, value in found if name == pair[0]]
            there = redaction.text(" and ".join(seen)) if seen else f"no {pair[0]}"
            yield f"the query has {there}, expected {redaction.text('='.join(pair))}"


def _told(entry: Entry, name: str) -> str:
    is_none = name == "operation" and entry.call.checks is None
    return f"none (near is {_meant(entry, name)})" if is_none else str(field_of(entry, name))


def _missing(found: Any, wanted: Any, place: tuple[str | int, ...], redaction: Redaction) -> Iterable[str]:
    """Where a value does not contain another: members of objects by name, those of arrays anywhere in it."""
    if isinstance(wanted, dict) and isinstance(found, dict):
        for name, inner in wanted.items():
            if name in found:
                yield from _missing(found[name], inner, (*place, name), redaction)
            else:
                yield f"{json_path((*place, name))} is missing"
    elif isinstance(wanted, list) and isinstance(found, list):
        for index, inner in enumerate(wanted):
            if not any(not list(_missing(each, inner, place, redaction)) for each in found):
                yield f"{json_path(place)} lacks the expected item {index}"
    elif found != wanted or isinstance(found, bool) != isinstance(wanted, bool):
        is_, expected = (_secretly(value, place, redaction) for value in (found, wanted))
        yield f"{json_path(place)} is {is_}, expected {expected}"


def _secretly(value: Any, place: tuple[str | int, ...], redaction: Redaction) -> str:
    name = str(place[-1]) if place else ""
    return shown(redaction.value({name: value})[redaction.text(name)])


def _miss(entry: Entry, lacks: list[str], redaction: Redaction) -> str:
    return f"{entry.number}. {entry.method} {redaction.text(entry.path)} -> {entry.status}: {'; '.join(lacks)}"
