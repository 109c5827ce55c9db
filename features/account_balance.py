"""The balance of all accounts of a borrower, day by day, from the balances that rows of a statement give."""

from __future__ import annotations

from typing import Any, NamedTuple

import numba as nb
import numpy as np

from book.tables import MISSING_MONEY
from features.account_unseen import Marks, Unseen, swap
from features.accounts import FAR
from features.compiled import compiled
from features.place import after
from features.statement import BALANCED, Statement

Ints = Any
UNKNOWN = MISSING_MONEY


class Balances(NamedTuple):
    """Days on which the balance may change, each unit's in a range `at` (n + 1, 2), by day; the last range is empty.

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
def daily_balances(
    rows: Statement, at: Ints, of_segment: Ints, as_of: Ints, unseen: Unseen, marks: Marks, room: Ints, out: Balances
) -> None:
    """Closing balances of the days with a balance, for units (n,) in the order of their segments `at` (n_segments, 2).

    Units share the days of their segment, those that do not know a row with a balance but have their own from its day
    on up to `as_of`; these stand from `room` (n,) on.
    """
    u, n = 0, len(of_segment)
    forks, fork_at = np.empty(1, np.int64), np.empty(1, np.int64)
    for s in range(len(at)):
        lo, hi = at[s, 0], at[s, 1]
        first = u
        while u < n and of_segment[u] == s:
            u += 1
        if u - first > len(forks):
            forks, fork_at = np.empty(u - first, np.int64), np.empty(u - first, np.int64)
        count = _forks(rows, unseen, first, u, forks, fork_at)
        now, then = _holdings(hi - lo), _holdings(hi - lo if count else 0)
        k, r = lo, lo
        for f in range(count):
            k = _follow(rows, r, hi, rows.on[fork_at[f]] - 1, now, out, k)
            while r < hi and rows.on[r] < rows.on[fork_at[f]]:
                r += 1
            unit = forks[f]
            own = room[unit]
            for q in range(lo, k):
                out.on[own], out.held[own] = out.on[q], out.held[q]
                own += 1
            for slot in range(now.state[0]):
                then.accounts[slot], then.closing[slot] = now.accounts[slot], now.closing[slot]
            then.state[0], then.state[1] = now.state[0], now.state[1]
            swap(rows, marks, unit)
            own = _follow(rows, r, hi, as_of[unit], then, out, own)
            swap(rows, marks, unit)
            out.at[unit, 0], out.at[unit, 1] = room[unit], own
        k = _follow(rows, r, hi, FAR, now, out, k)
        for unit in range(first, u):
            if out.at[unit, 1] < 0:
                out.at[unit, 0], out.at[unit, 1] = lo, k
    out.at[n, 0] = out.at[n, 1] = 0


@compiled
def _forks(rows: Statement, unseen: Unseen, first: int, end: int, forks: Ints, at: Ints) -> int:
    """The units of [first, end) that do not know a row with a balance, in the order of their first such row `at`."""
    count = 0
    for unit in range(first, end):
        for q in range(unseen.at[unit, 0], unseen.at[unit, 1]):
            if rows.bits[unseen.row[q]] & BALANCED:
                k = count
                while k > 0 and at[k - 1] > unseen.row[q]:
                    forks[k], at[k] = forks[k - 1], at[k - 1]
                    k -= 1
                forks[k], at[k] = unit, unseen.row[q]
                count += 1
                break
    return count


class Holdings(NamedTuple):
    """Closing balances of the accounts known so far; `state` is how many they are, and their sum."""

    accounts: Ints
    closing: Ints
    state: Ints


@nb.njit(cache=True, nogil=True)
def _holdings(size: int) -> Holdings:
    return Holdings(np.empty(size, np.int64), np.empty(size, np.int64), np.zeros(2, np.int64))


@compiled
def _follow(rows: Statement, r: int, hi: int, until: int, now: Holdings, out: Balances, k: int) -> int:
    """Put down the balances of the days from row r on up to `until`; returns the next free place."""
    known, total = now.state[0], now.state[1]
    while r < hi and rows.on[r] <= until:
        end = r
        while end < hi and rows.on[end] == rows.on[r]:
            end += 1
        some = False
        for i in range(r, end):
            if not rows.bits[i] & BALANCED or not _first_of_account(rows, r, i):
                continue
            some = True
            slot = 0
            while slot < known and now.accounts[slot] != rows.account[i]:
                slot += 1
            before = UNKNOWN if slot == known else now.closing[slot]
            now.closing[slot] = _closing(rows, i, end, before)
            total += now.closing[slot] - (0 if slot == known else before)
            now.accounts[slot] = rows.account[i]
            known = max(known, slot + 1)
        if some:
            out.on[k], out.held[k] = rows.on[r], total
            k += 1
        r = end
    now.state[0], now.state[1] = known, total
    return k


@nb.njit(cache=True, nogil=True, inline="always")
def _first_of_account(rows: Statement, r: int, i: int) -> bool:
    """Whether row i is the first from r on of its account that gives a balance."""
    q = r
    while q < i and (rows.account[q] != rows.account[i] or not rows.bits[q] & BALANCED):
        q += 1
    return q == i


@nb.njit(cache=True, nogil=True, inline="always")
def _closing(rows: Statement, i: int, end: int, before: int) -> int:
    """Closing balance of the account of row i on the day whose rows end at `end`."""
    low, moved, count = rows.balance[i], 0, 0
    for q in range(i, end):
        if rows.account[q] == rows.account[i] and rows.bits[q] & BALANCED:
            low = min(low, rows.balance[q])
            moved += rows.amount[q]
            count += 1
    if count > 1 and before != UNKNOWN:
        for q in range(i, end):
            if rows.account[q] == rows.account[i] and rows.balance[q] == before + moved and rows.bits[q] & BALANCED:
                return before + moved
    return low


@nb.njit(cache=True, nogil=True)
def balance_on(book: Balances, unit: Ints, days: Ints) -> Ints:
    """Balance at the end of `days` (n, m), minor units; NaN before the first one known."""
    n, m = days.shape
    out = np.full((n, m), np.nan)
    for i in range(n):
        lo, hi = book.at[unit[i], 0], book.at[unit[i], 1]
        again = i > 0 and lo == book.at[unit[i - 1], 0] and hi == book.at[unit[i - 1], 1]
        for j in range(m):
            if again and days[i, j] == days[i - 1, j]:  # often the month before: most days come again
                out[i, j] = out[i - 1, j]
                continue
            if again and j + 1 < m and days[i, j] == days[i - 1, j + 1]:
                out[i, j] = out[i - 1, j + 1]
                continue
            if again and j > 0 and days[i, j] == days[i - 1, j - 1]:
                out[i, j] = out[i - 1, j - 1]
                continue
            k = after(book.on, lo, hi, days[i, j])
            if k > lo:
                out[i, j] = book.held[k - 1]
    return out


@nb.njit(cache=True, nogil=True)
def daily_spans(book: Balances, unit: Ints, edges: Ints, limit: Ints, out: Spans) -> None:
    """Read the daily balances of one and of three months up to as_of; `below` counts days under `limit` (n,).

    `edges` (n, m) are as_of and 1, 2, ... months before. Half of the days of a span must know a balance.
    """
    for i in range(len(unit)):
        lo, hi = book.at[unit[i], 0], book.at[unit[i], 1]
        until, month, quarter = edges[i, 0], edges[i, 1], edges[i, 3]
        if lo == hi or 2 * (until - book.on[lo]) < until - month:
            continue
        first = max(quarter + 1, book.on[lo])
        k = after(book.on, lo, hi, first) - 1
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
