"""Whose loans are asked about, on which days, and how far back they are seen."""

from __future__ import annotations

from functools import cached_property, lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from book.clock import months_before, months_between
from book.dossiers import Dossiers
from book.settings import Settings
from features.measures import Values

MONTHS = 12
Bools = NDArray[np.bool_]


@lru_cache(maxsize=256)
def months_back(days: bytes) -> NDArray[np.int64]:
    """Days (n,) as int32 bytes, and 1, 2, ... 16 months before: read only, (n, 17). Kept: the same days come again."""
    back = months_before(np.frombuffer(days, np.int32)[:, None], np.arange(17)).astype(np.int64)
    back.flags.writeable = False
    return back


class Observations:
    """n observations (loan, as_of) of `dossiers`: the first half of a History."""

    def __init__(self, dossiers: Dossiers, settings: Settings) -> None:
        self.dossiers = dossiers
        self.settings = settings
        self.n = len(dossiers)

    @cached_property
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
        return self.dossiers.loans[column][self.dossiers.loan]

    @cached_property
    def observed_late(self) -> Bools:
        """Whether the extract starts after the loan, (n,)."""
        if "observed_from" not in self.dossiers.loans:
            return np.zeros(self.n, bool)
        return self.of_loan("observed_from") > self.of_loan("disbursed_on")

    @cached_property
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

    @cached_property
    def edges(self) -> NDArray[np.int64]:
        """as_of 12, 11, ... 0 months back, (n, 13), oldest first."""
        oldest_first = np.ascontiguousarray(self.months_back[:, MONTHS::-1])
        return oldest_first[self.dossiers.moment]

    def seen(self, months: int) -> Bools:
        """Whether at least half of the last `months` months lies after the start, (n,)."""
        edge = self.edges[:, MONTHS - months] if months <= MONTHS else months_before(self.as_of, months)
        return 2 * (self.as_of - self.start) >= self.as_of - edge

    @cached_property
    def history_months(self) -> Values:
        """Whole months since the start, (n,)."""
        return months_between(self.start, self.as_of).astype(float)

    def months_since(self, day: NDArray[Any], happened: Bools) -> Values:
        """Whole months since `day` (n,); history months + 1 where it never `happened`."""
        since = months_between(np.where(happened, day, self.as_of), self.as_of)
        return np.where(happened, since, self.history_months + 1)

    @property
    def book_complete(self) -> Bools:
        """Whether all loans of the borrower are in the book, (n,)."""
        return self.dossiers.book_complete[self.of_loan("borrower_id")]
