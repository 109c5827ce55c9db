"""The loaded tables: plain numpy columns, exact money and dates, ids as positions."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from book.deferred import Picked

Array = NDArray[Any]
MISSING_DAY = int(np.iinfo(np.int32).min)
MISSING_COUNT = int(np.iinfo(np.int32).min)
MISSING_MONEY = int(np.iinfo(np.int64).min)
MISSING_STAMP = int(np.iinfo(np.int64).min)
NEVER = int(np.iinfo(np.int64).max)


@dataclass(frozen=True)
class Frame:
    """One loaded table.

    `columns` maps names to arrays of one length, most of them made when first asked for; `rows` is the row number of
    each in its source, from 0.
    Besides the declared columns every frame has `posted_at` (int64 us, never missing) and
    `knowledge_assumed` (bool: `posted_at` was not given). Payments also have `cancelled_at` (int64 us), when the
    lender knew that the row was reversed, `NEVER` where it was not, and `cancelled_on` (int32), the day of the
    reversal itself, `MISSING_DAY` where there is none.
    """

    columns: Mapping[str, Array]
    rows: NDArray[np.int64]

    def __len__(self) -> int:
        return len(self.rows)

    def __getitem__(self, name: str) -> Array:
        return self.columns[name]

    def __contains__(self, name: str) -> bool:
        return name in self.columns

    def take(self, index: Array) -> Frame:
        """The rows at `index` (positions or a boolean mask), in that order; columns are taken when asked for."""
        return Frame(Picked(self.columns, index), self.rows[index])


@dataclass(frozen=True)
class Tables:
    """All tables of some borrowers. An absent optional table is not in `frames`.

    `loan_ids` (n_loans,) and `borrower_ids` (n_borrowers,) are the ids that the columns `loan_id` and
    `borrower_id` of the frames (int32 positions) point into; row i of the loans frame is loan i, in the
    order of borrower, then loan id. `data_fault_on` (n_loans,) is the latest event day of a quarantined
    row of the loan, `MISSING_DAY` where there is none. `mismatch` (n_loans,) marks loans whose sums do not agree.
    `book_complete` (n_borrowers,) says whether all loans of the borrower are here.
    """

    frames: Mapping[str, Frame]
    loan_ids: Array
    borrower_ids: Array
    data_fault_on: NDArray[np.int32]
    mismatch: NDArray[np.bool_]
    book_complete: NDArray[np.bool_]
    extra: Mapping[str, Array] = field(default_factory=dict)

    def __getitem__(self, name: str) -> Frame:
        return self.frames[name]

    def __contains__(self, name: str) -> bool:
        return name in self.frames

    @property
    def borrower_of(self) -> NDArray[np.int32]:
        """Position of each loan's borrower, shape (n_loans,)."""
        return self.frames["loans"]["borrower_id"]
