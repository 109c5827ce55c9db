"""Questions to the dues of versions in force, as compiled loops: rows [first, end) of each observation, by due date."""

from __future__ import annotations

from typing import Any

import numba as nb
import numpy as np

from features.place import after

Ints = Any


@nb.njit("UniTuple(int64[:], 2)(int64[:], int64[:,:], int64[:], int64[:])", cache=True, nogil=True)
def in_force(since: Ints, at: Ints, unit: Ints, as_of: Ints) -> tuple[Ints, Ints]:
    """First and last + 1 row of the latest version that began by as_of (n,); empty where none did."""
    n = len(unit)
    first, end = np.empty(n, np.int64), np.empty(n, np.int64)
    for i in range(n):
        lo = at[unit[i], 0]
        end[i] = after(since, lo, at[unit[i], 1], as_of[i])
        first[i] = after(since, lo, end[i], since[end[i] - 1] - 1) if end[i] > lo else end[i]
    return first, end


@nb.njit("int64[:](int64[:], int64[:], int64[:])", cache=True, nogil=True)
def total_before(running: Ints, first: Ints, position: Ints) -> Ints:
    """The running total before `position`, 0 before the first row; (n,)."""
    out = np.zeros(len(first), np.int64)
    for i in range(len(first)):
        if position[i] > first[i]:
            out[i] = running[position[i] - 1]
    return out


@nb.njit("int64[:](int64[:], int64[:], int64[:], int64[:])", cache=True, nogil=True)
def place_after(due_on: Ints, first: Ints, end: Ints, day: Ints) -> Ints:
    """The first row due after `day`; (n,)."""
    out = np.empty(len(first), np.int64)
    for i in range(len(first)):
        out[i] = after(due_on, first[i], end[i], day[i])
    return out


@nb.njit("float64[:](int64[:], int64[:], int64[:], int64[:], int64[:])", cache=True, nogil=True)
def last_with_a_due(total: Ints, due_on: Ints, first: Ints, end: Ints, in_all: Ints) -> Ints:
    """The due date at which the running total reaches all dues (n,); NaN where there is nothing due."""
    out = np.full(len(first), np.nan)
    for i in range(len(first)):
        if in_all[i] > 0:
            out[i] = due_on[after(total, first[i], end[i], in_all[i] - 1)]
    return out


@nb.njit("float64[:,:](int64[:], int64[:], int64[:], int64[:], int64)", cache=True, nogil=True)
def next_above_zero(total: Ints, first: Ints, end: Ints, before: Ints, k: int) -> Ints:
    """The next k dues above zero after the running total `before` (n,); NaN where fewer are to come; (n, k)."""
    out = np.full((len(first), k), np.nan)
    for i in range(len(first)):
        reached, place = before[i], first[i]
        for j in range(k):
            place = after(total, place, end[i], reached)
            if place == end[i]:
                break
            out[i, j] = total[place] - reached
            reached = total[place]
    return out


@nb.njit("float64[:](int64[:], int64[:], int64[:], int64[:], int64[:])", cache=True, nogil=True, error_model="numpy")
def principal_covered(total: Ints, principal: Ints, first: Ints, end: Ints, money: Ints) -> Ints:
    """Principal that `money` (n,) covers in order, of the due it covers in part the same share; (n,)."""
    out = np.zeros(len(first))
    for i in range(len(first)):
        place = after(total, first[i], end[i], money[i])
        whole = principal[place - 1] if place > first[i] else 0
        covered = total[place - 1] if place > first[i] else 0
        share, of_next = 0.0, 0
        if place < end[i] and total[place] > covered:
            share = (money[i] - covered) / (total[place] - covered)
            of_next = principal[place] - whole
        out[i] = whole + of_next * share
    return out
