"""Columns of EXPO for revolving loans."""

from __future__ import annotations

from fractions import Fraction
from itertools import pairwise

from reading.balance import PREPAYMENTS
from reading.case import Case
from reading.ratios import NAN, ratio
from reading.rows import Row, cents, day_of
from reading.window import Window

COLUMNS = ("utilisation_now", "utilisation_chg_3m", "overlimit_months_6m", "min_pay_share_6m")


def revolving_columns(case: Case) -> dict[str, float]:
    rows = case.of_loan("balances")
    if rows is None or not case.repayment.loan.revolving:
        return dict.fromkeys(COLUMNS, NAN)
    now, before = _utilisation(_balance(case, rows, 0)), _utilisation(_balance(case, rows, 3))
    ends = [_balance(case, rows, j) for j in range(6)]
    limits = [(cents(row["principal"]), _limit(row)) for row in ends if row is not None]
    known = [(used, limit) for used, limit in limits if limit is not None]
    return {
        "utilisation_now": now,
        "utilisation_chg_3m": now - before,
        "overlimit_months_6m": float(sum(used > limit for used, limit in known)) if len(known) >= 3 else NAN,
        "min_pay_share_6m": _least_payers(case, rows),
    }


def _balance(case: Case, rows: list[Row], j: int) -> Row | None:
    """The latest row by edge(j), if it is not older than two months."""
    there = [row for row in rows if case.edge(j + 2) < day_of(row["as_on"]) <= case.edge(j)]
    return max(there, key=lambda row: day_of(row["as_on"]), default=None)


def _limit(row: Row) -> int | None:
    if row.get("limit") is not None:
        return cents(row["limit"])
    return None if row.get("undrawn") is None else cents(row["principal"]) + cents(row["undrawn"])


def _utilisation(row: Row | None) -> float:
    return NAN if row is None else ratio(cents(row["principal"]), _limit(row))


def _least_payers(case: Case, rows: list[Row]) -> float:
    """Share of the judged statements with a choice of which no more than the least was paid."""
    window, tolerance = Window(case.repayment, 6), case.settings.tolerance
    statements = sorted(
        (row for row in rows if row.get("statement_balance") is not None), key=lambda row: day_of(row["as_on"])
    )
    least = []
    for statement, following in pairwise(statements):
        as_on, min_due = day_of(statement["as_on"]), cents(statement.get("min_due"))
        choice = min_due > 0 and cents(statement["statement_balance"]) > min_due + tolerance
        if choice and as_on in window:
            paid = _paid(case, statement, following)
            least.append(paid <= min_due + tolerance)
    return float(Fraction(sum(least), len(least))) if least and window.observed else NAN


def _paid(case: Case, statement: Row, following: Row) -> int:
    first, last = day_of(statement["as_on"]), day_of(following["as_on"])
    prepaid = sum(
        cents(row["amount"])
        for row in case.repayment.loan.money_rows
        if row.get("purpose") in PREPAYMENTS and first < day_of(row["paid_on"]) <= last
    )
    return prepaid + case.repayment.paid_between(first, last)
