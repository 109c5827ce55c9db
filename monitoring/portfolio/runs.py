"""Unbroken runs of arrears: when a loan was back to zero."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from book.tables import MISSING_DAY
from features.history import History


def back_to_zero(h: History, on: NDArray[np.integer], until: NDArray[np.integer]) -> NDArray[np.int32]:
    """The first day after `on` (n,) with DPD 0; MISSING_DAY where there is no `on` or arrears last to day `until` (n,).

    Spells that touch are one run: DPD falls when the oldest due is met, but arrears go on.
    """
    book = h.ledger
    lo, hi = book.spells_at[book.unit].T
    row = np.repeat(np.arange(h.n), hi - lo)
    place = np.arange(len(row)) - np.repeat(np.cumsum(hi - lo) - (hi - lo), hi - lo) + np.repeat(lo, hi - lo)
    first, last = np.asarray(book.spells.first)[place], np.asarray(book.spells.last)[place]
    real = last >= first
    row, first, last = row[real], first[real], last[real]
    joined = np.zeros(len(row), bool)
    joined[1:] = (row[1:] == row[:-1]) & (first[1:] <= last[:-1] + 1)
    starts = np.flatnonzero(~joined)
    run_row, run_first = row[starts], first[starts]
    run_last = np.maximum.reduceat(last, starts) if len(starts) else last
    back = np.full(h.n, MISSING_DAY, np.int32)
    holds = (run_first <= on[run_row]) & (on[run_row] <= run_last) & (run_last < until[run_row])
    back[run_row[holds]] = (run_last[holds] + 1).astype(np.int32)
    return back
