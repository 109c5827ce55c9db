"""What the accounts of a borrower say at the moments asked for, worked out once per borrower and moment."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from book.contract import TABLES
from book.contract.kinds import Kind
from book.dossiers import Rows
from book.hidden import NOTHING
from features.account_balance import Balances, Spans, balance_on, daily_balances, daily_spans
from features.account_months import (
    each_month,
    first_days,
    half_seen,
    mean_in_year_before,
    mean_of_months,
    observed_months,
    of_unit,
    oldest_edges,
    ranges_of,
    recurring_mean,
    sum_of_months,
)  # fmt: skip
from features.account_sums import account_sums, unusual_spending
from features.account_unseen import Marks, Unseen, marks_without
from features.festival import year_before
from features.income import income_sources
from features.kept import kept
from features.measures import Values, Window
from features.observations import months_back
from features.payday import paydays
from features.ratios import change
from features.statement import KINDS, Statement, kinds_table, mark_rows
from features.windows import different

if TYPE_CHECKING:
    from features.history import History

Ints = NDArray[np.int64]
STALE_DAYS = 45
_MONTHS = 9  # months back to which every kind is summed; income is to all 16
_TABLE = kinds_table()
_NO_MARKS = np.zeros(0, np.int64), np.zeros(0, np.int16), np.zeros(0, np.int8)
_ENOUGH = 5  # observed months of six that a comparison of 3 with 3 needs


class Accounts:
    """Measures of n observations by the account feed of their borrower; money in minor units, NaN = not observed.

    A feed reaches back to its first row known; one whose latest row is older than 45 days answers NaN.
    Use `h.once(Accounts)`. Source: docs/definitions-cash.md.
    """

    def __init__(self, h: History) -> None:
        rows = h.rows("cashflow")
        self.rows = _no_rows(h) if rows is None else rows
        self.as_of = h.as_of
        moments = len(h.dossiers.as_of)
        units, self.unit = different(h.of_loan("borrower_id") * np.int64(moments) + h.dossiers.moment)
        owner, moment = np.divmod(units, moments)
        segments, self._of_segment = different(owner)
        self.segment: Ints = self._of_segment[self.unit]
        self.at = ranges_of(self.rows.offsets, segments)
        own = self.rows.segment(owner, moment)
        self.unseen = unseen_by(self.rows, own)
        self._room = self.rows.offsets[own]
        by_moment = h.months_back
        self._edges = by_moment[moment]
        self._oldest = oldest_edges(self._edges, self._of_segment, len(segments))
        self.edges = by_moment[h.dossiers.moment]
        self.year_before = festival_months(h.dossiers.as_of.tobytes(), h.settings.currency)[h.dossiers.moment]
        self._seen: dict[tuple[int, int], NDArray[np.bool_]] = {}
        self._totals: dict[tuple[str, int], Values] = {}

    # Rows and sums

    @kept
    def statement(self) -> Statement:
        """The rows with their kinds; only those of the borrowers asked for are filled, from 16 months back on."""
        rows, shared = self.rows, self.rows.shared
        n = len(shared["amount"])
        found = Statement(
            on=shared["booked_on"],
            amount=shared["amount"],
            balance=shared["balance_after"],
            account=rows.alike("account_id"),
            payer=rows.alike("counterparty_id"),
            bits=np.empty(n, np.int16),
            answer=np.empty(n, np.int8),
        )
        mark_rows(found, shared["counterparty_type"], shared["category"], _TABLE, self.at, self._oldest)
        return found

    @kept
    def marks(self) -> Marks:
        """What is different in the statement at moments that do not know some of its rows."""
        if not self.unseen.at.any():
            return Marks(self.unseen.at, *_NO_MARKS)
        return marks_without(self.statement, self.at, self._of_segment, self.unseen)

    @property
    def units(self) -> tuple[Ints, Ints, Ints, Unseen]:
        """Ranges of the segments, the segment of each unit, its as_of and 1, 2, ... months before, and its `Unseen`."""
        return self.at, self._of_segment, self._edges, self.unseen

    @kept
    def _sums(self) -> tuple[Ints, Ints, Ints, Ints]:
        return account_sums(self.statement, self.at, self._of_segment, self._edges, _MONTHS, self.unseen, self.marks)

    @property
    def days(self) -> Ints:
        """The first and the last day with a row, MISSING_DAY where there is none, (n, 2)."""
        return self._sums[3][self.unit]

    @kept
    def first(self) -> Ints:
        """The first day of the feed, (n,); after as_of where it is not fresh, so that nothing is observed."""
        return first_days(self._sums[3], self.unit, self.as_of, STALE_DAYS, 1 << 20)

    @kept
    def fresh(self) -> NDArray[np.bool_]:
        """Whether the feed is fresh, (n,)."""
        return np.asarray(self.first <= self.as_of)

    @kept
    def months(self) -> Ints:
        """How many of the latest months are observed, (n,)."""
        return observed_months(self.edges, self.first)

    def seen(self, months: int, since: int = 0) -> NDArray[np.bool_]:
        """Whether at least half of the `months` months from month `since` back lie after the feed's start, (n,)."""
        found = self._seen.get((months, since))
        if found is None:
            found = self._seen[months, since] = half_seen(self.edges, self.first, since, months)
        return found

    def _of_kind(self, kind: str) -> Ints:
        """Sums of a kind of rows since the first up to as_of, 1, 2, ... months before, (n_units, 10)."""
        return self._sums[0][:, :, KINDS.index(kind)]

    def total(self, kind: str, months: int) -> Values:
        """Sum of a kind of rows over the last `months` months, (n,)."""
        found = self._totals.get((kind, months))
        if found is None:
            found = sum_of_months(self._of_kind(kind), self.unit, self.seen(months), months)
            self._totals[kind, months] = found
        return found

    def window(self, kind: str, months: int) -> Window:
        """Sums of a kind by month, (n, months), newest first; NaN where the month is not observed."""
        return Window(each_month(self._of_kind(kind), self.unit, self.months, months), self.seen(months))

    def mean(self, kind: str, months: int) -> Values:
        """Monthly mean of a kind over the observed months among the last `months`, (n,)."""
        return np.where(self.seen(months), self._mean(kind, months, 0), np.nan)

    def _mean(self, kind: str, months: int, since: int, least: int = 0) -> Values:
        """The same from month `since` back; NaN where none of them or under `least` of all months are observed."""
        return mean_of_months(self._of_kind(kind), self.unit, self.months, months, since, least)

    def change(self, kind: str) -> Values:
        """Monthly mean of the last three months against the three before, less 1, (n,)."""
        return change(self._mean(kind, 3, 0, _ENOUGH), self._mean(kind, 3, 3))

    def income_change_in_year(self) -> Values:
        """Income of the last three months against three a year before that hold the same holiday, less 1, (n,)."""
        before, known = mean_in_year_before(
            self._sums[1], self.unit, self.months, self.edges, self.first, self.year_before
        )
        return change(np.where(known, self._mean("income", 3, 0), np.nan), before)

    # Income

    @kept
    def _income(self) -> tuple[Ints, Values, Values]:
        return income_sources(self.statement, self.at, self._of_segment, self._edges, self.unseen)

    def recurring(self, since: int = 0) -> Values:
        """Monthly mean of recurring income over three months from month `since` (0, 3 or 6) back, (n,)."""
        seen = self.seen(6, 6 if since == 6 else 0)
        return recurring_mean(self._income[0], self.unit, self.months, seen, since)

    def recurring_change(self) -> Values:
        """Recurring income of the last three months against the three before, less 1, (n,)."""
        return change(np.where(self.months >= _ENOUGH, self.recurring(), np.nan), self.recurring(3))

    def disposable(self, since: int = 0) -> Values:
        """Recurring income less tax and essential spending, a month, (n,)."""
        return self.recurring(since) - self._mean("tax", 3, since) - self._mean("essential", 3, since)

    @property
    def payer_changed(self) -> Values:
        """1 where the salary comes from another payer than three months before, (n,)."""
        return of_unit(self._income[1], self.unit, self.seen(6))

    @property
    def spread(self) -> Values:
        """Sum of squared shares of payers in six months of inflow, (n,)."""
        return of_unit(self._income[2], self.unit, self.seen(6))

    @kept
    def _paydays(self) -> tuple[Ints, Values]:
        return paydays(self.statement, self.at, self._of_segment, self._edges, self.marks)

    @property
    def payday(self) -> Ints:
        """The usual day of the month of the salary, 0 where it is not known, (n,)."""
        return np.where(self.fresh, self._paydays[0][self.unit], 0)

    @property
    def salary_late(self) -> Values:
        """Days the latest salary is late, (n,)."""
        return of_unit(self._paydays[1], self.unit, self.fresh)

    @property
    def unusual(self) -> Values:
        """Largest z of weekly spending of the last four weeks, (n,)."""
        _, _, weeks, known = self._sums
        z = unusual_spending(weeks, self._edges[:, 0], known[:, 0])
        return of_unit(z, self.unit, self.fresh)

    # Balances

    @kept
    def balances(self) -> Balances:
        """The balance of all accounts by day, of each unit; the last range is empty."""
        n = int(self.rows.offsets[-1])
        found = Balances(np.empty(n, np.int32), np.empty(n, np.int64), np.full((len(self._room) + 1, 2), -1, np.int64))
        daily_balances(
            self.statement, self.at, self._of_segment, self._edges[:, 0], self.unseen, self.marks, self._room, found
        )
        return found

    @kept
    def _balances_of(self) -> Ints:
        """The range of `balances` of each observation: the empty one where the feed is not fresh."""
        return np.where(self.fresh, self.unit, len(self._room))

    def balance(self, days: NDArray[Any]) -> Values:
        """Balance at the end of `days` (n, m); NaN before the first one known."""
        return balance_on(self.balances, self._balances_of, np.ascontiguousarray(days, np.int64))

    def spans(self, limit: Values) -> Spans:
        """Mean balance of one and three months; of three the lowest, days below `limit` (n,), days overdrawn; (n,)."""
        found = Spans(*np.full((len(Spans._fields), len(self.unit)), np.nan))
        daily_spans(self.balances, self._balances_of, self.edges, limit, found)
        return found


def unseen_by(rows: Rows, segment: Ints) -> Unseen:
    """The shared rows that the units do not see whose segments (n,) are given."""
    hidden, at = rows.hidden or NOTHING, np.zeros((len(segment), 2), np.int64)
    if not len(rows.private):
        return Unseen(at, hidden.row)
    own = np.flatnonzero(segment >= rows.n_owners)
    private = segment[own] - rows.n_owners
    at[own, 0], at[own, 1] = hidden.at[private], hidden.at[private + 1]
    return Unseen(at, hidden.row)


@lru_cache(maxsize=256)
def festival_months(days: bytes, currency: str) -> Ints:
    """`year_before` of days (n,) given as int32 bytes: kept, the same days come again; read only, (n,)."""
    found = year_before(months_back(days), currency)
    found.flags.writeable = False
    return found


def _no_rows(h: History) -> Rows:
    """An empty statement, for books without one."""
    kinds = {Kind.DATE: np.dtype(np.int32), Kind.ENUM: np.dtype(np.int8)}
    other = np.dtype(np.int64)
    columns = {c.name: np.empty(0, kinds.get(c.kind, other)) for c in TABLES["cashflow"].columns}
    borrowers = len(h.dossiers.borrower_ids)
    offsets, moments = np.zeros(borrowers + 1, np.int64), len(h.dossiers.as_of)
    return Rows(columns, offsets, borrowers, moments, np.empty(0, np.int64), columns, NOTHING)
