"""The monotone certificate: each constrained feature is swept over its range on real rows; none may turn."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from models.predict import Model

GRID = 12  # values a feature is set to: quantiles of what was observed
TOLERANCE = 1e-12  # log-odds


def certify(
    model: Model, x: NDArray[np.float32], monotone: Sequence[int], names: Sequence[str], n: int = 40
) -> dict[str, Any]:
    """Sweep `n` rows of x (m, k) spread evenly; plain data: the steps taken and those that turned.

    A step against the sign is a violation. Missing values lie outside the constraint: `missing_lowers` lists
    the features for which "not observed" scores below every observed value on some row.
    """
    rows = x[np.unique(np.linspace(0, len(x) - 1, n).astype(int))] if len(x) else x
    steps, turned, lowers = 0, dict[str, int](), []
    for column, sign in enumerate(monotone):
        grid = _grid(x[:, column])
        if sign == 0 or len(grid) < 2 or not len(rows):
            continue
        raw = _swept(model, rows, column, grid)
        wrong = int(np.sum(np.diff(raw[:, 1:], axis=1) * sign < -TOLERANCE))
        steps += len(rows) * (len(grid) - 1)
        if wrong:
            turned[names[column]] = wrong
        if np.any(raw[:, 0] < raw[:, 1:].min(axis=1) - TOLERANCE):
            lowers.append(names[column])
    return {
        "rows": len(rows),
        "steps": steps,
        "violations": turned,
        "missing_lowers": lowers,
        "holds": not turned,
    }


def _grid(values: NDArray[np.float32]) -> NDArray[np.float32]:
    seen = values[~np.isnan(values)]
    return np.unique(np.quantile(seen, np.linspace(0, 1, GRID)).astype(np.float32)) if len(seen) else seen


def _swept(model: Model, rows: NDArray[np.float32], column: int, grid: NDArray[np.float32]) -> NDArray[np.float64]:
    """Log-odds (rows, 1 + grid): the feature missing, then at each grid value."""
    values = np.append(np.float32(np.nan), grid)
    swept = np.repeat(rows, len(values), axis=0)
    swept[:, column] = np.tile(values, len(rows))
    return model.raw(swept).reshape(len(rows), len(values))
