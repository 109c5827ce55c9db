"""Which values of an enum column are meant, as the compiled loops look them up."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from book.contract import TABLES
from features.ledger import code


@lru_cache(maxsize=256)
def marks(table: str, column: str, *names: str) -> NDArray[np.bool_]:
    """True at the codes of `names`; the last place is for missing (-1) and is false. Shape (choices + 1,).

    Kept for the next who asks: do not change it.
    """
    marked = np.zeros(len(TABLES[table].column(column).choices) + 1, bool)
    marked[code(table, column, *names)] = True
    return marked
