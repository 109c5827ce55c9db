"""What a month-end state adds to arrears and balance: what fell due in the month, and how a loan left."""

from __future__ import annotations

from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from features.exits import STATES, exit_codes
from features.history import History
from features.series import Series


def dues_of_month(h: History) -> dict[str, NDArray[Any] | pl.Series]:
    """What fell due in the month that ends at as_of: amount (major units), instalments, those settled late or open.

    The month runs from the month end before to the day before as_of: a due on the last day of a month is judged the day
    after, and counts in the next one. Also `exit`, the state in which a loan left ("" while here).
    """
    book = h.ledger
    edges = np.stack([h.edges[:, -2], h.edges[:, -1]], axis=1) - 1
    rows = Series(book.judged.due_on, book.judged_at, book.unit, edges)
    columns = (book.judged.due, np.ones(len(book.judged.due_on), np.int64), h.late.astype(np.int64))
    amount, due, late = (rows.months(column)[:, -1] for column in columns)
    return {
        "exit": pl.Series(STATES).gather(exit_codes(h)[0]),
        "due_in_month": amount / 100,
        "instalments_due": due.astype(np.int32),
        "instalments_late": late.astype(np.int32),
    }
