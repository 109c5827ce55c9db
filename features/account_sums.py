"""Sums of an account statement by month and by week, of many moments in one pass over the rows."""

from __future__ import annotations

from typing import Any

import numba as nb
import numpy as np

from book.tables import MISSING_DAY
from features.account_unseen import Marks, Unseen, swap
from features.compiled import compiled
from features.place import after
from features.statement import KINDS, PASSED, Statement

Ints = Any
WEEKS = 30
_LAST_MONTH, _ACTIVE, _FLOOR = 4, 12, 0.25
_INCOME, _PASSED, _SPENDING = KINDS.index("income"), KINDS.index("passed"), KINDS.index("spending")
_N = len(KINDS)


@nb.njit(cache=True, nogil=True)
def account_sums(
    rows: Statement, at: Ints, of_segment: Ints, edges: Ints, months: int, unseen: Unseen, marks: Marks
) -> tuple[Ints, Ints, Ints, Ints]:
    """Sums since the oldest edge of a segment: by kind (n, months + 1, kinds), of income (n, m), of spending to weeks
    (n, 31).

    Units are in the order of their segments. `edges` (n, m) are as_of and 1, 2, ... months before; weeks count back
    from as_of. Last come the first and the last day with a row by as_of (n, 2), MISSING_DAY without one. Minor units.
    """
    n, m = edges.shape
    sums, weeks = np.empty((n, months + 1, _N), np.int64), np.empty((n, WEEKS + 1), np.int64)
    income = np.empty((n, m), np.int64)
    known = np.full((n, 2), MISSING_DAY, np.int64)
    totals, places = np.zeros((1, _N), np.int64), np.empty(m, np.int64)
    last, start = -1, 0
    for i in range(n):
        s = of_segment[i]
        lo, hi = at[s, 0], at[s, 1]
        if s != last or edges[i, m - 1] < edges[i - 1, m - 1]:
            last, start = s, after(rows.on, lo, hi, edges[i, m - 1])
            totals = _running(rows, start, hi)
        _places(rows.on, lo, hi, edges, i, i > 0 and of_segment[i - 1] == s, places)
        end = places[0]
        first, stop = _seen_range(unseen, i, lo, end)
        if stop > first:
            known[i, 0], known[i, 1] = rows.on[first], rows.on[stop - 1]
        for j in range(m):
            income[i, j] = totals[places[j] - start, _INCOME]
        for j in range(months + 1):
            for k in range(_N):
                sums[i, j, k] = totals[places[j] - start, k]
        p = end
        for w in range(WEEKS + 1):
            while p > start and rows.on[p - 1] > edges[i, 0] - 7 * w:
                p -= 1
            weeks[i, w] = totals[p - start, _SPENDING]
        for q in range(marks.at[i, 0], marks.at[i, 1]):
            _correct(rows, marks.row[q], marks.bits[q], edges[i], sums[i], income[i], weeks[i])
        swap(rows, marks, i)
        sums[i, 0, _PASSED] -= _not_yet(rows, lo, end, edges[i, 0])
        swap(rows, marks, i)
    return sums, income, weeks, known


@compiled
def _seen_range(unseen: Unseen, unit: int, lo: int, hi: int) -> tuple[int, int]:
    """The first row of [lo, hi) that the unit knows, and the one after the last; empty where it knows none."""
    q, last = unseen.at[unit, 0], unseen.at[unit, 1]
    while q < last and lo < hi and unseen.row[q] == lo:
        q, lo = q + 1, lo + 1
    while q < last and lo < hi and unseen.row[last - 1] == hi - 1:
        last, hi = last - 1, hi - 1
    return lo, hi


@compiled
def _correct(rows: Statement, r: int, bits: int, edges: Ints, sums: Ints, income: Ints, weeks: Ints) -> None:
    """Count row r by `bits` in the sums of a unit, instead of by those in the statement."""
    on, size = rows.on[r], abs(rows.amount[r])
    for k in range(_N):
        more = ((bits >> k & 1) - (rows.bits[r] >> k & 1)) * size
        if more != 0:
            for j in range(len(sums)):
                sums[j, k] += more if on <= edges[j] else 0
            if k == _INCOME:
                for j in range(len(income)):
                    income[j] += more if on <= edges[j] else 0
            if k == _SPENDING:
                for w in range(len(weeks)):
                    weeks[w] += more if on <= edges[0] - 7 * w else 0


@compiled
def _places(on: Ints, lo: int, hi: int, edges: Ints, i: int, again: bool, places: Ints) -> None:
    """The first row of [lo, hi) after each edge of unit i; the unit before was of the same rows if `again`."""
    for j in range(len(places) - 1, -1, -1):
        if again and j > 0 and edges[i, j] == edges[i - 1, j - 1]:  # often a month later: edges come again
            places[j] = places[j - 1]
        else:
            places[j] = after(on, lo, hi, edges[i, j])


@nb.njit(cache=True, nogil=True)
def _running(rows: Statement, lo: int, hi: int) -> Ints:
    """Running totals by kind before each row of [lo, hi) and after the last."""
    totals = np.empty((hi - lo + 1, _N), np.int64)
    totals[0] = 0
    for r in range(lo, hi):
        size, bits = abs(rows.amount[r]), np.int64(rows.bits[r])
        for k in range(_N):
            totals[r - lo + 1, k] = totals[r - lo, k] + size * (bits >> k & 1)
    return totals


@nb.njit(cache=True, nogil=True, inline="always")
def _not_yet(rows: Statement, lo: int, k: int, as_of: int) -> int:
    """Inflow before row k that is passed through only after as_of."""
    early = 0
    r = k - 1
    while r >= lo and rows.on[r] > as_of - 2:
        if rows.bits[r] & PASSED and rows.on[r] + rows.answer[r] > as_of:
            early += rows.amount[r]
        r -= 1
    return early


@nb.njit(cache=True, nogil=True)
def unusual_spending(weeks: Ints, as_of: Ints, first: Ints) -> Ints:
    """Largest robust z of the weekly spending of the last four weeks against the 26 before, (n,).

    `weeks` are running totals from `account_sums`; weeks before the day `first` and without spending are left out;
    NaN below 12 of them. Source: definitions.md, 异常交易 z.
    """
    n = len(weeks)
    out = np.full(n, np.nan)
    spent = np.empty(WEEKS, np.int64)
    for i in range(n):
        count, most = 0, 0
        for w in range(WEEKS):
            of_week = weeks[i, w] - weeks[i, w + 1]
            if w < _LAST_MONTH:
                most = max(most, of_week)
            elif of_week > 0 and as_of[i] - 7 * (w + 1) + 1 >= first[i]:
                _put(spent, count, of_week)
                count += 1
        if count < _ACTIVE or first[i] < 0:
            continue
        usual = (_size(spent[(count - 1) // 2]) + _size(spent[count // 2])) / 2
        scale = max(1.4826 * _deviation(spent, count, usual), _FLOOR)
        out[i] = (_size(most) - usual) / scale
    return out


@nb.njit(cache=True, nogil=True)
def _put(values: Ints, count: int, new: int) -> None:
    """Insert `new` into the `count` sorted values."""
    k = count
    while k > 0 and values[k - 1] > new:
        values[k] = values[k - 1]
        k -= 1
    values[k] = new


@nb.njit(cache=True, nogil=True)
def _size(spent: int) -> float:
    """Spending of a week in whole units, on the scale it is compared on."""
    return float(np.log1p(spent / 100))


@nb.njit(cache=True, nogil=True)
def _deviation(spent: Ints, count: int, middle: float) -> float:
    """Median distance of the sizes of `count` sorted weeks from their median: walks outwards from it."""
    a = (count - 1) // 2
    while a > 0 and _size(spent[a - 1]) >= middle:
        a -= 1
    while a < count and _size(spent[a]) < middle:
        a += 1
    b, before, now = a, 0.0, 0.0
    left = middle - _size(spent[a - 1]) if a > 0 else np.inf
    right = _size(spent[b]) - middle if b < count else np.inf
    for _ in range(count // 2 + 1):
        before = now
        if left <= right:
            a, now = a - 1, left
            left = middle - _size(spent[a - 1]) if a > 0 else np.inf
        else:
            b, now = b + 1, right
            right = _size(spent[b]) - middle if b < count else np.inf
    return now if count % 2 else (before + now) / 2


@nb.njit(cache=True, nogil=True)
def swings(values: Ints) -> Ints:
    """Population standard deviation / mean of the known values in each row (n, k); NaN where the mean is zero, (n,)."""
    out = np.full(len(values), np.nan)
    for i in range(len(values)):
        total, count = 0.0, 0
        for value in values[i]:
            if not np.isnan(value):
                total += value
                count += 1
        if total <= 0:
            continue
        mean, squares = total / count, 0.0
        for value in values[i]:
            if not np.isnan(value):
                squares += (value - mean) ** 2
        out[i] = np.sqrt(squares / count) / mean
    return out
