"""Contacts with the borrower about one loan: attempts, promises to pay, numbers used."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numba as nb
import numpy as np
from numpy.typing import NDArray

from book.clock import local_day
from book.contract import TABLES
from book.dossiers import Rows
from book.tables import MISSING_DAY, MISSING_MONEY
from features.belonging import Belonging
from features.kept import kept
from features.ledger import code
from features.measures import Values
from features.observations import MONTHS
from features.series import Series

if TYPE_CHECKING:
    from features.history import History

Ints = Any
_OUTCOMES = len(TABLES["contacts"].column("outcome").choices)


class Contacts(Belonging):
    """The contacts of each observation's loan, by day in the book's time zone."""

    def __init__(self, h: History, rows: Rows) -> None:
        super().__init__(h)
        self.rows = rows
        self._promises: dict[int, tuple[Values, Values]] = {}

    @kept
    def series(self) -> Series:
        """Contact rows by local day."""
        days = local_day(self.rows["at"], self.h.settings.timezone)
        at = np.stack([self.rows.offsets[:-1], self.rows.offsets[1:]], axis=1)
        segment = self.rows.segment(self.h.dossiers.loan, self.h.dossiers.moment)
        return Series(days, at, segment, self.h.edges)

    @kept
    def tried(self) -> NDArray[np.bool_]:
        """Which contacts went out from the lender."""
        return np.asarray(self.rows["direction"] != "in")

    def outcome(self, *names: str) -> NDArray[np.bool_]:
        """Which contacts had one of the outcomes."""
        wanted = np.zeros(_OUTCOMES + 1, bool)
        wanted[code("contacts", "outcome", *names)] = True
        return wanted[self.rows["outcome"]]

    def count(self, rows: NDArray[np.bool_], months: int) -> Values:
        """How many of `rows` (n_rows,) lie in the last `months` months; NaN where those are not observed, (n,)."""
        counted = self.series.months(rows)[:, MONTHS - months :].sum(axis=1)
        return np.where(self.h.seen(months), counted, np.nan)

    def promises(self, months: int) -> tuple[Values, Values]:
        """Promises for days of the last `months` months before as_of: kept and broken, (n,)."""
        if months not in self._promises:
            self._promises[months] = self._kept_and_broken(months)
        return self._promises[months]

    def _kept_and_broken(self, months: int) -> tuple[Values, Values]:
        series, book = self.series, self.h.ledger
        rows = self.rows
        promised = self.outcome("ptp") & (rows["ptp_on"] != MISSING_DAY)
        kept, broken = _promises(
            promised, series.days, rows["ptp_on"], rows["ptp_amount"], series.first, series.position[:, MONTHS],
            self.h.edges[:, MONTHS - months], self.h.as_of, book.money.on, book.money.amount,
            self.h.money.first, self.h.money.position[:, MONTHS], self.h.settings.tolerance,
        )  # fmt: skip
        seen = self.h.seen(months)
        return np.where(seen, kept, np.nan), np.where(seen, broken, np.nan)

    def latest_invalid(self) -> Values:
        """1 where an attempt of the latest moment with one could not get through at all, (n,)."""
        invalid = self.tried & self.outcome("invalid")
        return _latest_is(invalid, self.tried, self.rows["at"], self.series.first, self.series.position[:, MONTHS])

    def new_point(self, months: int) -> Values:
        """1 where no point of the latest day with a contact in the window was used before the window, (n,)."""
        place = self.series.position
        new = _all_new(
            self.rows["contact_point_id"], self.series.days, self.series.first, place[:, MONTHS - months],
            place[:, MONTHS],
        )  # fmt: skip
        return np.where(self.h.seen(months), new, np.nan)


def contacts(h: History) -> Contacts | None:
    """The contacts of `h`; None where the source has none. Ask by `h.once(contacts)`."""
    rows = h.rows("contacts")
    return None if rows is None else Contacts(h, rows)


@nb.njit(cache=True, nogil=True)
def _promises(
    promised: Ints, day: Ints, due_on: Ints, amount: Ints, first: Ints, end: Ints, after: Ints, as_of: Ints,
    paid_on: Ints, paid: Ints, pay_first: Ints, pay_end: Ints, tolerance: int,
) -> tuple[Ints, Ints]:  # fmt: skip
    """Promises kept and broken (n,): contact rows [first, end) with a promise for a day in (after, as_of)."""
    n = len(first)
    kept, broken = np.zeros(n), np.zeros(n)
    for i in range(n):
        for r in range(first[i], end[i]):
            if not promised[r] or due_on[r] <= after[i] or due_on[r] >= as_of[i]:
                continue
            money = 0
            for q in range(pay_first[i], pay_end[i]):
                if day[r] <= paid_on[q] <= due_on[r]:
                    money += paid[q]
            if money > 0 and (amount[r] == MISSING_MONEY or money >= amount[r] - tolerance):
                kept[i] += 1
            else:
                broken[i] += 1
    return kept, broken


@nb.njit(cache=True, nogil=True)
def _latest_is(holds: Ints, counted: Ints, at: Ints, first: Ints, end: Ints) -> Ints:
    """1 where a row of the latest moment among the `counted` rows [first, end) holds, 0 where none; NaN: no row."""
    out = np.full(len(first), np.nan)
    for i in range(len(first)):
        latest = np.int64(0)
        for r in range(first[i], end[i]):
            if counted[r] and (np.isnan(out[i]) or at[r] > latest):
                latest, out[i] = at[r], holds[r]
            elif counted[r] and at[r] == latest and holds[r]:
                out[i] = 1
    return out


@nb.njit(cache=True, nogil=True)
def _all_new(point: Ints, day: Ints, first: Ints, window: Ints, end: Ints) -> Ints:
    """1 where no point of the latest day of rows [window, end) is among rows [first, window); NaN: either empty."""
    out = np.full(len(first), np.nan)
    for i in range(len(first)):
        if first[i] == window[i] or window[i] == end[i]:
            continue
        out[i] = 1
        r = end[i] - 1
        while r >= window[i] and day[r] == day[end[i] - 1]:
            for q in range(first[i], window[i]):
                if point[q] == point[r]:
                    out[i] = 0
            r -= 1
    return out
