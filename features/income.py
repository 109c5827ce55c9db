"""Where income comes from: recurring income by month, payers of the salary, how inflow is spread over payers."""

from __future__ import annotations

from typing import Any, NamedTuple

import numba as nb
import numpy as np

from features.account_unseen import Unseen
from features.compiled import compiled
from features.place import after
from features.statement import KINDS, SALARY, Statement

Ints = Any
_INFLOW, _INCOME = 1 << KINDS.index("inflow"), 1 << KINDS.index("income")
_SIX, _YEAR, _OFTEN = 6, 12, 3


class Inflows(NamedTuple):
    """The inflow rows of one borrower by day; `payer` numbers the payers from 0, -1 where none is given."""

    row: Ints
    on: Ints
    amount: Ints
    bits: Ints
    payer: Ints


@nb.njit(cache=True, nogil=True)
def income_sources(rows: Statement, at: Ints, of_segment: Ints, edges: Ints, unseen: Unseen) -> tuple[Ints, Ints, Ints]:
    """Recurring income (n, 9) minor units, whether the payer of the salary changed (n,), spread of inflow (n,).

    Recurring are months 0 to 5 as seen over those six, and months 6 to 8 as seen over 6 to 11. `edges` (n, m) are
    as_of and 1, 2, ... months before; units are in the order of their segments.
    """
    n = len(edges)
    recurring = np.zeros((n, 9), np.int64)
    changed, spread = np.full(n, np.nan), np.full(n, np.nan)
    flows = _inflows(rows, 0, 0)
    seen = np.zeros(1, np.int64)
    cut = np.empty(13, np.int64)
    sizes = np.empty(1, np.int64)
    last = -1
    for i in range(n):
        if of_segment[i] != last or edges[i, _YEAR] < edges[i - 1, _YEAR]:
            last = of_segment[i]
            flows = _inflows(rows, after(rows.on, at[last, 0], at[last, 1], edges[i, _YEAR]), at[last, 1])
            seen, sizes = np.zeros(len(flows.on) + 1, np.int64), np.empty(len(flows.on) + 1, np.int64)
        _hide(flows, unseen, i, True)
        _cut(flows.on, edges[i], cut)
        _recurring(flows, cut, 0, seen, recurring[i, :_SIX])
        _recurring(flows, cut, _SIX, seen, recurring[i, _SIX:])
        changed[i] = _payer_changed(flows, cut)
        spread[i] = _spread(flows, cut, seen, sizes)
        _hide(flows, unseen, i, False)
    return recurring, changed, spread


@nb.njit(cache=True, nogil=True)
def _inflows(rows: Statement, lo: int, hi: int) -> Inflows:
    """The inflow rows of [lo, hi), payers numbered in the order they come."""
    count = 0
    for r in range(lo, hi):
        count += 1 if rows.bits[r] & _INFLOW else 0
    room = np.empty((5, count), np.int64)
    flows = Inflows(room[0], room[1], room[2], room[3], room[4])
    size = 4
    while size < 2 * count:
        size *= 2
    number, names = np.full(size, -1, np.int64), np.empty(size, np.int64)
    k, payers = 0, 0
    for r in range(lo, hi):
        if not rows.bits[r] & _INFLOW:
            continue
        flows.row[k], flows.on[k], flows.amount[k], flows.bits[k] = r, rows.on[r], rows.amount[r], rows.bits[r]
        flows.payer[k] = -1
        name = rows.payer[r]
        if name != 0:
            place = (name ^ (name >> 29)) & (size - 1)
            while number[place] >= 0 and names[place] != name:
                place = (place + 1) & (size - 1)
            if number[place] < 0:
                number[place], names[place] = payers, name
                payers += 1
            flows.payer[k] = number[place]
        k += 1
    return flows


@compiled
def _hide(flows: Inflows, unseen: Unseen, unit: int, gone: bool) -> None:
    """Take what the unit does not know out of the rows, or bring it back: without bits or a payer it counts nowhere."""
    for q in range(unseen.at[unit, 0], unseen.at[unit, 1]):
        k = after(flows.row, 0, len(flows.row), unseen.row[q] - 1)
        if k < len(flows.row) and flows.row[k] == unseen.row[q]:
            flows.bits[k] = flows.bits[k] << 32 if gone else flows.bits[k] >> 32
            flows.payer[k] = -2 - flows.payer[k]


@compiled
def _cut(on: Ints, edges: Ints, cut: Ints) -> None:
    """Places after the rows on or before each of the 13 latest edges."""
    p = len(on)
    for j in range(len(cut)):
        while p > 0 and on[p - 1] > edges[j]:
            p -= 1
        cut[j] = p


@compiled
def _recurring(flows: Inflows, cut: Ints, month: int, seen: Ints, out: Ints) -> None:
    """Recurring income of the first months of the six from `month` on; `seen` comes and goes as zeros."""
    salary = other = 0  # the months that have each kind of income, a bit for each
    start, end = cut[month + _SIX], cut[month]
    for q in range(_SIX):
        for r in range(cut[month + q + 1], cut[month + q]):
            if flows.bits[r] & _INCOME:
                if flows.bits[r] & SALARY:
                    salary |= 1 << q
                else:
                    other |= 1 << q
                if flows.payer[r] >= 0:
                    seen[flows.payer[r]] |= 1 << q
    for q in range(len(out)):
        for r in range(cut[month + q + 1], cut[month + q]):
            if flows.bits[r] & _INCOME:
                often = _count(salary if flows.bits[r] & SALARY else other) >= _OFTEN
                if often or (flows.payer[r] >= 0 and _count(seen[flows.payer[r]]) >= _OFTEN):
                    out[q] += flows.amount[r]
    for r in range(start, end):
        if flows.payer[r] >= 0:
            seen[flows.payer[r]] = 0


@compiled
def _count(months: int) -> int:
    """How many of the six bits are set."""
    n = 0
    for q in range(_SIX):
        n += months >> q & 1
    return n


@compiled
def _payer_changed(flows: Inflows, cut: Ints) -> float:
    """1 if no payer of the newest month with salary paid in the months 3 to 5; NaN unless both have payers."""
    for q in range(3):
        some, before, same = False, False, False
        for r in range(cut[q + 1], cut[q]):
            if not flows.bits[r] & SALARY or flows.payer[r] < 0:
                continue
            some = True
            for e in range(cut[6], cut[3]):
                if flows.bits[e] & SALARY and flows.payer[e] >= 0:
                    before = True
                    same |= flows.payer[e] == flows.payer[r]
        if some:
            return np.nan if not before else (0.0 if same else 1.0)
    return np.nan


@compiled
def _spread(flows: Inflows, cut: Ints, paid: Ints, sizes: Ints) -> float:
    """Sum of squared shares of payers in the inflow of six months, in the order of size; `paid` stays zeros.

    `sizes` is room to work in, for a size a row.
    """
    total, n = 0, 0
    for r in range(cut[_SIX], cut[0]):
        if flows.payer[r] >= 0:
            paid[flows.payer[r]] += flows.amount[r]
            total += flows.amount[r]
    for r in range(cut[_SIX], cut[0]):
        if flows.payer[r] >= 0 and paid[flows.payer[r]] > 0:
            k = n
            while k > 0 and sizes[k - 1] > paid[flows.payer[r]]:
                sizes[k] = sizes[k - 1]
                k -= 1
            sizes[k] = paid[flows.payer[r]]
            paid[flows.payer[r]] = 0
            n += 1
    if total == 0:
        return np.nan
    index = 0.0
    for k in range(n):
        index += (sizes[k] / total) ** 2
    return index
