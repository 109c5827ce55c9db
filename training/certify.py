"""The monotone certificate: each constrained feature is set to all it can be, on real rows; the PD may never turn.

Between two thresholds of the model its answer does not change, so one value in every gap, and the thresholds
themselves, are all values.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from models.predict import Model

MOST_ROWS = 200
LEAST_ROWS = 20
ANSWERS = 400_000  # the model is asked about so often, no fewer than LEAST_ROWS rows
TOLERANCE = 1e-12  # log-odds

Floats = NDArray[np.float64]


def certify(model: Model, x: NDArray[np.float32], monotone: Sequence[int], names: Sequence[str]) -> dict[str, Any]:
    """Sweep rows spread evenly over x (m, k); plain data: the steps taken and those that turned, by feature.

    A step against the sign is a violation. Missing values lie outside the constraint: `missing_lowers` and
    `missing_raises` list the features for which "not observed" scores below, or above, every value on some row.
    `unread` counts the constrained features that the model does not look at: they cannot turn.
    """
    values = {column: _every_value(cuts) for column, cuts in model.thresholds().items() if monotone[column]}
    rows = _rows(x, sum(len(one) + 1 for one in values.values()))
    steps, turned, lowers, raises = 0, dict[str, int](), list[str](), list[str]()
    for column, swept in values.items():
        raw = _swept(model, rows, column, swept)
        missing, seen = raw[:, 0], raw[:, 1:]
        wrong = int(np.sum(np.diff(seen, axis=1) * monotone[column] < -TOLERANCE))
        steps += len(rows) * (len(swept) - 1)
        if wrong:
            turned[names[column]] = wrong
        if np.any(missing < seen.min(axis=1) - TOLERANCE):
            lowers.append(names[column])
        if np.any(missing > seen.max(axis=1) + TOLERANCE):
            raises.append(names[column])
    return {
        "rows": len(rows),
        "features": len(values),
        "unread": sum(1 for sign in monotone if sign) - len(values),
        "steps": steps,
        "violations": turned,
        "missing_lowers": lowers,
        "missing_raises": raises,
        "holds": not turned,
    }


def _every_value(cuts: Floats) -> Floats:
    """Every threshold, a value in every gap between two, one below all and one above.

    A split at infinity parts missing values from all others: it is no edge between two values.
    """
    cuts = cuts[np.isfinite(cuts)]
    if not len(cuts):
        return np.zeros(1)
    first, last = cuts[0], cuts[-1]
    ends = [first - 1 - abs(first)], [last + 1 + abs(last)]
    return np.unique(np.concatenate([ends[0], cuts, (cuts[1:] + cuts[:-1]) / 2, ends[1]]))


def _rows(x: NDArray[np.float32], values: int) -> Floats:
    """Rows to sweep, as many as `ANSWERS` allow."""
    n = min(max(ANSWERS // max(values, 1), LEAST_ROWS), MOST_ROWS, len(x))
    return np.asarray(x[np.linspace(0, len(x) - 1, n).astype(int)] if n else x, np.float64)


def _swept(model: Model, rows: Floats, column: int, values: Floats) -> Floats:
    """Log-odds (rows, 1 + values): the feature missing, then at each value."""
    told = np.append(np.nan, values)
    swept = np.repeat(rows, len(told), axis=0)
    swept[:, column] = np.tile(told, len(rows))
    return model.raw(swept).reshape(len(rows), len(told))
