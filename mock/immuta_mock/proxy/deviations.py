"""Deviations from the document: each kind is told when it is first seen, all of them with their counts at the end."""

from collections import Counter
from dataclasses import dataclass
from enum import Enum

MOST_KINDS = 500
"""How many kinds are told apart; a client that makes up paths would add to them without end."""


class Side(Enum):
    """What deviates, as it is told of a status; the first two are the tenant's matter, the last is the client's."""

    ANSWER = "answered {}"
    ACCEPTED = "request off the document, accepted with {}"
    REQUEST = "request off the document, answered {}"


@dataclass(frozen=True)
class Deviation:
    """One kind: `where` is an operationId, or method and path of none; `reason` holds no value that was sent."""

    side: Side
    promise: str
    where: str
    status: int
    reason: str

    def __str__(self) -> str:
        return f"{self.promise:<9} {self.where}: {self.side.value.format(self.status)}: {self.reason}"


class Deviations:
    """The kinds that were seen, and how often."""

    def __init__(self) -> None:
        self._counts: Counter[Deviation] = Counter()
        self.others = 0

    def add(self, found: Deviation) -> bool:
        """Count one; whether it is the first of its kind."""
        known = found in self._counts
        if not known and len(self._counts) >= MOST_KINDS:
            self.others += 1
            return False
        self._counts[found] += 1
        return not known

    def lines(self) -> list[str]:
        """Each kind with its count, the tenant's first, then the most frequent."""
        sides = list(Side)
        ranked = sorted(self._counts.most_common(), key=lambda found: sides.index(found[0].side))
        told = [f"{count:>6} x {deviation}" for deviation, count in ranked]
        return told + ([f"{self.others:>6} x of further kinds, which are not told apart"] if self.others else [])

    def kinds(self) -> str:
        """How many kinds, by whose matter they are."""
        clients = sum(deviation.side is Side.REQUEST for deviation in self._counts)
        return f"kinds of deviation: {len(self._counts) - clients} of the tenant, {clients} of the client"
