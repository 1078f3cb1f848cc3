"""What was measured, as a table, as ratios against the goals, as JSON and as a plot."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from statistics import median
from typing import Any

from load import Measured
from servers import SCENARIOS

OURS = "this mock"


@dataclass
class Round:
    """One server in one round; `memory` is in megabytes after the load, `start` in seconds until the first answer."""

    start: float
    memory: float = 0.0
    scenarios: dict[str, Measured] = field(default_factory=dict)


Rounds = Mapping[str, Sequence[Round]]
Read = Callable[[Round], float]


@dataclass(frozen=True)
class Goal:
    """A ratio of one figure of a server (`ours`) to that of another one (None: the figure itself), and its bound."""

    what: str
    read: Read
    against: str | None
    bound: float
    at_most: bool
    ours: str = OURS

    def ratios(self, rounds: Rounds) -> list[float]:
        """One for each round, since two servers of a round were measured right after each other."""
        ours = [self.read(each) for each in rounds[self.ours]]
        if self.against is None:
            return ours
        return [one / self.read(other) for one, other in zip(ours, rounds[self.against], strict=True)]

    def met(self, value: float) -> bool:
        """Whether a ratio is within the bound."""
        return value <= self.bound if self.at_most else value >= self.bound


def _of(scenario: str, figure: str) -> Read:
    return lambda each: float(getattr(each.scenarios[scenario], figure))


def _tail(scenario: str) -> Read:
    return lambda each: each.scenarios[scenario].p99 / each.scenarios[scenario].p50


def goals() -> Iterator[Goal]:
    """What the mock is to reach."""
    for scenario, bare, prism in (("get", 5, 1.5), ("create", 5, 1.5), ("refused", 3, 3)):
        against = "get" if scenario == "refused" else scenario  # the bare server refuses nothing
        name = f"CPU of {scenario} / bare uvicorn" + (" (get)" if scenario == "refused" else "")
        yield Goal(name, _against(scenario, against), "bare uvicorn", bare, at_most=True)
        yield Goal(f"requests/s of {scenario} / Prism", _of(scenario, "per_second"), "Prism", prism, at_most=False)
        name = f"requests/s of {scenario} / stock Connexion"
        yield Goal(name, _of(scenario, "per_second"), "stock Connexion", 10, at_most=False)
        yield Goal(f"p99 / p50 of {scenario}", _tail(scenario), None, 4, at_most=True)
        name = f"requests/s of {scenario}, two workers / one"
        yield Goal(name, _of(scenario, "per_second"), "on Redis", 1.5, at_most=False, ours="two on Redis")
    yield Goal("memory after the load, MB", lambda each: each.memory, None, 90, at_most=True)
    yield Goal("start, s", lambda each: each.start, None, 0.8, at_most=True)


def _against(ours: str, other: str) -> Read:
    """CPU of one scenario for this mock, of another one for a server that does not know the first."""
    return lambda each: each.scenarios[ours if ours in each.scenarios else other].cpu


def table(rounds: Rounds) -> str:
    """Medians with the least and the most of all rounds."""
    head = [f"{'server':<16}"]
    head += [f"{f'{name} ms CPU':>22}" for name in SCENARIOS] + [f"{f'{name}/s':>20}" for name in SCENARIOS]
    lines = [" ".join([*head, f"{'MB':>14}", f"{'start s':>16}"])]
    for name, measured in rounds.items():
        cells = [f"{name:<16}"]
        cells += [_spread(_values(measured, each, "cpu"), 3, 22) for each in SCENARIOS]
        cells += [_spread(_values(measured, each, "per_second"), 0, 20) for each in SCENARIOS]
        cells += [_spread([each.memory for each in measured], 0, 14), _spread([each.start for each in measured], 2, 16)]
        lines.append(" ".join(cells))
    return "\n".join(lines)


def _values(measured: Sequence[Round], scenario: str, figure: str) -> list[float]:
    return [float(getattr(each.scenarios[scenario], figure)) for each in measured if scenario in each.scenarios]


def _spread(values: Sequence[float], digits: int, width: int) -> str:
    if not values:
        return f"{'-':>{width}}"
    low, middle, high = (f"{each:,.{digits}f}" for each in (min(values), median(values), max(values)))
    return f"{middle if low == high else f'{middle} ({low}-{high})':>{width}}"


def verdicts(rounds: Rounds, cores: Sequence[float]) -> str:
    """The ratios beside their goals, where the server they are against was measured; `cores` is what two may reach."""
    lines = [f"{'work of two processes at once / one':<44} {_spread(cores, 2, 22)}   of any two on this machine"]
    for goal in goals():
        if goal.ours in rounds and (goal.against is None or goal.against in rounds):
            ratios = goal.ratios(rounds)
            value, sign = median(ratios), "<=" if goal.at_most else ">="
            said = "reached" if goal.met(value) else "not reached"
            lines.append(f"{goal.what:<44} {_spread(ratios, 2, 22)}   goal {sign} {goal.bound:<5g} {said}")
    return "\n".join(lines)


def against_base(rounds: Rounds) -> str:
    """This revision's CPU for a request beside that of the earlier one, round by round."""
    lines = []
    for scenario in SCENARIOS:
        read = _of(scenario, "cpu")
        ratios = [read(ours) / read(base) for ours, base in zip(rounds[OURS], rounds["base"], strict=True)]
        lines.append(f"CPU of {scenario} / base {_spread(ratios, 2, 22)}")
    return "\n".join(lines)


def document(rounds: Rounds, about: Mapping[str, Any]) -> dict[str, Any]:
    """All that was measured."""
    return {**about, "servers": {name: [asdict(each) for each in measured] for name, measured in rounds.items()}}
