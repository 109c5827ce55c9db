"""Principal outstanding."""

from __future__ import annotations

from fractions import Fraction

from reading.repayment import Repayment
from reading.rows import cents

PREPAYMENTS = ("partial_prepay", "full_prepay")


def opening_principal(repayment: Repayment) -> int:
    """The principal, or the opening balance of a loan observed late. Minor units."""
    row = repayment.loan.row
    given = row.get("opening_balance") if repayment.loan.observed_late else None
    return cents(row["principal"] if given is None else given)


def principal_outstanding(repayment: Repayment) -> Fraction:
    """Less the principal the payments state; where one does not, less that of the dues their money covers."""
    loan = repayment.loan
    rows = loan.money_rows
    if all(row.get("principal") is not None for row in rows):
        paid = Fraction(sum(cents(row["principal"]) for row in rows))
    else:
        prepaid = sum(cents(row["amount"]) for row in rows if row.get("purpose") in PREPAYMENTS)
        paid = _covered(repayment) + prepaid
    return max(Fraction(0), opening_principal(repayment) - paid)


def _covered(repayment: Repayment) -> Fraction:
    left, principal = repayment.paid_by(repayment.loan.as_of), Fraction(0)
    for due in repayment.loan.schedule(repayment.loan.as_of):
        met = min(left, due.amount)
        if due.amount:
            principal += Fraction(due.principal * met, due.amount)
        left -= met
    return principal
