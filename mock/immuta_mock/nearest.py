"""Finds the operation that a request most likely meant which meets none."""

from collections.abc import Iterable
from difflib import SequenceMatcher
from functools import lru_cache

from immuta_mock.checks import Checks

LONGEST_PATH = 200
"""Characters of a path that are compared; what is longer means nothing that a document has."""


class Nearest:
    """The nearest of some operations, first by path, then by method; None where there are none.

    It takes a millisecond to find, so those of the latest paths are remembered.
    """

    def __init__(self, operations: Iterable[Checks]) -> None:
        self._operations = tuple(operations)
        self._found = lru_cache(1000)(self._find)

    def __call__(self, method: str, path: str) -> Checks | None:
        return self._found(method, path[:LONGEST_PATH])

    def _find(self, method: str, path: str) -> Checks | None:
        likeness = _Likeness(path)
        for checks in self._operations:
            likeness.look_at(_filled(checks.path, path))
        of_path = [checks for checks in self._operations if _filled(checks.path, path) == likeness.nearest]
        return max(of_path, key=lambda checks: alike(method, checks.method), default=None)


def alike(one: str, other: str) -> float:
    """How much two texts have in common, from 0 to 1."""
    return SequenceMatcher(None, one, other).ratio()


class _Likeness:
    """The nearest to a text of those looked at; quick bounds spare most of them the whole comparison."""

    def __init__(self, text: str) -> None:
        self._matcher = SequenceMatcher(None, "", text)
        self._seen: set[str] = set()
        self._best = -1.0
        self.nearest: str | None = None

    def look_at(self, text: str) -> None:
        if text in self._seen:
            return
        self._seen.add(text)
        self._matcher.set_seq1(text)
        if self._matcher.quick_ratio() > self._best and (ratio := self._matcher.ratio()) > self._best:
            self._best, self.nearest = ratio, text


def _filled(template: str, path: str) -> str:
    """The path of an operation with the values that a path of as many segments has for its parameters."""
    parts, values = template.split("/"), path.split("/")
    if len(parts) != len(values):
        return template
    return "/".join(value if part.startswith("{") else part for part, value in zip(parts, values, strict=True))
