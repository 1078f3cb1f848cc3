"""The rates of the contract run as a picture: requests in a second, of each run and each of its layers."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from statistics import median

import matplotlib as mpl

mpl.use("Agg")
from matplotlib import pyplot as plt  # the backend has to be chosen before


def draw(rounds: Sequence[Mapping[str, float]], path: Path) -> None:
    """Write it as PNG."""
    names = list(rounds[0])
    figure, axes = plt.subplots(figsize=(9, 0.9 + 0.32 * len(names)), layout="constrained")
    for row, name in enumerate(names):
        values = [each[name] for each in rounds]
        middle = median(values)
        axes.barh(row, middle, 0.7, color="C1" if ": " in name else "C0")
        axes.errorbar(middle, row, xerr=[[middle - min(values)], [max(values) - middle]], color="black", capsize=2)
    axes.set_yticks(range(len(names)), [f"{name.split(': ')[1]} " if ": " in name else name for name in names])
    axes.invert_yaxis()
    axes.set_xlabel("requests in a second")
    axes.grid(axis="x", alpha=0.3)
    figure.savefig(path, dpi=120)
    plt.close(figure)
