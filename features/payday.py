"""When salary comes: the usual payday, how late the latest one is, and days counted from it."""

from __future__ import annotations

from typing import Any

import numba as nb
import numpy as np

from features.account_unseen import Marks, differ, swap
from features.calendar import calendar, first_of
from features.compiled import compiled
from features.statement import SALARY, Statement

Ints = Any
_NEAR = 14
_ENOUGH = 3


@nb.njit(cache=True, nogil=True, inline="always")
def _expected(month: int, usual: int) -> int:
    """The expected payday of a month: the usual day, clamped to the month's last."""
    return min(first_of(month) + usual - 1, first_of(month + 1) - 1)


@nb.njit(cache=True, nogil=True, inline="always")
def _latest_expected(day: int, usual: int) -> int:
    """The month of the latest expected payday on or before `day`."""
    month, _ = calendar(day)
    return month if _expected(month, usual) <= day else month - 1


@nb.njit(cache=True, nogil=True)
def paydays(rows: Statement, at: Ints, of_segment: Ints, edges: Ints, marks: Marks) -> tuple[Ints, Ints]:
    """The usual payday (day of the month, 0: none) and the days the salary is late (NaN: not known), each (n,).

    Unit i reads the rows of at[of_segment[i]] with its `marks`; `edges` (n, m) are as_of, 1, 2, ... months before.
    """
    usual, late = np.zeros(len(edges), np.int64), np.full(len(edges), np.nan)
    room = 0
    for s in range(len(at)):
        room = max(room, at[s, 1] - at[s, 0])
    days, of_month, times = np.empty(room, np.int64), np.empty(room, np.int64), np.empty(32, np.int64)
    last, n = -1, 0
    for i in range(len(edges)):
        changed = differ(rows, marks, i, SALARY)
        if changed or of_segment[i] != last:
            swap(rows, marks, i)
            n = _salary_days(rows, at[of_segment[i], 0], at[of_segment[i], 1], days, of_month)
            swap(rows, marks, i)
            last = -1 if changed else of_segment[i]
        count = n
        while count > 0 and days[count - 1] > edges[i, 0]:
            count -= 1
        usual[i] = _usual(days, of_month, count, times, edges[i, 7], edges[i, 1])
        if usual[i] > 0:
            latest = days[count - 1]
            month = _latest_expected(latest + _NEAR, usual[i])
            following = _expected(month + 1, usual[i])
            late[i] = latest - _expected(month, usual[i])
            if edges[i, 0] > following:
                late[i] = edges[i, 0] - following
    return usual, late


@compiled
def _salary_days(rows: Statement, lo: int, hi: int, days: Ints, of_month: Ints) -> int:
    """Put down the different days with salary in the rows [lo, hi) and which day of the month each is: how many."""
    n = 0
    for r in range(lo, hi):
        if rows.bits[r] & SALARY and (n == 0 or days[n - 1] != rows.on[r]):
            days[n], of_month[n] = rows.on[r], calendar(rows.on[r])[1]
            n += 1
    return n


@compiled
def _usual(days: Ints, of_month: Ints, count: int, times: Ints, after: int, until: int) -> int:
    """The most frequent day of the month among the first `count` days in (after, until], ties to the later.

    0 below three of them.
    """
    for k in range(32):
        times[k] = 0
    n = 0
    for k in range(count - 1, -1, -1):
        if days[k] <= after:
            break
        if days[k] <= until:
            times[of_month[k]] += 1
            n += 1
    best = 0
    for k in range(1, 32):
        if times[k] > 0 and times[k] >= times[best]:
            best = k
    return best if n >= _ENOUGH else 0


@nb.njit(cache=True, nogil=True)
def days_since_payday(day: Ints, usual: Ints) -> Ints:
    """Days from the latest expected payday on or before `day` (n,), NaN where that or the usual payday is not known."""
    out = np.full(len(day), np.nan)
    for i in range(len(day)):
        if usual[i] > 0 and not np.isnan(day[i]):
            on = np.int64(day[i])
            out[i] = on - _expected(_latest_expected(on, usual[i]), usual[i])
    return out
