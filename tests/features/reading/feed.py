"""The account feed of a borrower: its months, its windows, and what each row is."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import date, timedelta
from fractions import Fraction

from reading.case import Case, half_covered
from reading.rows import Row, cents, day_of

Kind = Callable[[Row], bool]
STALE_DAYS = 45
HANDED_BACK = ("refund", "loan_repayment")


def amount(row: Row) -> int:
    return cents(row["amount"])


def own(row: Row) -> bool:
    return row.get("counterparty_type") in ("own", "related")


def loan_money(row: Row) -> bool:
    if amount(row) <= 0 or own(row):
        return False
    category = row.get("category")
    named = category in ("salary", "business_income", *HANDED_BACK)
    return category == "loan_in" or (row.get("counterparty_type") == "lender" and not named)


def inflow(row: Row) -> bool:
    return amount(row) > 0 and not own(row) and not loan_money(row) and row.get("category") not in HANDED_BACK


def income(row: Row) -> bool:
    return inflow(row) and row.get("category") in ("salary", "business_income")


def salary(row: Row) -> bool:
    return inflow(row) and row.get("category") == "salary"


def outflow(row: Row) -> bool:
    return amount(row) < 0 and not own(row) and row.get("category") != "refund"


def spent_on(*categories: str) -> Kind:
    return lambda row: outflow(row) and row.get("category") in categories


def total(rows: Iterable[Row]) -> int:
    return sum(abs(amount(row)) for row in rows)


class Feed:
    """Account rows of a borrower that has some, seen from as_of."""

    def __init__(self, case: Case, rows: list[Row]) -> None:
        self.case, self.rows, self.as_of = case, rows, case.as_of
        self.first = min(day_of(row["booked_on"]) for row in rows)

    @property
    def fresh(self) -> bool:
        return max(day_of(row["booked_on"]) for row in self.rows) >= self.as_of - timedelta(STALE_DAYS)

    def edge(self, months: int) -> date:
        return self.case.edge(months)

    def month_observed(self, j: int) -> bool:
        return self.observed_from(j, 1)

    def observed_from(self, j: int, months: int) -> bool:
        """Is at least half of the months j .. j + months - 1 covered?"""
        return half_covered(self.edge(j), self.first, self.edge(j + months))

    def observed(self, months: int) -> bool:
        return self.observed_from(0, months)

    @property
    def months_observed(self) -> int:
        """M: how many of the newest months are observed."""
        months = 0
        while self.month_observed(months):
            months += 1
        return months

    def months(self, newest: int, count: int) -> list[int]:
        """The observed ones of the months newest .. newest + count - 1."""
        return [j for j in range(newest, newest + count) if self.month_observed(j)]

    def between(self, newest: int, oldest: int, kind: Kind) -> list[Row]:
        """Rows of a kind after edge(oldest), up to edge(newest)."""
        return [
            row for row in self.rows if kind(row) and self.edge(oldest) < day_of(row["booked_on"]) <= self.edge(newest)
        ]

    def window(self, months: int, kind: Kind) -> list[Row]:
        return self.between(0, months, kind)

    def of_month(self, j: int, kind: Kind) -> int:
        return total(self.between(j, j + 1, kind))

    def monthly(self, newest: int, count: int, kind: Kind) -> Fraction | None:
        """The monthly mean over the observed ones of `count` months; None where none is."""
        months = self.months(newest, count)
        return Fraction(sum(self.of_month(j, kind) for j in months), len(months)) if months else None


def feed_of(case: Case) -> Feed | None:
    """The feed, where there is one and it is fresh."""
    rows = case.of_borrower("cashflow")
    feed = Feed(case, rows) if rows else None
    return feed if feed and feed.fresh else None
