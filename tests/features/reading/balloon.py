"""Family BALL, column by column."""

from __future__ import annotations

from reading.account import Balances
from reading.case import Case
from reading.days import FAR, months_before
from reading.feed import feed_of
from reading.income import recurring_income
from reading.ratios import LEVEL, NAN, held, ratio

COLUMNS = ("months_to_balloon", "balloon_to_liquid", "due_next_12m_to_income")


def balloon_family(case: Case) -> dict[str, float]:
    loan, as_of = case.repayment.loan, case.as_of
    dues = [due for due in loan.schedule(as_of) if due.amount > 0]
    if loan.row["repayment_type"] not in ("bullet", "interest_only") or not dues:
        return dict.fromkeys(COLUMNS, NAN)
    last = max(due.due_on for due in dues)
    months = 0
    while months < FAR and months_before(last, months + 1) >= as_of:
        months += 1
    year_on = months_before(as_of, -12)
    next_dues = sum(due.amount for due in dues if as_of <= due.due_on <= year_on)
    feed = feed_of(case)
    recurring = recurring_income(feed) if feed else None
    final = sum(due.amount for due in dues if due.due_on == last)
    left = max(0, min(final, sum(due.amount for due in dues) - case.repayment.paid_by(as_of)))
    return {
        "months_to_balloon": float(months),
        "balloon_to_liquid": _to_liquid(left, Balances(feed).on(as_of) if feed else None),
        "due_next_12m_to_income": ratio(next_dues, None if recurring is None else 12 * recurring),
    }


def _to_liquid(left: int, balance: int | None) -> float:
    if balance is None:
        return NAN
    if left == 0:
        return 0.0
    return ratio(left, balance) if balance > 0 else held(LEVEL[1], LEVEL)
