"""Raw measures for features of one's own: any dated table by month, in one line."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from book.contract import TABLES
from book.dossiers import Rows
from features.history import History
from features.ledger import code
from features.measures import Monthly

Count = Callable[[Rows], NDArray[np.integer]]


def monthly(h: History, table: str, values: Count) -> Monthly:
    """Sums of `values(rows)` by month over the rows of `table`, (n, 12), newest last.

    `values` gives one whole number a row (minor units, or 0 and 1 to count); whole numbers, so that sums do not depend
    on which loans are measured together. NaN where the table is absent, or before the first row that is known;
    a window is observed where at least half of it lies after that row. Raises KeyError for a table not in the contract.
    """
    day = TABLES[table].event_date
    rows = h.rows(table)
    if rows is None or day is None or not len(rows[day]):
        return Monthly(np.full((h.n, 12), np.nan), lambda months: np.zeros(h.n, bool))
    series = h.dated(table, day)
    some = series.position[:, -1] > series.first
    first = np.where(some, rows[day][np.minimum(series.first, len(rows[day]) - 1)], h.as_of)

    def seen(months: int) -> NDArray[np.bool_]:
        return np.asarray(some & (2 * (h.as_of - first) >= h.as_of - h.edges[:, 12 - months]))

    sums = series.months(np.asarray(values(rows)))
    return Monthly(np.where(h.edges[:, 1:] >= first[:, None], sums, np.nan), seen)


def spent(*categories: str) -> Count:
    """Money that left the accounts, minor units a row; only of the named categories of `cashflow`, if any is named."""

    def amount(rows: Rows) -> NDArray[np.integer]:
        out = np.maximum(-rows["amount"], 0)
        return out * np.isin(rows["category"], code("cashflow", "category", *categories)) if categories else out

    return amount
