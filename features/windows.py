"""Cutting windows out of sorted events and spells: small compiled loops, one per question."""

from __future__ import annotations

from typing import Any

import numba as nb
import numpy as np
from numpy.typing import NDArray

Ints = Any


@nb.njit(cache=True, nogil=True)
def locate(days: Ints, at: Ints, segment: Ints, edges: Ints) -> Ints:
    """Positions of the first row after each edge: rows of segment[i] with day <= edges[i, j] end there.

    `days` sorted within each range `at` (n_segments, 2); `edges` (n, m) days; returns int64 (n, m).
    """
    n, m = edges.shape
    out = np.empty((n, m), np.int64)
    for i in range(n):
        lo, hi = at[segment[i], 0], at[segment[i], 1]
        again = i > 0 and segment[i] == segment[i - 1]  # often the day before, or a month later: edges come again
        for j in range(m):
            a, b, edge = lo, hi, edges[i, j]
            if again and edge == edges[i - 1, j]:
                out[i, j] = out[i - 1, j]
                continue
            if again and j + 1 < m and edge == edges[i - 1, j + 1]:
                out[i, j] = out[i - 1, j + 1]
                continue
            while a < b:
                c = (a + b) >> 1
                if days[c] <= edge:
                    a = c + 1
                else:
                    b = c
            out[i, j] = a
    return out


@nb.njit(cache=True, nogil=True)
def day_at(days: Ints, row: Ints, there: Ints, as_of: Ints, beyond: int) -> Ints:
    """The day of each `row`, `beyond` days after as_of where it is not `there`, int64 (n,)."""
    out = np.empty(len(row), np.int64)
    for i in range(len(row)):
        out[i] = days[row[i]] if there[i] else as_of[i] + beyond
    return out


@nb.njit(cache=True, nogil=True)
def latest_day(days: Ints, end: Ints, there: Ints, missing: int) -> Ints:
    """The day of the row before each `end`, `missing` where it is not `there`, int64 (n,)."""
    out = np.empty(len(end), np.int64)
    for i in range(len(end)):
        out[i] = days[end[i] - 1] if there[i] else missing
    return out


@nb.njit("boolean[:](int64[:], int64[:], int64[:])", cache=True, nogil=True)
def half_after(first: Ints, as_of: Ints, edge: Ints) -> Ints:
    """Whether at least half of the days from `edge` to as_of lies after `first`, (n,)."""
    out = np.empty(len(first), np.bool_)
    for i in range(len(first)):
        out[i] = 2 * (as_of[i] - first[i]) >= as_of[i] - edge[i]
    return out


def different(keys: NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """The different `keys` (n,), sorted, and the place of each key among them: np.unique, quick where in order."""
    found, place, ordered = _runs(keys)
    return (found, place) if ordered else np.unique(keys, return_inverse=True)


@nb.njit("Tuple((int64[:], int64[:], boolean))(int64[:])", cache=True, nogil=True)
def _runs(keys: Ints) -> tuple[Ints, Ints, bool]:
    """The keys where a new one begins, the number of each key's run, and whether keys never fall."""
    n, runs, ordered = len(keys), 0, True
    found, place = np.empty(n, np.int64), np.empty(n, np.int64)
    for i in range(n):
        if i == 0 or keys[i] != keys[i - 1]:
            ordered &= i == 0 or keys[i] > keys[i - 1]
            found[runs] = keys[i]
            runs += 1
        place[i] = runs - 1
    return found[:runs].copy(), place, ordered


@nb.njit(
    [f"float64[:,:]({kind}[:], int64[:], int64[:], int64)" for kind in ("int64", "float64", "boolean")],
    cache=True, nogil=True,
)  # fmt: skip
def latest_rows(values: Ints, first: Ints, end: Ints, k: int) -> Ints:
    """The k latest of `values` in the rows [first, end) of each observation, newest last, NaN before; (n, k)."""
    n = len(end)
    out = np.full((n, k), np.nan)
    for i in range(n):
        for j in range(max(first[i], end[i] - k), end[i]):
            out[i, k - end[i] + j] = values[j]
    return out


@nb.njit(cache=True, nogil=True)
def again_within(days: int, on: Ints, at: Ints, failed: Ints, tried: Ints) -> Ints:
    """Which `tried` rows follow a `failed` one of an earlier day, at most so many days before; segments `at` (n, 2)."""
    out = np.zeros(len(on), np.bool_)
    for s in range(len(at)):
        earlier, latest = -(1 << 40), -(1 << 40)  # failed before the day at hand; and on it
        for k in range(at[s, 0], at[s, 1]):
            if k == at[s, 0] or on[k] != on[k - 1]:
                earlier = latest
            out[k] = tried[k] and on[k] - earlier <= days
            if failed[k]:
                latest = on[k]
    return out


@nb.njit(cache=True, nogil=True)
def dpd_months(first: Ints, last: Ints, due_on: Ints, at: Ints, unit: Ints, edges: Ints) -> tuple[Ints, Ints, Ints]:
    """Arrears between neighbouring edges (n, m + 1), newest last.

    Returns the worst daily DPD (n, m), the sum of daily DPD (n, m) and the DPD at every edge (n, m + 1), in days.
    """
    n, m = edges.shape[0], edges.shape[1] - 1
    peak, total, end = np.zeros((n, m)), np.zeros((n, m)), np.zeros((n, m + 1))
    for i in range(n):
        k = at[unit[i], 0]
        stop = at[unit[i], 1]
        while k < stop and last[k] < edges[i, 0]:
            k += 1
        for q in range(k, stop):
            if first[q] > edges[i, m]:
                break
            for j in range(m + 1):
                if first[q] <= edges[i, j] <= last[q]:
                    end[i, j] = edges[i, j] - due_on[q]
            for j in range(m):
                a, b = max(first[q], edges[i, j] + 1), min(last[q], edges[i, j + 1])
                if a <= b:
                    peak[i, j] = max(peak[i, j], b - due_on[q])
                    total[i, j] += (b - a + 1) * (a + b - 2 * due_on[q]) / 2
    return peak, total, end


@nb.njit(cache=True, nogil=True)
def dpd_life(
    first: Ints, last: Ints, due_on: Ints, at: Ints, unit: Ints, day: Ints, over: int
) -> tuple[Ints, Ints, Ints]:
    """Arrears up to `day` (n,): worst DPD, the last day with DPD > 0, the last with DPD > `over` (-1: none)."""
    n = len(unit)
    worst, any_day, over_day = np.zeros(n, np.int64), np.full(n, -1, np.int64), np.full(n, -1, np.int64)
    for i in range(n):
        for q in range(at[unit[i], 0], at[unit[i], 1]):
            if first[q] > day[i]:
                break
            b = min(last[q], day[i])
            if b < first[q]:
                continue
            worst[i] = max(worst[i], b - due_on[q])
            any_day[i] = b
            if b - due_on[q] > over:
                over_day[i] = b
    return worst, any_day, over_day
