"""Debts elsewhere: the bureau reports in hand and those of some months before."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from book.clock import months_before, months_between
from book.dossiers import Rows
from book.tables import MISSING_DAY
from features.belonging import Belonging
from features.bureau import Lines, Read, read_reports, report_before, worst_dpd
from features.feeds import Feed, picked
from features.history import MONTHS, History
from features.kept import kept
from features.measures import Values
from features.observations import Bools
from features.series import Series

Int = NDArray[np.int64]
STALE_DAYS = 90
NEW_WITHIN = (3, 6)
INQUIRIES = (1, 3, 6)


@dataclass(frozen=True)
class Report:
    """One report per observation: `fresh` (n,) where there is one young enough, of day `report_on` (n,).

    What it says (`read`) is NaN where it is not fresh. Debts of our own are left out.
    """

    fresh: Bools
    report_on: Int
    read: Read

    def told(self, values: Values) -> Values:
        """`values` (n,) where the report is fresh, else NaN."""
        return np.where(self.fresh, values, np.nan)

    @property
    def debt(self) -> Values:
        """Debt elsewhere, minor units, (n,)."""
        return self.told(self.read.debt)

    @property
    def short(self) -> Values:
        """Debt elsewhere due within a year of the report, minor units, (n,)."""
        return self.told(self.read.short)

    @property
    def score(self) -> Values:
        """The bureau's score, (n,)."""
        return self.told(self.read.score)


class Reports(Belonging):
    """The bureau reports of each observation's borrower."""

    def __init__(self, h: History, rows: Rows) -> None:
        super().__init__(h)
        self.rows = rows
        self._earlier: dict[int, Report] = {}

    @kept
    def series(self) -> Series:
        """Lines by day of the report."""
        return self.h.dated("external_debts", "report_on")

    @kept
    def lines(self) -> Lines:
        """The columns that are read."""
        r = self.rows
        inquiries = np.stack([r[f"approval_inquiries_{w}m"] for w in INQUIRIES], axis=1)
        return Lines(
            r["report_on"], r["posted_at"], r["is_ours"], r["lender_id"], r["balance"], r["limit"], r["instalment"],
            r["opened_on"], r["maturity_on"], r["dpd"], inquiries, r["score"],
        )  # fmt: skip

    @kept
    def at_as_of(self) -> Report:
        """The report in hand."""
        return self._report(self.series.position[:, MONTHS], self.h.as_of)

    def earlier(self, months: int) -> Report:
        """The report that was the latest `months` before as_of; not fresh where it is the one in hand."""
        if months not in self._earlier:
            then = self._report(self.series.position[:, MONTHS - months], self.h.edges[:, MONTHS - months])
            fresh = then.fresh & (then.report_on < self.at_as_of.report_on)
            self._earlier[months] = Report(fresh, then.report_on, then.read)
        return self._earlier[months]

    def _report(self, end: Int, day: Int) -> Report:
        first = self.series.first
        lo, hi, stamp = report_before(self.lines.report_on, self.lines.posted_at, first, end)
        report_on = picked(self.lines.report_on, np.where(end > first, end - 1, -1), MISSING_DAY).astype(np.int64)
        fresh = (end > first) & (day - report_on <= STALE_DAYS)
        lo = np.where(fresh, lo, hi)
        windows = shifted(np.where(fresh, report_on, 0), (-12, *NEW_WITHIN))
        read = _nothing_yet(len(end))
        read_reports(self.lines, lo, hi, stamp, windows[:, 0], windows[:, 1:], read)
        return Report(fresh, report_on, read)

    @kept
    def feed(self) -> Feed:
        """How far back reports reach."""
        return Feed(self.h, self.series)

    def worst_dpd(self, months: int) -> Values:
        """Largest DPD elsewhere on the reports of the last `months`; NaN where under half of them is covered, (n,)."""
        lo, hi = self.series.position[:, MONTHS - months], self.series.position[:, MONTHS]
        return np.where(self.feed.seen(months), worst_dpd(self.lines.dpd, self.lines.ours, lo, hi), np.nan)

    @kept
    def months_since_opening(self) -> Values:
        """Whole months since the latest debt on the report began; months of reports + 1 where it has no line."""
        some = self.at_as_of.read.last_opened != MISSING_DAY
        since = np.where(some, self.at_as_of.read.last_opened, self.feed.first_day)
        return self.at_as_of.told(months_between(since, self.h.as_of).astype(float) + ~some)


def reports(h: History) -> Reports | None:
    """The reports of `h`; None where the source has no external_debts. Ask by `h.once(reports)`."""
    rows = h.rows("external_debts")
    return None if rows is None else Reports(h, rows)


def shifted(days: Int, back: tuple[int, ...]) -> Int:
    """`days` (n,) so many months back (negative: ahead), (n, len(back)); each day of the span is worked out once."""
    if not len(days):
        return np.zeros((0, len(back)), np.int64)
    low, high = int(days.min()), int(days.max())
    if high - low >= len(days):
        return months_before(days[:, None], np.array(back)).astype(np.int64)
    span = months_before(np.arange(low, high + 1)[:, None], np.array(back)).astype(np.int64)
    return span[days - low]


def _nothing_yet(n: int) -> Read:
    """What n reports without a line say."""
    debt, short, over90, card_balance, card_limit, instalment, told, owing, termed, dpd, lenders = np.zeros((11, n))
    last_opened = np.full(n, MISSING_DAY, np.int64)
    inquiries, score, opened = np.full((n, 3), np.nan), np.full(n, np.nan), np.zeros((n, 2))
    return Read(
        debt, short, over90, card_balance, card_limit, instalment, told, owing, termed, dpd, last_opened, lenders,
        inquiries, score, opened,
    )  # fmt: skip
