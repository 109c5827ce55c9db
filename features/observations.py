"""Whose loans are asked about, on which days, and how far back they are seen."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from book.clock import months_before
from book.dossiers import Dossiers
from book.settings import Settings
from features.calendar import months_since, whole_months
from features.kept import kept
from features.measures import Values

MONTHS = 12
Bools = NDArray[np.bool_]


@lru_cache(maxsize=256)
def months_back(days: bytes) -> NDArray[np.int64]:
    """Days (n,) as int32 bytes, and 1, 2, ... 16 months before: read only, (n, 17). Kept: the same days come again."""
    back = months_before(np.frombuffer(days, np.int32)[:, None], np.arange(17)).astype(np.int64)
    back.flags.writeable = False
    return back


class Seen:
    """Whether windows counted back from `as_of` (n,) are observed; `edges` (n, 13) are as_of 12, 11, ... 0 months back.

    It knows nothing of the History that it belongs to, so that measures may hold it.
    """

    def __init__(self, as_of: NDArray[np.int64], start: NDArray[np.int64], edges: NDArray[np.int64]) -> None:
        self.as_of, self.start, self.edges = as_of, start, edges
        self._known: dict[int, Bools] = {}

    def __call__(self, months: int) -> Bools:
        """Whether at least half of the last `months` months lies after the start, (n,)."""
        found = self._known.get(months)
        if found is None:
            edge = self.edges[:, MONTHS - months] if months <= MONTHS else months_before(self.as_of, months)
            found = self._known[months] = 2 * (self.as_of - self.start) >= self.as_of - edge
        return found


class Observations:
    """n observations (loan, as_of) of `dossiers`: the first half of a History."""

    def __init__(self, dossiers: Dossiers, settings: Settings) -> None:
        self.dossiers = dossiers
        self.settings = settings
        self.n = len(dossiers)
        self._of_loans: dict[str, NDArray[Any]] = {}

    @kept
    def as_of(self) -> NDArray[np.int64]:
        """The as_of day of each observation, (n,)."""
        return self.dossiers.as_of[self.dossiers.moment].astype(np.int64)

    @property
    def loan_ids(self) -> NDArray[Any]:
        """Loan ids, (n,) text."""
        return self.dossiers.loan_ids[self.dossiers.loan]

    @property
    def borrower_ids(self) -> NDArray[Any]:
        """Borrower pseudonyms, (n,) text."""
        return self.dossiers.borrower_ids[self.of_loan("borrower_id")]

    def of_loan(self, column: str) -> NDArray[Any]:
        """A column of the loans table, (n,); KeyError where the source does not have it."""
        found = self._of_loans.get(column)
        if found is None:
            found = self._of_loans[column] = self.dossiers.loans[column][self.dossiers.loan]
        return found

    @kept
    def observed_late(self) -> Bools:
        """Whether the extract starts after the loan, (n,)."""
        if "observed_from" not in self.dossiers.loans:
            return np.zeros(self.n, bool)
        return self.of_loan("observed_from") > self.of_loan("disbursed_on")

    @kept
    def start(self) -> NDArray[np.int64]:
        """The first day of the observed history, (n,)."""
        disbursed = self.of_loan("disbursed_on").astype(np.int64)
        if "observed_from" not in self.dossiers.loans:
            return disbursed
        return np.maximum(disbursed, self.of_loan("observed_from"))

    @property
    def months_back(self) -> NDArray[np.int64]:
        """Each moment's as_of and 1, 2, ... 16 months before, (n_moments, 17)."""
        return months_back(self.dossiers.as_of.tobytes())

    def back(self, months: int) -> NDArray[np.int64]:
        """The day so many months (at most 16) before as_of, (n,)."""
        return self.months_back[self.dossiers.moment, months]

    @kept
    def edges(self) -> NDArray[np.int64]:
        """as_of 12, 11, ... 0 months back, (n, 13), oldest first."""
        oldest_first = np.ascontiguousarray(self.months_back[:, MONTHS::-1])
        return oldest_first[self.dossiers.moment]

    @kept
    def seen(self) -> Seen:
        """`seen(months)`: whether at least half of the last `months` months lies after the start, (n,)."""
        return Seen(self.as_of, self.start, self.edges)

    @kept
    def history_months(self) -> Values:
        """Whole months since the start, (n,)."""
        return whole_months(self.start, self.as_of)

    def months_since(self, day: NDArray[Any], happened: Bools) -> Values:
        """Whole months since `day` (n,); history months + 1 where it never `happened`."""
        return months_since(day.astype(np.int64, copy=False), happened, self.as_of, self.history_months)

    @property
    def book_complete(self) -> Bools:
        """Whether all loans of the borrower are in the book, (n,)."""
        return self.dossiers.book_complete[self.of_loan("borrower_id")]
