"""Principal outstanding."""

from __future__ import annotations

from datetime import date
from fractions import Fraction

from reading.repayment import Repayment
from reading.rows import Row, cents, day_of

PREPAYMENTS = ("partial_prepay", "full_prepay")


def opening_principal(repayment: Repayment) -> int:
    """The principal, or the opening balance of a loan observed late. Minor units."""
    row = repayment.loan.row
    given = row.get("opening_balance") if repayment.loan.observed_late else None
    return cents(row["principal"] if given is None else given)


def principal_outstanding(repayment: Repayment, at: date | None = None) -> Fraction | None:
    """Less the principal the payments state; where one does not, less that of the dues their money covers.

    At a day before as_of: of that day, by all that is known now. Of a revolving loan: as its balances say.
    """
    loan, day = repayment.loan, at or repayment.loan.as_of
    if loan.revolving:
        return _recorded(loan.balances or [], day)
    rows = [row for row in loan.money_rows if day_of(row["paid_on"]) <= day]
    if all(row.get("principal") is not None for row in rows):
        paid = Fraction(sum(cents(row["principal"]) for row in rows))
    else:
        prepaid = sum(cents(row["amount"]) for row in rows if row.get("purpose") in PREPAYMENTS)
        paid = _covered(repayment, day) + prepaid
    return max(Fraction(0), opening_principal(repayment) - paid)


def _covered(repayment: Repayment, day: date) -> Fraction:
    left, principal = repayment.paid_by(day), Fraction(0)
    for due in repayment.loan.schedule(day):
        met = min(left, due.amount)
        if due.amount:
            principal += Fraction(due.principal * met, due.amount)
        left -= met
    return principal


def _recorded(balances: list[Row], day: date) -> Fraction | None:
    there = [row for row in balances if day_of(row["as_on"]) <= day]
    latest = max(there, key=lambda row: day_of(row["as_on"]), default=None)
    return None if latest is None else Fraction(cents(latest["principal"]))
