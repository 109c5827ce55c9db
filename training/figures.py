"""Pictures of a run: ROC and calibration on the out-of-time slice."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from monitoring.metrics import BINS, auc

Floats = NDArray[np.float64]

_INK, _MUTED = "#1f4e79", "#9aa5b1"


def draw(y: Floats, pd: Floats, folder: Path) -> list[Path]:
    """Write `roc.svg` and `calibration.svg` of outcomes y (n,) and PDs (n,) into `folder`; their paths."""
    from matplotlib.figure import Figure

    paths = []
    plots: tuple[tuple[str, Callable[..., None]], ...] = (("roc", _roc), ("calibration", _calibration))
    for name, plot in plots:
        figure = Figure(figsize=(4.6, 4.2), layout="constrained")
        axes = figure.add_subplot()
        plot(axes, y, pd)
        axes.spines[["top", "right"]].set_visible(False)
        path = folder / f"{name}.svg"
        figure.savefig(path)
        paths.append(path)
    return paths


def _roc(axes: object, y: Floats, pd: Floats) -> None:
    order = np.argsort(-pd, kind="stable")
    ends = np.append(np.flatnonzero(np.diff(pd[order])), len(pd) - 1)
    hits, misses = (np.append(0, np.cumsum(kind[order])[ends]) for kind in (y, 1 - y))
    axes.plot(misses / max(misses[-1], 1), hits / max(hits[-1], 1), color=_INK)  # type: ignore[attr-defined]
    axes.plot([0, 1], [0, 1], color=_MUTED, linewidth=0.8)  # type: ignore[attr-defined]
    axes.set(  # type: ignore[attr-defined]
        title=f"Out of time: AUC {auc(y, pd):.3f}",
        xlabel="Share of non-events",
        ylabel="Share of events caught",
    )


def _calibration(axes: object, y: Floats, pd: Floats) -> None:
    parts = np.array_split(np.argsort(pd, kind="stable"), min(BINS, len(y)))
    stated, came = ([float(values[part].mean()) for part in parts] for values in (pd, y))
    axes.plot(stated, came, "o-", color=_INK, markersize=4)  # type: ignore[attr-defined]
    top = max(stated + came) * 1.05 or 1.0
    axes.plot([0, top], [0, top], color=_MUTED, linewidth=0.8)  # type: ignore[attr-defined]
    axes.set(  # type: ignore[attr-defined]
        title="Out of time, ten bins of equal size", xlabel="Mean PD", ylabel="Event rate"
    )
