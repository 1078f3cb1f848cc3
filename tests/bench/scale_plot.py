"""The cost of requests over the size of a tenant as a picture."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import matplotlib as mpl

mpl.use("Agg")
from matplotlib import pyplot as plt  # the backend has to be chosen before

PANELS = (("cpu", "CPU for a request, ms"), ("p50", "median, ms"), ("p99", "99th percentile, ms"))


def draw(sizes: Sequence[Any], path: Path) -> None:
    """Write it as PNG."""
    numbers = [size.data_sources for size in sizes]
    figure, axes = plt.subplots(1, 3, figsize=(16, 5), layout="constrained", sharey=True)
    for panel, (what, label) in zip(axes, PANELS, strict=True):
        for name in sizes[0].costs:
            panel.plot(numbers, [getattr(size.costs[name], what) for size in sizes], marker="o", label=name)
        panel.set(xscale="log", yscale="log", xlabel="data sources of the tenant", title=label)
        panel.grid(alpha=0.3)
    axes[0].legend(frameon=False, fontsize="small")
    figure.savefig(path, dpi=120)
    plt.close(figure)
