"""Random small books for hypothesis: one borrower, one to three loans, all that can happen to them."""

from __future__ import annotations

import os
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any

from hypothesis import strategies as st
from random_beside import rows_beside
from random_repayments import charge_rows, event_rows, payment_rows
from random_schedules import Calendar, instalment_rows
from random_themes import ANYTHING, Theme
from reading.days import each_day, end_of_day, last_of_month

from book.settings import Settings

EXAMPLES = float(os.environ.get("LOANWATCH_EXAMPLES", "1"))
Rows = dict[str, list[dict[str, Any]]]
HORIZON = 700
STARTS = (
    date(2023, 1, 31),
    date(2023, 2, 28),
    date(2023, 3, 1),
    date(2023, 6, 30),
    date(2022, 12, 15),
    date(2024, 2, 29),
    date(2020, 2, 29),
)


@dataclass(frozen=True)
class Book:
    """Rows of one borrower, the settings of the book, and whether all of the borrower's loans are in it."""

    rows: Rows
    settings: Settings
    complete: bool = True

    @property
    def loan_ids(self) -> list[str]:
        return [row["loan_id"] for row in self.rows["loans"]]

    def start(self, loan_id: str) -> date:
        row = next(row for row in self.rows["loans"] if row["loan_id"] == loan_id)
        return date.fromisoformat(row.get("observed_from") or row["disbursed_on"])


@dataclass(frozen=True)
class Moment:
    """A day, and a cut-off other than the end of that day where given (UTC microseconds)."""

    as_of: date
    cutoff: int | None = None


def examples(count: int) -> int:
    """How many books to try; LOANWATCH_EXAMPLES multiplies it."""
    return max(1, round(count * EXAMPLES))


def all_settings(monthly: bool = False) -> st.SearchStrategy[Settings]:
    return st.builds(
        Settings,
        timezone=st.sampled_from(["Asia/Shanghai", "Europe/Berlin", "America/New_York"]),
        tolerance=st.sampled_from([100, 0, 10_000]),
        tolerance_share=st.sampled_from([0.0, 0.01]),
        default_dpd=st.sampled_from([90, 30, None]),
        precision=st.just("month" if monthly else "day"),
    )


@st.composite
def books(draw: st.DrawFn, prefix: str = "", settings: Settings | None = None, theme: Theme = ANYTHING) -> Book:
    """A borrower's book about a theme. `prefix` keeps ids of several books apart."""
    monthly = settings.precision == "month" if settings else draw(st.sampled_from(theme.months))
    settings = settings or draw(all_settings(monthly))
    calendar = Calendar(draw(st.sampled_from(STARTS)), monthly)
    rows: Rows = {"loans": [], "instalments": [], "payments": []}
    absent = draw(st.sampled_from([(), (), (), ("loan_events",), ("charges",), ("loan_events", "charges")]))
    rows |= {table: [] for table in ("loan_events", "charges") if table not in absent}
    borrower_id = f"{prefix}{'F' if draw(st.sampled_from(theme.firm)) else 'B'}"
    for number in range(draw(st.sampled_from([1, 1, 2, 3]))):
        for table, found in draw(_loan(f"{prefix}L{number}", borrower_id, calendar, settings, theme)).items():
            if table not in absent:
                rows[table] += found
    rows |= draw(rows_beside(rows["loans"], calendar, theme))
    return Book(rows, settings, draw(st.integers(0, 4)) < 4)


@st.composite
def moments(draw: st.DrawFn, book: Book, count: int = 6, cutoffs: bool = True) -> list[Moment]:
    """Days of a book, month ends often (alone where the source dates by month); some with another cut-off."""
    first = min(book.start(loan_id) for loan_id in book.loan_ids)
    days = list(each_day(first, first + timedelta(HORIZON)))
    ends = [day for day in days if last_of_month(day)]
    any_day = st.sampled_from(ends) | st.sampled_from(ends if book.settings.precision == "month" else days)
    chosen = draw(st.lists(any_day, min_size=1, max_size=count, unique=True))
    return sorted(
        (Moment(day, draw(_cutoffs(day, book)) if cutoffs else None) for day in chosen),
        key=lambda moment: moment.as_of,
    )


def _cutoffs(day: date, book: Book) -> st.SearchStrategy[int | None]:
    """None: the end of the day. Else known some days later, or earlier."""
    ends = [end_of_day(day + timedelta(shift), book.settings.timezone) for shift in (1, 15, 60, -3, -20)]
    return st.none() | st.sampled_from(ends)


def askable(book: Book, loan_id: str, moment: Moment) -> bool:
    """Was the loan known then, and observed?"""
    disbursed = next(row for row in book.rows["loans"] if row["loan_id"] == loan_id)["disbursed_on"]
    known = end_of_day(date.fromisoformat(disbursed), book.settings.timezone)
    return moment.as_of >= book.start(loan_id) and (moment.cutoff is None or moment.cutoff >= known)


@st.composite
def _loan(
    draw: st.DrawFn, loan_id: str, borrower_id: str, calendar: Calendar, settings: Settings, theme: Theme
) -> Rows:
    moved = replace(calendar, base=calendar.day(draw(st.sampled_from([0, 0, 31, 100]))))
    dues = draw(instalment_rows(loan_id, moved, theme))
    first = [row for row in dues if row["schedule_version"] == 1]
    principal = sum(float(row["principal_due"]) for row in first) or 1000.0
    loan = {
        "loan_id": loan_id,
        "borrower_id": borrower_id,
        "product": "loan",
        "borrower_type": "firm" if borrower_id.endswith("F") else "person",
        "currency": settings.currency,
        "principal": f"{principal:.2f}",
        "annual_rate": draw(st.sampled_from([0.12, 0.0, 0.3])),
        "disbursed_on": moved.base.isoformat(),
        "maturity_on": (moved.base + timedelta(900)).isoformat(),
        "n_instalments": max(1, len(first)),
        "repayment_type": draw(st.sampled_from(theme.repayment_type)),
    }
    if draw(st.booleans()):
        loan["region"] = draw(st.sampled_from(["north", "south"]))
    if draw(st.sampled_from(theme.observed_late)):
        loan |= draw(_observed_late(moved))
    return {
        "loans": [loan],
        "instalments": dues,
        "payments": draw(payment_rows(loan_id, moved, first, theme)),
        "loan_events": draw(event_rows(loan_id, moved)),
        "charges": draw(charge_rows(loan_id, moved, theme)),
    }


@st.composite
def _observed_late(draw: st.DrawFn, calendar: Calendar) -> dict[str, Any]:
    facts: dict[str, Any] = {"observed_from": calendar.day(draw(st.integers(1, 250))).isoformat()}
    if draw(st.booleans()):
        facts["opening_balance"] = draw(st.sampled_from(["500.00", "0.00", "1500.50"]))
    if draw(st.booleans()):
        facts["opening_arrears"] = draw(st.sampled_from(["100.00", "33.33", "250.00", "0.00"]))
    return facts
