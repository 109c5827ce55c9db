"""Arrears of loans between two days, to the day."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from book.clock import month_end, month_of
from book.tables import MISSING_DAY
from features.history import History

Ints = NDArray[np.int64]


def arrears_between(
    history: History, after: NDArray[np.integer], until: NDArray[np.integer], over: int
) -> tuple[Ints, NDArray[np.int32]]:
    """Worst DPD of each observation on the days after < d <= until, and the first such day with DPD > `over`.

    All (n,); `until` is not after the observation's own day. The day is MISSING_DAY where there is none. Where the
    source dates by month, DPD is read at month ends only.
    """
    book = history.ledger
    lo, hi = book.spells_at[book.unit].T
    count = hi - lo
    row = np.repeat(np.arange(history.n), count)
    spell = np.arange(len(row)) - np.repeat(np.cumsum(count) - count, count) + np.repeat(lo, count)
    first, last, due_on = (np.asarray(values)[spell] for values in book.spells)
    start = np.maximum(first, np.asarray(after, np.int64)[row] + 1)
    end = np.minimum(last, np.asarray(until, np.int64)[row])
    beyond = np.maximum(start, due_on + over + 1)
    if history.settings.precision == "month":
        start, end, beyond = _month_end_from(start), _month_end_to(end), _month_end_from(beyond)
    worst = np.zeros(history.n, np.int64)
    seen = start <= end
    np.maximum.at(worst, row[seen], (end - due_on)[seen])
    never = np.iinfo(np.int32).max
    day = np.full(history.n, never, np.int64)
    hit = beyond <= end
    np.minimum.at(day, row[hit], beyond[hit])
    return worst, np.where(day == never, MISSING_DAY, day).astype(np.int32)


def _month_end_from(day: Ints) -> Ints:
    """The first month end on or after each day."""
    return month_end(month_of(day)).astype(np.int64)


def _month_end_to(day: Ints) -> Ints:
    """The last month end on or before each day."""
    return month_end(month_of(day + 1) - 1).astype(np.int64)
