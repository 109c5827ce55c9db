"""Reading the lines of bureau reports: compiled loops."""

from __future__ import annotations

from typing import Any, NamedTuple

import numba as nb
import numpy as np

from book.tables import MISSING_COUNT, MISSING_DAY, MISSING_MONEY

Ints = Any


class Lines(NamedTuple):
    """Columns of external_debts as the loops read them, (n_rows,); missing as in memory."""

    report_on: Ints
    posted_at: Ints
    ours: Ints
    lender: Ints
    balance: Ints
    limit: Ints
    instalment: Ints
    opened_on: Ints
    maturity_on: Ints
    dpd: Ints
    inquiries: Ints  # (n_rows, 3): over 1, 3 and 6 months
    score: Ints


class Read(NamedTuple):
    """What a report says, a row per observation: counts, minor units, days; NaN where there is no report."""

    debt: Ints
    short: Ints
    over90: Ints
    card_balance: Ints
    card_limit: Ints
    instalment: Ints
    instalments_told: Ints  # lines that state an instalment
    owing: Ints  # lines with a balance
    termed: Ints  # of those, lines without a limit: they have instalments
    dpd: Ints
    last_opened: Ints  # MISSING_DAY where there is no line
    lenders: Ints
    inquiries: Ints  # (n, 3)
    score: Ints
    opened: Ints  # (n, 2): lines opened within the two spans


@nb.njit(cache=True, nogil=True)
def report_before(report_on: Ints, posted_at: Ints, first: Ints, end: Ints) -> tuple[Ints, Ints, Ints]:
    """The latest report among rows [first, end) of each observation: its first row, the row after it, its posting."""
    n = len(end)
    lo, hi, stamp = end.copy(), end.copy(), np.zeros(n, np.int64)
    for i in range(n):
        while lo[i] > first[i] and report_on[lo[i] - 1] == report_on[end[i] - 1]:
            lo[i] -= 1
            stamp[i] = max(stamp[i], posted_at[lo[i]]) if lo[i] < end[i] - 1 else posted_at[lo[i]]
    return lo, hi, stamp


@nb.njit(cache=True, nogil=True)
def _add_line(lines: Lines, q: int, i: int, year_on: int, since: Ints, out: Read) -> None:
    """Add line q, not our own, to what report i says."""
    balance = lines.balance[q]
    out.debt[i] += balance
    if lines.maturity_on[q] == MISSING_DAY or lines.maturity_on[q] <= year_on:
        out.short[i] += balance
    if lines.dpd[q] > 90:
        out.over90[i] += balance
    if lines.limit[q] != MISSING_MONEY:
        out.card_balance[i] += balance
        out.card_limit[i] += lines.limit[q]
    if lines.instalment[q] != MISSING_MONEY:
        out.instalment[i] += lines.instalment[q]
        out.instalments_told[i] += 1
    out.owing[i] += balance > 0
    out.termed[i] += balance > 0 and lines.limit[q] == MISSING_MONEY
    out.dpd[i] = max(out.dpd[i], lines.dpd[q])
    opened = lines.opened_on[q]
    if opened <= lines.report_on[q]:
        out.last_opened[i] = max(out.last_opened[i], opened)
        for s in range(2):
            out.opened[i, s] += opened > since[s]


@nb.njit(cache=True, nogil=True)
def _new_lender(lines: Lines, lo: int, q: int, stamp: int) -> bool:
    """Whether no earlier line of the report with a balance is of the lender of line q."""
    for r in range(lo, q):
        same = lines.posted_at[r] == stamp and lines.ours[r] != 1 and lines.balance[r] > 0
        if same and lines.lender[r] == lines.lender[q]:
            return False
    return True


@nb.njit(cache=True, nogil=True)
def read_reports(lines: Lines, lo: Ints, hi: Ints, stamp: Ints, year_on: Ints, since: Ints, out: Read) -> None:
    """Add up the reports [lo, hi) posted at `stamp`; `since` (n, 2) are the days after which a debt is new."""
    for i in range(len(lo)):
        for q in range(lo[i], hi[i]):
            if lines.posted_at[q] != stamp[i]:
                continue
            for s in range(3):
                if lines.inquiries[q, s] != MISSING_COUNT:
                    out.inquiries[i, s] = np.fmax(out.inquiries[i, s], lines.inquiries[q, s])
            out.score[i] = np.fmax(out.score[i], lines.score[q])
            if lines.ours[q] == 1:
                continue
            if lines.balance[q] > 0 and _new_lender(lines, lo[i], q, stamp[i]):
                out.lenders[i] += 1
            _add_line(lines, q, i, year_on[i], since[i], out)


@nb.njit(cache=True, nogil=True)
def worst_dpd(dpd: Ints, ours: Ints, lo: Ints, hi: Ints) -> Ints:
    """The largest DPD of lines [lo, hi) that are not our own; 0 where there is none, (n,)."""
    worst = np.zeros(len(lo))
    for i in range(len(lo)):
        for q in range(lo[i], hi[i]):
            if ours[q] != 1:
                worst[i] = max(worst[i], dpd[q])
    return worst
