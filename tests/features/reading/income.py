"""Recurring and disposable income, and debt service."""

from __future__ import annotations

from fractions import Fraction

from reading.case import Case
from reading.days import months_since
from reading.external import Reports, not_ours
from reading.feed import Feed, income, outflow, spent_on, total
from reading.repayment import Repayment
from reading.rows import Row, cents
from reading.standing import closed


def recurring_rows(feed: Feed, j: int) -> list[Row]:
    """Income rows of the months j .. j + 5 whose kind or payer has income in at least three of them."""
    months = [feed.between(k, k + 1, income) for k in range(j, j + 6)]

    def in_three(column: str, value: object) -> bool:
        return sum(any(row.get(column) == value for row in month) for month in months) >= 3

    return [
        row
        for month in months
        for row in month
        if in_three("category", row["category"])
        or (row.get("counterparty_id") is not None and in_three("counterparty_id", row["counterparty_id"]))
    ]


def recurring_of_month(feed: Feed, j: int, rows: list[Row]) -> int:
    return total(row for row in feed.between(j, j + 1, income) if row in rows)


def recurring_income(feed: Feed, j: int = 0) -> Fraction | None:
    """Monthly mean at edge(j); None where not observed."""
    months = feed.months(j, 3)
    if not feed.observed_from(j, 6) or not months:
        return None
    rows = recurring_rows(feed, j)
    return Fraction(sum(recurring_of_month(feed, k, rows) for k in months), len(months))


def tax_and_essential(feed: Feed, j: int = 0) -> Fraction:
    spent = feed.monthly(j, 3, spent_on("tax", "essential"))
    return spent or Fraction(0)


def disposable_income(feed: Feed, j: int = 0) -> Fraction | None:
    recurring = recurring_income(feed, j)
    return None if recurring is None else recurring - tax_and_essential(feed, j)


def outflow_mean(feed: Feed) -> Fraction | None:
    return feed.monthly(0, 3, outflow) if feed.observed(3) else None


def running(case: Case) -> list[Repayment]:
    """The borrower's loans that are not closed, this one always."""
    return [case.repayment, *(other for other in case.others if not closed(other))]


def debt_service_here(case: Case) -> Fraction | None:
    if not case.complete:
        return None
    service = Fraction(0)
    for repayment in running(case):
        if months_since(repayment.loan.start, case.as_of) >= 3:
            service += Fraction(_dues(case, repayment, 0, 3), 3)
        elif repayment.instalment is not None:
            service += repayment.instalment
        elif repayment is case.repayment:
            return None
    return service


def debt_service_before(case: Case) -> Fraction | None:
    """At edge(6): of all the borrower's loans."""
    if not case.complete or months_since(case.repayment.loan.start, case.as_of) < 9:
        return None
    return Fraction(sum(_dues(case, one, 6, 9) for one in [case.repayment, *case.others]), 3)


def _dues(case: Case, repayment: Repayment, newest: int, oldest: int) -> int:
    first, last = case.edge(oldest), case.edge(newest)
    return sum(one.due.amount for one in repayment.judged if first < one.due.due_on <= last)


def debt_service_elsewhere(case: Case) -> int | None:
    """Instalments of the lines of the report in hand; None where not observed, or no debt with a term states one."""
    rows = case.of_borrower("external_debts")
    report = Reports(case, rows).in_hand if rows else None
    if report is None:
        return None
    lines = not_ours(report)
    termed = [line for line in lines if cents(line["balance"]) > 0 and line.get("limit") is None]
    if termed and all(line.get("instalment") is None for line in lines):
        return None
    return sum(cents(line.get("instalment")) for line in lines)


def debt_service_in_all(case: Case) -> Fraction | None:
    here, elsewhere = debt_service_here(case), debt_service_elsewhere(case)
    return None if here is None or elsewhere is None else here + elsewhere
