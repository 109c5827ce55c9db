"""From a loaded book to the facts on a page."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pytest

from book.clock import months_before
from book.known import known
from book.load import load, open_book
from book.settings import Settings
from book.tables import Tables
from features.catalogue import CATALOGUE
from features.history import History
from features.standing import STATUSES, standing
from policy.pack import load_pack
from reports.loan.assemble import loan_view, reason_view
from reports.loan.page import loan_report
from reports.loan.view import LoanView, ReasonCard, ScoreCard, Versions

VERSIONS = Versions("model", "pack", "features", "book", "software")


@dataclass(frozen=True)
class Day:
    """All loans of a part of the small book on its last day."""

    tables: Tables
    settings: Settings
    as_of: int
    h: History

    def view(self, i: int) -> LoanView:
        """The view of observation `i`; one that may be scored gets 2 %."""
        status = STATUSES[int(standing(self.h)[i])]
        card = ScoreCard(str(self.h.loan_ids[i]), str(self.h.borrower_ids[i]), self.as_of, 0, status, 12)
        if status == "scored":
            card = replace(card, pd=0.02, start_pd=0.01, grade=4, tier="T2")
        return loan_view(self.h, self.h.dossiers, i, card, load_pack(), self.settings, VERSIONS)


@pytest.fixture(scope="module")
def last_day(small_book: Path) -> Day:
    book = open_book(small_book)
    tables = load(book.parts[0], book.settings).tables
    as_of = int(tables["payments"]["paid_on"].max())
    loans = np.flatnonzero(tables["loans"]["disbursed_on"] <= as_of).astype(np.int32)
    dossiers = known(tables, loans, np.full(len(loans), as_of), settings=book.settings)
    return Day(tables, book.settings, as_of, History(dossiers, book.settings))


def test_every_loan_of_a_book_gets_a_page_in_both_languages(last_day: Day) -> None:
    for i in range(0, last_day.h.n, 7):
        html = loan_report(last_day.view(i), last_day.settings.timezone)
        assert str(last_day.h.loan_ids[i]) in html


def test_cashflow_on_the_page_is_the_money_of_the_borrower_and_no_later(last_day: Day) -> None:
    cash = last_day.tables["cashflow"]
    checked = 0
    for i in range(0, last_day.h.n, 11):
        months = last_day.view(i).cash
        owner = last_day.tables.borrower_of[last_day.h.dossiers.loan[i]]
        first = int(months_before(np.array([months[0].month_end]), 1)[0]) if months else 0
        mine = (cash["borrower_id"] == owner) & (cash["booked_on"] > first) & (cash["booked_on"] <= last_day.as_of)
        mine &= cash["posted_at"] <= last_day.h.dossiers.cutoff[0]
        assert sum(month.inflow - month.outflow for month in months or ()) == cash["amount"][mine].sum()
        checked += bool(months)
    assert checked


def test_a_loan_in_default_names_the_day_it_began(last_day: Day) -> None:
    views = [last_day.view(i) for i in range(last_day.h.n)]
    since = [view.status_on for view in views if view.card.status == "in_default"]
    assert since
    assert all(day is not None and day <= last_day.as_of for day in since)
    assert all(view.status_on is None for view in views if view.card.status == "scored")


def test_tables_that_were_not_supplied_are_named(last_day: Day) -> None:
    feeds = {feed.table: feed for feed in last_day.view(0).feeds}
    assert feeds["instalments"].rows
    assert [name for name, feed in feeds.items() if feed.rows is None] == [
        name for name in feeds if name not in last_day.h.dossiers.tables
    ]


def test_a_reason_is_written_in_the_unit_of_its_feature() -> None:
    column = next(column for column in CATALOGUE.columns if column.name == "dpd_now")
    said = {"en": "x", "zh": "y"}
    reason = reason_view(ReasonCard(column.family.label, 0.5, "dpd_now", 34.0, None, said))
    assert reason.value == {"en": "34 days", "zh": "34天"}
    assert reason.typical == {"en": "not observed", "zh": "未观察到"}


def test_a_derived_schedule_coarse_dates_and_a_late_start_are_named(last_day: Day) -> None:
    frames = dict(last_day.tables.frames)
    loans, dues = dict(frames["loans"].columns), dict(frames["instalments"].columns)
    loans["observed_from"] = loans["disbursed_on"] + 40
    dues["source"] = np.full(len(frames["instalments"]), "derived: a test", object)
    frames["loans"] = replace(frames["loans"], columns=loans)
    frames["instalments"] = replace(frames["instalments"], columns=dues)
    settings = replace(last_day.settings, precision="month")
    loan, day = np.zeros(1, np.int32), np.array([last_day.as_of])
    dossiers = known(replace(last_day.tables, frames=frames), loan, day, settings=settings)
    card = ScoreCard("L", "B", last_day.as_of, 0, "closed", 12)
    view = loan_view(History(dossiers, settings), dossiers, 0, card, load_pack(), settings, VERSIONS)
    assert [gap.code for gap in view.gaps] == ["observed_from", "month_precision", "derived"]
    assert "derived from other fields" in loan_report(view, settings.timezone, ("en",))
