"""The figures as a picture: CPU for a request and requests in a second, by server and scenario."""

from pathlib import Path
from statistics import median

import matplotlib as mpl
from figures import Rounds
from servers import SCENARIOS

mpl.use("Agg")
from matplotlib import pyplot as plt  # the backend has to be chosen before

PANELS = (("cpu", "CPU for a request, ms", True), ("per_second", "requests in a second at 16 connections", False))


def draw(rounds: Rounds, path: Path) -> None:
    """Write it as PNG."""
    figure, axes = plt.subplots(1, 2, figsize=(12, 0.9 + 0.75 * len(rounds)), layout="constrained")
    for panel, (what, label, logarithmic) in zip(axes, PANELS, strict=True):
        for shift, scenario in enumerate(SCENARIOS):
            for row, (_, measured) in enumerate(rounds.items()):
                values = [getattr(each.scenarios[scenario], what) for each in measured if scenario in each.scenarios]
                if values:
                    middle, place = median(values), row + (shift - 1) * 0.26
                    spread = [[middle - min(values)], [max(values) - middle]]
                    panel.barh(place, middle, 0.24, color=f"C{shift}", label=scenario if row == 0 else None)
                    panel.errorbar(middle, place, xerr=spread, color="black", capsize=2, linewidth=0.8)
        panel.set_yticks(range(len(rounds)), list(rounds))
        panel.invert_yaxis()
        panel.set_xlabel(label)
        if logarithmic:
            panel.set_xscale("log")
        panel.grid(axis="x", alpha=0.3)
    axes[0].legend(frameon=False)
    figure.savefig(path, dpi=120)
