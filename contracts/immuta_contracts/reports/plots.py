"""The latency distributions of the page, as geometry for inline SVG."""

import math
from dataclasses import dataclass

from immuta_contracts.reports.document import BINS, Document

WIDTH, HEIGHT = 240, 36


@dataclass(frozen=True)
class Bar:
    """One bar of a histogram, in the units of the drawing."""

    x: float
    y: float
    width: float
    height: float


@dataclass(frozen=True)
class Plot:
    """The answers of one operation: bars, and where median and 99th percentile are."""

    operation: str
    latency: Document
    bars: tuple[Bar, ...]
    p50: float
    p99: float


@dataclass(frozen=True)
class Axis:
    """The scale that all plots share; `ticks` are positions with their labels."""

    ticks: tuple[tuple[float, str], ...]
    low: float
    high: float

    def at(self, milliseconds: float) -> float:
        share = (math.log10(max(milliseconds, 0.001)) - self.low) / (self.high - self.low)
        return round(min(1.0, max(0.0, share)) * WIDTH, 1)


def axis(whole: Document) -> Axis:
    """A logarithmic scale over whole factors of ten that holds every answer of the run."""
    bounds = [math.log10(bound) for each in whole["operations"].values() for bound, _ in each["latency"]["histogram"]]
    low = math.floor(min(bounds, default=0) - 1 / BINS + 1e-3)
    high = max(math.ceil(max(bounds, default=1) - 1e-3), low + 1)
    ticks = [(round((power - low) / (high - low) * WIDTH, 1), _label(power)) for power in range(low, high + 1)]
    return Axis(tuple(ticks), low, high)


def _label(power: int) -> str:
    return f"{10 ** (power - 3)} s" if power >= 3 else f"{10.0**power:g} ms"


def latencies(whole: Document) -> list[Plot]:
    """A plot for each operation that was called."""
    scale = axis(whole)
    called = {name: each["latency"] for name, each in whole["operations"].items() if each["latency"]["count"]}
    return [_plot(name, latency, scale) for name, latency in called.items()]


def _plot(name: str, latency: Document, scale: Axis) -> Plot:
    most = max(count for _, count in latency["histogram"])
    bars = []
    for bound, count in latency["histogram"]:
        left, right = scale.at(bound / 10 ** (1 / BINS)), scale.at(bound)
        height = max(1.5, round(count / most * (HEIGHT - 2), 1))
        bars.append(Bar(left, HEIGHT - height, round(max(right - left - 0.6, 1.0), 1), height))
    return Plot(name, latency, tuple(bars), scale.at(latency["p50"]), scale.at(latency["p99"]))
