"""What a month-end state adds to arrears and balance: what fell due in the month, and how a loan left."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from features.exits import exits
from features.history import History


def dues_of_month(h: History) -> dict[str, NDArray[Any]]:
    """What fell due in the month that ends at as_of: amount (major units), instalments, those settled late or open.

    Instalments due at as_of itself are not judged yet. Also `exit`, the state in which a loan left ("" while here).
    """
    judged = h.ledger.judged
    ones = np.ones(len(judged.due_on), np.int64)
    columns = (judged.due, ones, h.late.astype(np.int64))
    amount, due, late = (np.nan_to_num(h.months(rows).values[:, -1]) for rows in columns)
    return {
        "exit": exits(h)[0].astype(str),
        "due_in_month": amount / 100,
        "instalments_due": due.astype(np.int32),
        "instalments_late": late.astype(np.int32),
    }
