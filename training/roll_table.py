"""The plainest baseline: what became of loans in the same bucket."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from sklearn.isotonic import isotonic_regression

from features.families.dpd import bucket

Floats = NDArray[np.float64]

BUCKETS = 8  # C, M1 to M6, M7+


def roll_table(dpd: Floats, y: Floats) -> Floats:
    """Log-odds of an event by current bucket, (BUCKETS,), from days past due and outcomes (n,) of training rows.

    A worse bucket is never better: neighbours against the order are pooled. Half an event and half a non-event are
    added to each; a bucket never seen has the rate of the better one before it.
    """
    at = bucket(dpd).astype(int)
    count, events = np.bincount(at, minlength=BUCKETS), np.bincount(at, y, minlength=BUCKETS)
    rates = isotonic_regression(np.divide(events + 0.5, count + 1), sample_weight=np.maximum(count, 1e-9))
    seen = np.maximum.accumulate(np.where(count > 0, np.arange(BUCKETS), 0))
    rates = rates[seen]
    return np.log(rates / (1 - rates))


def rolled(table: Floats, dpd: Floats) -> Floats:
    """The log-odds of loans with these days past due, (n,)."""
    return table[bucket(dpd).astype(int)]
