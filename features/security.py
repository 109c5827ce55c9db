"""What stands behind a loan: the things pledged with their latest values, and the guarantors."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numba as nb
import numpy as np
from numpy.typing import NDArray

from book.dossiers import Rows
from book.tables import MISSING_DAY
from features.belonging import Belonging
from features.context import figure
from features.history import MONTHS, History
from features.kept import kept
from features.ledger import code
from features.measures import Values
from features.ratios import ratio

Ints = Any
Int = NDArray[np.int64]


@nb.njit(cache=True, nogil=True)
def _superseded(q: int, end: int, thing: Ints, day: Ints, posted_at: Ints, value: Ints, first: int) -> bool:
    """Whether another row of [first, end) tells the value of the same thing later than row q."""
    for r in range(first, end):
        if r == q or thing[r] != thing[q]:
            continue
        if day[r] != day[q]:
            if day[r] > day[q]:
                return True
        elif posted_at[r] != posted_at[q]:
            if posted_at[r] > posted_at[q]:
                return True
        elif value[r] < value[q] or (value[r] == value[q] and r > q):
            return True
    return False


@nb.njit(cache=True, nogil=True)
def values_of_things(
    thing: Ints, day: Ints, posted_at: Ints, value: Ints, counts: Ints, first: Ints, end: Ints
) -> tuple[Ints, Ints]:
    """Value of the things in rows [first, end) and the oldest day of a valuation that `counts` (0: none), (n,)."""
    n = len(end)
    total, oldest = np.zeros(n, np.int64), np.zeros(n, np.int64)
    for i in range(n):
        for q in range(first[i], end[i]):
            if not counts[q] or _superseded(q, end[i], thing, day, posted_at, value, first[i]):
                continue
            if oldest[i] == 0 or day[q] < oldest[i]:
                oldest[i] = day[q]
            total[i] += value[q]
    return total, oldest


@dataclass(frozen=True)
class Things:
    """Pledged things per observation, (n,): whether a row is known, their value (minor units), the oldest valuation."""

    there: NDArray[np.bool_]
    value: Int
    oldest: Int

    def loan_to_value(self, balance: Values) -> Values:
        """Balance against value, at most 10; NaN where nothing was ever pledged."""
        return np.where(self.there, np.minimum(ratio(balance, self.value, adverse=10), 10), np.nan)


class Collateral(Belonging):
    """The collateral of each observation's loan."""

    def __init__(self, h: History, rows: Rows) -> None:
        super().__init__(h)
        self.rows = rows
        self.series = h.dated("collateral", "valued_on")

    @kept
    def at_as_of(self) -> Things:
        """Things as valued by as_of."""
        return self._things(0)

    @kept
    def year_ago(self) -> Things:
        """Things as valued a year before as_of."""
        return self._things(12)

    def _things(self, months: int) -> Things:
        r, end = self.rows, self.series.position[:, MONTHS - months]
        counts = r["status"] == code("collateral", "status", "ok")[0]
        first = self.series.first
        found = values_of_things(r["collateral_id"], r["valued_on"], r["posted_at"], r["value"], counts, first, end)
        return Things(end > first, *found)

    @kept
    def ltv(self) -> Values:
        """Loan to value at as_of, (n,)."""
        return self.at_as_of.loan_to_value(self.h.principal_outstanding)

    @kept
    def ltv_year_ago(self) -> Values:
        """Loan to value a year before as_of, by what is known now; NaN where the loan had not begun, (n,)."""
        then = self.year_ago.loan_to_value(self.h.months_ago(12).principal_outstanding)
        return np.where(self.h.edges[:, 0] >= self.h.start, then, np.nan)


def collateral(h: History) -> Collateral | None:
    """The collateral of `h`; None where the source has none."""
    rows = h.rows("collateral")
    return None if rows is None else Collateral(h, rows)


def guarantor_dpd(h: History) -> Values:
    """Largest DPD here of the guarantors of each loan, by the context; NaN where none is known there, (n,)."""
    rows, context = h.rows("guarantees"), h.context
    if rows is None or context is None or not len(context.persons):
        return np.full(h.n, np.nan)
    series = h.dated("guarantees", "from")
    first, count = series.first, series.position[:, MONTHS] - series.first
    of = np.repeat(np.arange(h.n), count)
    row = np.repeat(first - np.cumsum(count) + count, count) + np.arange(count.sum())
    stands = (rows["to"][row] == MISSING_DAY) | (rows["to"][row] >= h.as_of[of])
    row, of = row[stands], of[stands]
    dpd = figure(context.dpd, context.person(rows["guarantor_id"][row]), context.month_before(h.as_of)[of])
    worst = np.full(h.n, np.nan)
    np.fmax.at(worst, of, dpd)
    return worst
