"""Where dues and payments of a loan meet the accounts of its borrower."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numba as nb
import numpy as np

from features.account_unseen import Marks, differ, swap
from features.cash import Accounts
from features.compiled import compiled
from features.measures import Values
from features.observations import MONTHS
from features.statement import KINDS, Statement

if TYPE_CHECKING:
    from features.history import History

Ints = Any
_BORROWED = 1 << KINDS.index("borrowed")
_BEFORE = 3


def liquid_at_dues(h: History) -> Values:
    """Balance on the day before each of the 12 latest judged dues, minor units, (n, 12), newest last; NaN unknown."""
    due_on = h.latest(h.ledger.judged.due_on).values
    there = ~np.isnan(due_on)
    if h.settings.precision == "month":
        return np.full(due_on.shape, np.nan)
    balance = h.once(Accounts).balance(np.where(there, due_on, 0).astype(np.int64) - 1)
    return np.where(there, balance, np.nan)


def borrowed_to_pay(h: History, months: int) -> Values:
    """Share of the money paid in the last `months` months that loan money of the days before covers, (n,)."""
    if h.settings.precision == "month":
        return np.full(h.n, np.nan)
    accounts, position = h.once(Accounts), h.money.position
    share = _covered(
        accounts.statement, accounts.at, accounts.segment, accounts.marks, accounts.unit,
        h.ledger.money.on, h.ledger.money.amount, position[:, MONTHS - months], position[:, MONTHS],
    )  # fmt: skip
    return np.where(accounts.seen(months) & h.seen(months), share, np.nan)


@nb.njit(cache=True, nogil=True)
def _covered(
    rows: Statement, at: Ints, segment: Ints, marks: Marks, unit: Ints, on: Ints, amount: Ints, first: Ints, end: Ints
) -> Ints:
    """Of the payments [first, end) (n,): the share that loan money of their day and the three before could pay."""
    out = np.full(len(segment), np.nan)
    room = 0
    for s in range(len(at)):
        room = max(room, at[s, 1] - at[s, 0])
    borrowed = np.empty(room, np.int64)
    last, count = -1, 0
    for i in range(len(segment)):
        changed = differ(rows, marks, unit[i], _BORROWED)
        if changed or segment[i] != last:
            swap(rows, marks, unit[i])
            count = _borrowed(rows, at[segment[i], 0], at[segment[i], 1], borrowed)
            swap(rows, marks, unit[i])
            last = -1 if changed else segment[i]
        paid, covered, q = 0, 0, first[i]
        while q < end[i]:
            day, of_day = on[q], 0
            while q < end[i] and on[q] == day:
                of_day += amount[q]
                q += 1
            lent = 0
            for k in range(count):
                if day - _BEFORE <= rows.on[borrowed[k]] <= day:
                    lent += rows.amount[borrowed[k]]
            paid += of_day
            covered += min(lent, of_day)
        if paid > 0:
            out[i] = covered / paid
    return out


@compiled
def _borrowed(rows: Statement, lo: int, hi: int, out: Ints) -> int:
    """Put down the rows of [lo, hi) that are loan money; returns how many."""
    count = 0
    for r in range(lo, hi):
        if rows.bits[r] & _BORROWED:
            out[count] = r
            count += 1
    return count


@nb.njit(cache=True, nogil=True)
def middle(values: Ints) -> Ints:
    """Median of the known values in each row (n, k); NaN where none is, (n,)."""
    n, k = values.shape
    out = np.full(n, np.nan)
    ordered = np.empty(k)
    for i in range(n):
        count = 0
        for j in range(k):
            if np.isnan(values[i, j]):
                continue
            q = count
            while q > 0 and ordered[q - 1] > values[i, j]:
                ordered[q] = ordered[q - 1]
                q -= 1
            ordered[q] = values[i, j]
            count += 1
        if count > 0:
            out[i] = (ordered[(count - 1) // 2] + ordered[count // 2]) / 2
    return out
