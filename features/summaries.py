"""Summaries of the rows of (n, k) windows: one small compiled loop each, so that one loan costs microseconds.

NaN = not observed and is passed over; rows not `seen` (n,) answer NaN. Values are added from the oldest to the newest:
a row has the same bits alone and among thousands.
"""

from __future__ import annotations

from typing import Any

import numba as nb
import numpy as np

Table = Any

_ROWS = "float64[:](float64[:,:], boolean[:])"


@nb.njit(_ROWS, cache=True, nogil=True)
def largest(values: Table, seen: Table) -> Table:
    """The largest observed value; NaN where none is; (n,)."""
    out = np.full(len(values), np.nan)
    for i in range(len(values)):
        if seen[i]:
            for j in range(values.shape[1]):
                if not values[i, j] <= out[i] and not np.isnan(values[i, j]):
                    out[i] = values[i, j]
    return out


@nb.njit(_ROWS, cache=True, nogil=True)
def smallest(values: Table, seen: Table) -> Table:
    """The smallest observed value; NaN where none is; (n,)."""
    out = np.full(len(values), np.nan)
    for i in range(len(values)):
        if seen[i]:
            for j in range(values.shape[1]):
                if not values[i, j] >= out[i] and not np.isnan(values[i, j]):
                    out[i] = values[i, j]
    return out


@nb.njit("Tuple((float64[:], float64[:]))(float64[:,:], boolean[:])", cache=True, nogil=True)
def total(values: Table, seen: Table) -> tuple[Table, Table]:
    """The sum of the observed values, NaN where none is, and how many they are; (n,) each."""
    n = len(values)
    out, count = np.full(n, np.nan), np.zeros(n)
    for i in range(n):
        if seen[i]:
            added = 0.0
            for j in range(values.shape[1]):
                if not np.isnan(values[i, j]):
                    added += values[i, j]
                    count[i] += 1
            if count[i]:
                out[i] = added
    return out, count


@nb.njit("float64[:](float64[:,:])", cache=True, nogil=True)
def observed_sum(values: Table) -> Table:
    """The sum of the observed values, 0 where none is; (n,)."""
    out = np.zeros(len(values))
    for i in range(len(values)):
        for j in range(values.shape[1]):
            if not np.isnan(values[i, j]):
                out[i] += values[i, j]
    return out


@nb.njit(_ROWS, cache=True, nogil=True)
def mean(values: Table, seen: Table) -> Table:
    """The mean of the observed values; NaN where none is; (n,)."""
    out, count = total(values, seen)
    for i in range(len(values)):
        if count[i]:
            out[i] = out[i] / count[i]
    return out


@nb.njit(_ROWS, cache=True, nogil=True)
def spread(values: Table, seen: Table) -> Table:
    """Population standard deviation of the observed values; NaN where none is; (n,)."""
    out, count = total(values, seen)
    for i in range(len(values)):
        if count[i]:
            mean, squares = out[i] / count[i], 0.0
            for j in range(values.shape[1]):
                if not np.isnan(values[i, j]):
                    squares += (values[i, j] - mean) ** 2
            out[i] = np.sqrt(squares / count[i])
    return out


@nb.njit("boolean[:](float64[:,:], int64)", cache=True, nogil=True)
def known_at_least(values: Table, least: int) -> Table:
    """Whether at least so many values are observed in each row; (n,)."""
    out = np.empty(len(values), np.bool_)
    for i in range(len(values)):
        known = 0
        for j in range(values.shape[1]):
            known += not np.isnan(values[i, j])
        out[i] = known >= least
    return out


@nb.njit("float64[:,:](int64[:], int64[:,:], int64[:])", cache=True, nogil=True)
def by_month(running: Table, position: Table, first: Table) -> Table:
    """Differences of `running` totals between neighbouring positions, NaN before month `first` (n,); (n, months)."""
    n, months = position.shape[0], position.shape[1] - 1
    out = np.full((n, months), np.nan)
    for i in range(n):
        for j in range(first[i], months):
            out[i, j] = running[position[i, j + 1]] - running[position[i, j]]
    return out


@nb.njit("float64[:](int64[:], int64[:,:], int64[:], boolean[:], int64, int64)", cache=True, nogil=True)
def between(running: Table, position: Table, first: Table, seen: Table, lo: int, hi: int) -> Table:
    """Sums of the months [lo, hi) from running totals; NaN where none of them is observed; (n,)."""
    out = np.full(len(position), np.nan)
    for i in range(len(position)):
        start = max(lo, first[i])
        if seen[i] and start < hi:
            out[i] = running[position[i, hi]] - running[position[i, start]]
    return out


@nb.njit("float64[:](float64[:,:], boolean[:], float64)", cache=True, nogil=True)
def count_over(values: Table, seen: Table, limit: float) -> Table:
    """How many observed values exceed `limit`; NaN where none is observed; (n,)."""
    out = np.full(len(values), np.nan)
    for i in range(len(values)):
        if seen[i]:
            known = over = 0
            for j in range(values.shape[1]):
                known += not np.isnan(values[i, j])
                over += values[i, j] > limit
            if known:
                out[i] = over
    return out


@nb.njit("float64[:](float64[:,:], boolean[:,:], boolean[:])", cache=True, nogil=True)
def share(values: Table, holds: Table, seen: Table) -> Table:
    """The share of observed places where `holds` (n, k); NaN where none is observed; (n,)."""
    out = np.full(len(values), np.nan)
    for i in range(len(values)):
        if seen[i]:
            known = true = 0
            for j in range(values.shape[1]):
                if not np.isnan(values[i, j]):
                    known += 1
                    true += holds[i, j]
            if known:
                out[i] = true / known
    return out


@nb.njit(_ROWS, cache=True, nogil=True)
def slope(values: Table, seen: Table) -> Table:
    """Least squares slope per step; NaN unless every value is observed; (n,)."""
    n, k = values.shape
    out = np.full(n, np.nan)
    scale = 0.0
    for j in range(k):
        scale += (j - (k - 1) / 2) ** 2
    for i in range(n):
        if seen[i]:
            added = 0.0
            for j in range(k):
                added += values[i, j] * (j - (k - 1) / 2)
            out[i] = added / scale
    return out


@nb.njit("float64[:](float64[:,:], float64[:], boolean[:])", cache=True, nogil=True)
def weighted_mean(values: Table, weight: Table, seen: Table) -> Table:
    """Mean of the observed values with `weight` (k,); NaN where none is observed; (n,)."""
    out = np.full(len(values), np.nan)
    for i in range(len(values)):
        if seen[i]:
            added = weights = 0.0
            for j in range(values.shape[1]):
                if not np.isnan(values[i, j]):
                    added += values[i, j] * weight[j]
                    weights += weight[j]
            if weights:
                out[i] = added / weights
    return out


@nb.njit("float64(float64[:], int64, int64)", cache=True, nogil=True)
def _ranked(values: Table, count: int, rank: int) -> float:
    """The value that would stand at `rank` if the first `count` were sorted (C. A. R. Hoare, find); reorders them."""
    lo, hi = 0, count - 1
    while lo < hi:
        pivot, i, j = values[rank], lo, hi
        while i <= j:
            while values[i] < pivot:
                i += 1
            while pivot < values[j]:
                j -= 1
            if i <= j:
                values[i], values[j] = values[j], values[i]
                i += 1
                j -= 1
        if j < rank:
            lo = i
        if rank < i:
            hi = j
    return values[rank]


@nb.njit("float64(float64[:], int64, float64[:], int64, int64)", cache=True, nogil=True)
def _middle(falling: Table, falls: int, rising: Table, rises: int, count: int) -> float:
    """Median of `count` slopes, of which those that are not `falling` or `rising` are 0; reorders them."""
    lower, upper = (count - 1) // 2, count // 2
    part, size = (falling, falls) if upper < falls else (rising, rises)
    first = 0 if upper < falls else count - rises
    if upper < first:
        above = 0.0
    else:
        above = _ranked(part, size, upper - first)
        if lower == upper:
            return above
        if lower >= first:
            most = part[0]
            for q in range(1, upper - first):
                most = max(most, part[q])
            return (most + above) / 2
    below = 0.0
    if lower < falls:
        below = falling[0]
        for q in range(1, falls):
            below = max(below, falling[q])
    return (below + above) / 2


@nb.njit(_ROWS, cache=True, nogil=True)
def theil_sen(values: Table, seen: Table) -> Table:
    """Median of the slopes between all pairs of observed values in each row; NaN below 3 of them; (n,)."""
    n, k = values.shape
    out = np.full(n, np.nan)
    falling, rising = np.empty(k * (k - 1) // 2 + 1), np.empty(k * (k - 1) // 2 + 1)
    for i in range(n):
        if not seen[i]:
            continue
        known = falls = rises = 0
        for b in range(k):
            if np.isnan(values[i, b]):
                continue
            known += 1
            for a in range(b):
                slope = (values[i, b] - values[i, a]) / (b - a)
                falling[falls] = rising[rises] = slope  # stays where it is of the kind: no branch to guess
                falls += slope < 0
                rises += slope > 0
        if known >= 3:
            out[i] = _middle(falling, falls, rising, rises, known * (known - 1) // 2)
    return out
