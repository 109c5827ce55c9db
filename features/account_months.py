"""Readings of account sums over months: small compiled loops, so that one loan costs microseconds.

`sums` (n_units, m) are sums from the first row up to as_of and 1, 2, ... months before; `unit` (n,) is the unit of each
observation, `observed` (n,) how many of its latest months are observed.
"""

from __future__ import annotations

from typing import Any

import numba as nb
import numpy as np

Ints = Any


@nb.njit("int64[:](int64[:,:], int64[:])", cache=True, nogil=True)
def observed_months(edges: Ints, first: Ints) -> Ints:
    """How many of the months between the `edges` (n, m) have at least half of their days after `first`, (n,)."""
    out = np.zeros(len(edges), np.int64)
    for i in range(len(edges)):
        for j in range(edges.shape[1] - 1):
            out[i] += 2 * (edges[i, j] - first[i]) >= edges[i, j] - edges[i, j + 1]
    return out


@nb.njit("boolean[:](int64[:,:], int64[:], int64, int64)", cache=True, nogil=True)
def half_seen(edges: Ints, first: Ints, since: int, months: int) -> Ints:
    """Whether at least half of the `months` months from month `since` back lies after `first`, (n,)."""
    out = np.empty(len(edges), np.bool_)
    for i in range(len(edges)):
        until = edges[i, since]
        out[i] = 2 * (until - first[i]) >= until - edges[i, since + months]
    return out


@nb.njit("float64[:](int64[:,:], int64[:], boolean[:], int64)", cache=True, nogil=True)
def sum_of_months(sums: Ints, unit: Ints, seen: Ints, months: int) -> Ints:
    """The sum of the last `months` months where it is `seen`, else NaN, (n,)."""
    out = np.full(len(unit), np.nan)
    for i in range(len(unit)):
        if seen[i]:
            out[i] = sums[unit[i], 0] - sums[unit[i], months]
    return out


@nb.njit("float64[:](int64[:,:], int64[:], int64[:], int64, int64, int64)", cache=True, nogil=True,
         error_model="numpy")  # fmt: skip
def mean_of_months(sums: Ints, unit: Ints, observed: Ints, months: int, since: int, least: int) -> Ints:
    """Mean of the observed months among the `months` from month `since` back; NaN where there is none, or where under
    `least` of all months are observed, (n,).
    """
    out = np.full(len(unit), np.nan)
    for i in range(len(unit)):
        count = min(max(observed[i] - since, 0), months)
        if count > 0 and observed[i] >= least:
            out[i] = (sums[unit[i], since] - sums[unit[i], since + count]) / count
    return out


@nb.njit("float64[:,:](int64[:,:], int64[:], int64[:], int64)", cache=True, nogil=True)
def each_month(sums: Ints, unit: Ints, observed: Ints, months: int) -> Ints:
    """The sum of each of the last `months` months, newest first; NaN where it is not observed, (n, months)."""
    out = np.full((len(unit), months), np.nan)
    for i in range(len(unit)):
        for j in range(min(months, observed[i])):
            out[i, j] = sums[unit[i], j] - sums[unit[i], j + 1]
    return out


@nb.njit("Tuple((float64[:], boolean[:]))(int64[:,:], int64[:], int64[:], int64[:,:], int64[:], int64[:])", cache=True,
         nogil=True, error_model="numpy")  # fmt: skip
def mean_in_year_before(
    sums: Ints, unit: Ints, observed: Ints, edges: Ints, first: Ints, month: Ints
) -> tuple[Ints, Ints]:
    """Mean of the observed months among three from `month` (n,) back, NaN where none is; and whether three months now
    and half of those three then are observed, (n,).
    """
    n = len(unit)
    out, known = np.full(n, np.nan), np.empty(n, np.bool_)
    for i in range(n):
        since = month[i]
        until = edges[i, since]
        known[i] = observed[i] >= 3 and 2 * (until - first[i]) >= until - edges[i, since + 3]
        count = min(max(observed[i] - since, 0), 3)
        if count > 0:
            out[i] = (sums[unit[i], since] - sums[unit[i], since + count]) / count
    return out, known


@nb.njit("float64[:](int64[:,:], int64[:], int64[:], boolean[:], int64)", cache=True, nogil=True, error_model="numpy")
def recurring_mean(recurring: Ints, unit: Ints, observed: Ints, seen: Ints, since: int) -> Ints:
    """Mean of `recurring` (n_units, months) over the observed months among three from month `since` back, (n,).

    NaN where it is not `seen` or none of them is observed.
    """
    out = np.full(len(unit), np.nan)
    for i in range(len(unit)):
        count = min(max(observed[i] - since, 0), 3)
        if seen[i] and count > 0:
            total = 0
            for j in range(count):
                total += recurring[unit[i], since + j]
            out[i] = total / count
    return out


@nb.njit("float64[:](float64[:], int64[:], boolean[:])", cache=True, nogil=True)
def of_unit(values: Ints, unit: Ints, seen: Ints) -> Ints:
    """The value of each observation's unit where it is `seen`, else NaN, (n,)."""
    out = np.full(len(unit), np.nan)
    for i in range(len(unit)):
        if seen[i]:
            out[i] = values[unit[i]]
    return out


@nb.njit("int64[:](int64[:,:], int64[:], int64[:], int64, int64)", cache=True, nogil=True)
def first_days(known: Ints, unit: Ints, as_of: Ints, stale: int, far: int) -> Ints:
    """The first day of the feed, (n,); `far` after as_of where there is no row or the latest is too old.

    `known` (n_units, 2) are the first and the last day with a row, negative without one.
    """
    out = np.empty(len(unit), np.int64)
    for i in range(len(unit)):
        first, last = known[unit[i], 0], known[unit[i], 1]
        out[i] = first if first >= 0 and as_of[i] - last <= stale else as_of[i] + far
    return out


@nb.njit("int64[:](int64[:,:], int64[:], int64)", cache=True, nogil=True)
def oldest_edges(edges: Ints, of_segment: Ints, segments: int) -> Ints:
    """The earliest of the last `edges` (n_units, m) of the units of each segment, (segments,)."""
    out = np.full(segments, np.iinfo(np.int64).max)
    for i in range(len(edges)):
        out[of_segment[i]] = min(out[of_segment[i]], edges[i, edges.shape[1] - 1])
    return out


@nb.njit("int64[:,:](int64[:], int64[:])", cache=True, nogil=True)
def ranges_of(offsets: Ints, segments: Ints) -> Ints:
    """First row and the one after the last of each segment, (n, 2)."""
    out = np.empty((len(segments), 2), np.int64)
    for i in range(len(segments)):
        out[i, 0], out[i, 1] = offsets[segments[i]], offsets[segments[i] + 1]
    return out
