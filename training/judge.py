"""The figures of a model on the out-of-time slice: overall, by bucket, by month, and what limits them."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from monitoring.metrics import by_group, figures
from monitoring.target import CLOSED_GOOD, INDETERMINATE, STATES
from training.data import Rows
from training.split import CALIBRATE, OOT, ROLES, STOP, TRAIN, iso

BUCKETS = ("C", "M1", "M2", "M3", "M4+")
_EDGES = (0, 30, 60, 90)

Figures = dict[str, float | None]


def bucket(dpd: NDArray[np.float64]) -> NDArray[np.int64]:
    """Position in `BUCKETS` of days past due (n,): C 0, M1 1-30, M2 31-60, M3 61-90."""
    return np.searchsorted(np.array(_EDGES, float), dpd, side="left")


def judge(rows: Rows, pd: NDArray[np.float64]) -> dict[str, Any]:
    """Metrics of the out-of-time rows with an outcome; `pd` (n,) belongs to all `rows`.

    Plain data: figures `overall`, `by_bucket`, `by_month`, of borrowers `unseen` in training and of `bullet`
    loans, and the sensitivities without indeterminate and without closed rows.
    """
    used = (rows.role == OOT) & ~np.isnan(rows.y)
    oot, p = rows.take(used), pd[used]
    seen = np.unique(rows.borrower[rows.role == TRAIN])
    months, position = np.unique(oot.as_of, return_inverse=True)
    parts = {
        "unseen": ~np.isin(oot.borrower, seen),
        "bullet": oot.bullet,
        "without_indeterminate": oot.state != INDETERMINATE,
        "without_closed": oot.state != CLOSED_GOOD,
    }
    return {
        "overall": finite(figures(oot.y, p)),
        "by_bucket": _finite_groups(by_group(oot.y, p, bucket(oot.dpd), BUCKETS)),
        "by_month": _finite_groups(by_group(oot.y, p, position, [iso(day) for day in months])),
        **{name: finite(figures(oot.y[part], p[part])) for name, part in parts.items()},
    }


def label_states(rows: Rows) -> dict[str, dict[str, int]]:
    """How many rows of each role ended in each state."""
    return {
        role: {
            state: int(np.sum((rows.role == code) & (rows.state == position))) for position, state in enumerate(STATES)
        }
        for code, role in enumerate(ROLES)
    }


def label_rates(rows: Rows) -> dict[str, dict[str, float | None]]:
    """Rows with an outcome, events and event rate of each month end; training rows are thinned."""
    usable = rows.take(~np.isnan(rows.y))
    return {
        iso(day): finite(
            {
                "rows": float(np.sum(at)),
                "events": float(usable.y[at].sum()),
                "rate": float(usable.y[at].mean()),
            }
        )
        for day in np.unique(usable.as_of)
        if np.any(at := usable.as_of == day)
    }


def slices(rows: Rows) -> dict[str, dict[str, int]]:
    """Rows, events and borrowers of each role."""
    found = {}
    for code in (TRAIN, STOP, CALIBRATE, OOT):
        part = rows.of(code)
        found[ROLES[code]] = {
            "rows": len(part),
            "events": int(part.y.sum()),
            "borrowers": len(np.unique(part.borrower)),
        }
    return found


def finite(values: Mapping[str, float]) -> Figures:
    """The figures as JSON has them: None where there is none."""
    return {name: value if math.isfinite(value) else None for name, value in values.items()}


def _finite_groups(groups: Mapping[str, Mapping[str, float]]) -> dict[str, Figures]:
    return {name: finite(values) for name, values in groups.items()}
