"""How a run is divided among machines or processes: its shards together try exactly what the whole run tries."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Self, TypeVar

from immuta_contracts.errors import CannotRun
from immuta_contracts.settings import Limits

T = TypeVar("T")


class BadShard(CannotRun):
    """A run cannot be divided like that; the text says why and what would be right."""


@dataclass(frozen=True)
class Shard:
    """One of `of` shards, counted from 1; the only one is the whole run."""

    index: int = 1
    of: int = 1

    def __str__(self) -> str:
        return f"{self.index}/{self.of}"

    @classmethod
    def parse(cls, text: str) -> Self:
        """The shard that is written like 2/4. Raises `BadShard`."""
        found = re.fullmatch(r"([0-9]{1,4})/([0-9]{1,4})", text)
        index, of = (int(found[1]), int(found[2])) if found else (0, 0)
        if not 1 <= index <= of:
            raise BadShard(f"{text!r} is no shard: write 2/4 for the second of four")
        return cls(index, of)

    def name(self, seed: int) -> str:
        """What it is called on a target, other than the rest of its run and than any other run."""
        return str(seed) if self.of == 1 else f"{seed}s{self.index}"

    def part(self, items: Sequence[T], cost: Callable[[T], float]) -> list[T]:
        """Its items, in their order: costliest first, each item goes to the shard that has least to do so far."""
        loads, mine = [0.0] * self.of, []
        for place in sorted(range(len(items)), key=lambda place: -cost(items[place])):
            lightest = loads.index(min(loads))
            loads[lightest] += cost(items[place])
            mine += [place] if lightest == self.index - 1 else []
        return [items[place] for place in sorted(mine)]

    def share(self, limits: Limits) -> Limits:
        """Its part of what the run may ask of its target, so that the limits hold over all shards.

        Raises `BadShard`.
        """
        rate, most, together = limits.requests_per_second, limits.total_requests, limits.concurrency
        if together is not None and together < self.of:
            raise BadShard(
                f"{self.of} shards or jobs send {self.of} requests at a time, and limits.concurrency is {together}: "
                "take fewer of them, or raise it"
            )
        if most is not None and most < self.of:
            raise BadShard(f"{self.of} shards cannot share a limit of {most} requests: raise it, or take fewer shards")
        return replace(
            limits,
            requests_per_second=None if rate is None else rate / self.of,
            total_requests=None if most is None else (most + self.of - self.index) // self.of,
        )


WHOLE = Shard()
