"""The balance of all accounts of a borrower, day by day, from the balances that rows of a statement give."""

from __future__ import annotations

from typing import Any, NamedTuple

import numba as nb
import numpy as np

from book.tables import MISSING_MONEY
from features.statement import Statement

Ints = Any
UNKNOWN = MISSING_MONEY


class Balances(NamedTuple):
    """Days on which the balance may change, each borrower's in a range `at` (n, 2), by day.

    `held` is the balance from that day on, minor units.
    """

    on: Ints
    held: Ints
    at: Ints


class Spans(NamedTuple):
    """Daily balances of the last month and of the last three, (n,); minor units and days, NaN = not observed."""

    mean_1m: Ints
    mean_3m: Ints
    lowest: Ints
    below: Ints
    overdrawn: Ints


@nb.njit(cache=True, nogil=True)
def daily_balances(rows: Statement, at: Ints, out: Balances) -> None:
    """Closing balances of the days with a balance, for the rows in the ranges `at` (n, 2)."""
    for s in range(len(at)):
        lo, hi = at[s, 0], at[s, 1]
        accounts, closing = np.empty(hi - lo, np.int64), np.empty(hi - lo, np.int64)
        known, total, k, r = 0, 0, lo, lo
        while r < hi:
            end = r
            while end < hi and rows.on[end] == rows.on[r]:
                end += 1
            some = False
            for i in range(r, end):
                if rows.balance[i] == UNKNOWN or not _first_of_account(rows, r, i):
                    continue
                some = True
                slot = 0
                while slot < known and accounts[slot] != rows.account[i]:
                    slot += 1
                before = UNKNOWN if slot == known else closing[slot]
                closing[slot] = _closing(rows, i, end, before)
                total += closing[slot] - (0 if slot == known else before)
                accounts[slot] = rows.account[i]
                known = max(known, slot + 1)
            if some:
                out.on[k], out.held[k] = rows.on[r], total
                k += 1
            r = end
        out.at[s, 0], out.at[s, 1] = lo, k


@nb.njit(cache=True, nogil=True, inline="always")
def _first_of_account(rows: Statement, r: int, i: int) -> bool:
    """Whether row i is the first from r on of its account that gives a balance."""
    q = r
    while q < i and (rows.account[q] != rows.account[i] or rows.balance[q] == UNKNOWN):
        q += 1
    return q == i


@nb.njit(cache=True, nogil=True, inline="always")
def _closing(rows: Statement, i: int, end: int, before: int) -> int:
    """Closing balance of the account of row i on the day whose rows end at `end`."""
    low, moved, count = rows.balance[i], 0, 0
    for q in range(i, end):
        if rows.account[q] == rows.account[i] and rows.balance[q] != UNKNOWN:
            low = min(low, rows.balance[q])
            moved += rows.amount[q]
            count += 1
    if count > 1 and before != UNKNOWN:
        for q in range(i, end):
            if rows.account[q] == rows.account[i] and rows.balance[q] == before + moved:
                return before + moved
    return low


@nb.njit(cache=True, nogil=True, inline="always")
def _up_to(on: Ints, lo: int, hi: int, day: int) -> int:
    """The first place after the days on or before `day`."""
    while lo < hi:
        middle = (lo + hi) >> 1
        if on[middle] <= day:
            lo = middle + 1
        else:
            hi = middle
    return lo


@nb.njit(cache=True, nogil=True)
def balance_on(book: Balances, segment: Ints, days: Ints) -> Ints:
    """Balance at the end of `days` (n, m), minor units; NaN before the first one known."""
    n, m = days.shape
    out = np.full((n, m), np.nan)
    for i in range(n):
        lo, hi = book.at[segment[i], 0], book.at[segment[i], 1]
        for j in range(m):
            k = _up_to(book.on, lo, hi, days[i, j])
            if k > lo:
                out[i, j] = book.held[k - 1]
    return out


@nb.njit(cache=True, nogil=True)
def daily_spans(book: Balances, segment: Ints, edges: Ints, limit: Ints, out: Spans) -> None:
    """Read the daily balances of one and of three months up to as_of; `below` counts days under `limit` (n,).

    `edges` (n, m) are as_of and 1, 2, ... months before. Half of the days of a span must know a balance.
    """
    for i in range(len(segment)):
        lo, hi = book.at[segment[i], 0], book.at[segment[i], 1]
        until, month, quarter = edges[i, 0], edges[i, 1], edges[i, 3]
        if lo == hi or 2 * (until - book.on[lo]) < until - month:
            continue
        first = max(quarter + 1, book.on[lo])
        k = _up_to(book.on, lo, hi, first) - 1
        recent, total, least, under, red = 0, 0, book.held[k], 0, 0
        while k < hi and book.on[k] <= until:
            held = book.held[k]
            since, end = max(book.on[k], first), min(book.on[k + 1] if k + 1 < hi else until + 1, until + 1)
            total += held * (end - since)
            recent += held * max(end - max(since, month + 1), 0)
            least = min(least, held)
            under += end - since if held < limit[i] else 0
            red += end - since if held < 0 else 0
            k += 1
        out.mean_1m[i] = recent / (until + 1 - max(month + 1, first))
        if 2 * (until - book.on[lo]) >= until - quarter:
            out.mean_3m[i] = total / (until + 1 - first)
            out.lowest[i], out.overdrawn[i] = least, red
            if not np.isnan(limit[i]):
                out.below[i] = under
