"""Running totals of rows and readings of them: small compiled loops, so that one loan costs microseconds."""

from __future__ import annotations

from typing import Any

import numba as nb
import numpy as np

Ints = Any
COUNTED = frozenset(np.dtype(kind) for kind in (np.bool_, np.int8, np.int32, np.int64))
_KINDS = [f"Array({kind}, 1, 'A', readonly=True)" for kind in ("boolean", "int8", "int32", "int64")]
"""Columns as they come: those of the store are mapped into memory and cannot be written."""


@nb.njit([f"int64[:]({kind})" for kind in _KINDS], cache=True, nogil=True)
def totals(values: Ints) -> Ints:
    """Totals of `values` (n_rows,) before each row and after the last, (n_rows + 1,)."""
    out = np.empty(len(values) + 1, np.int64)
    total = 0
    for k in range(len(values)):
        out[k] = total
        total += values[k]
    out[len(values)] = total
    return out


@nb.njit([f"int64[:]({kind}, Array(boolean, 1, 'A', readonly=True))" for kind in _KINDS], cache=True, nogil=True)
def totals_where(values: Ints, holds: Ints) -> Ints:
    """The same, counting only rows that `holds` (n_rows,) marks."""
    out = np.empty(len(values) + 1, np.int64)
    total = 0
    for k in range(len(values)):
        out[k] = total
        if holds[k]:
            total += values[k]
    out[len(values)] = total
    return out


@nb.njit("int64[:](int64[:], int64[:], int64[:])", cache=True, nogil=True)
def gained(total: Ints, first: Ints, end: Ints) -> Ints:
    """What running totals gain over the rows [first, end), (n,)."""
    out = np.empty(len(end), np.int64)
    for i in range(len(end)):
        out[i] = total[end[i]] - total[first[i]]
    return out


@nb.njit("int64[:](boolean[:], int64[:], int64[:])", cache=True, nogil=True)
def in_a_row(holds: Ints, first: Ints, end: Ints) -> Ints:
    """How many of the last rows of [first, end) hold in a row, (n,)."""
    out = np.empty(len(end), np.int64)
    for i in range(len(end)):
        k = end[i]
        while k > first[i] and holds[k - 1]:
            k -= 1
        out[i] = end[i] - k
    return out


@nb.njit("int64[:](boolean[:], int64[:], int64[:])", cache=True, nogil=True)
def first_place(holds: Ints, first: Ints, end: Ints) -> Ints:
    """Position from `first` of the first row of [first, end) that holds, -1 if none, (n,)."""
    out = np.empty(len(end), np.int64)
    for i in range(len(end)):
        k = first[i]
        while k < end[i] and not holds[k]:
            k += 1
        out[i] = k - first[i] if k < end[i] else -1
    return out


@nb.njit("int64[:](int64[:], int64[:], int64[:])", cache=True, nogil=True)
def last_before(total: Ints, first: Ints, end: Ints) -> Ints:
    """The total of the last row of [first, end), 0 where there is none, (n,)."""
    out = np.zeros(len(end), np.int64)
    for i in range(len(end)):
        if end[i] > first[i]:
            out[i] = total[end[i] - 1]
    return out


@nb.njit("int64[:](int64[:], int64[:,:])", cache=True, nogil=True)
def steps(total: Ints, at: Ints) -> Ints:
    """What each row adds to a running total that begins anew in every range `at` (n, 2), (n_rows,)."""
    out = np.zeros(len(total), np.int64)
    for s in range(len(at)):
        before = 0
        for k in range(at[s, 0], at[s, 1]):
            out[k] = total[k] - before
            before = total[k]
    return out


@nb.njit("int64[:](int64[:,:], int64[:])", cache=True, nogil=True)
def edges_before(edges: Ints, start: Ints) -> Ints:
    """How many of the edges after the oldest lie before `start`, (n,)."""
    out = np.zeros(len(edges), np.int64)
    for i in range(len(edges)):
        for j in range(1, edges.shape[1]):
            out[i] += edges[i, j] < start[i]
    return out


@nb.njit("float64[:,:](float64[:,:], int64[:,:], int64[:], boolean)", cache=True, nogil=True)
def from_start(values: Ints, edges: Ints, start: Ints, on_the_day: bool) -> Ints:
    """`values` (n, m) where their edge is after `start` (or on the day of it), NaN before; new, (n, m)."""
    out = np.full(values.shape, np.nan)
    for i in range(len(values)):
        for j in range(values.shape[1]):
            if edges[i, j] > start[i] or (on_the_day and edges[i, j] == start[i]):
                out[i, j] = values[i, j]
    return out


@nb.njit("Tuple((float64[:], float64[:]))(int64[:], int64[:], int64[:], int64[:], boolean[:], int64)", cache=True,
         nogil=True)  # fmt: skip
def dues_at(due_on: Ints, settled: Ints, first: Ints, end: Ints, hidden: Ints, k: int) -> tuple[Ints, Ints]:
    """Due and settling day of the k-th row of [first, end), NaN where there is none or the start is `hidden`, (n,)."""
    n = len(end)
    due, done = np.full(n, np.nan), np.full(n, np.nan)
    for i in range(n):
        if first[i] + k < end[i] and not hidden[i]:
            due[i], done[i] = due_on[first[i] + k], settled[first[i] + k]
    return due, done


@nb.njit("int64[:](int64[:,:])", cache=True, nogil=True)
def within(at: Ints) -> Ints:
    """The rows of all ranges `at` (n, 2), one after the other."""
    size = 0
    for s in range(len(at)):
        size += at[s, 1] - at[s, 0]
    out, k = np.empty(size, np.int64), 0
    for s in range(len(at)):
        for r in range(at[s, 0], at[s, 1]):
            out[k] = r
            k += 1
    return out
