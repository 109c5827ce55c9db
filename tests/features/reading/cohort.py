"""Family REL: a loan against figures of loans like it, looked up in rows of the context."""

from __future__ import annotations

from datetime import date

from reading.case import Case
from reading.days import DAY
from reading.ratios import DIFFERENCE, NAN, held


def month_before(as_of: date) -> date:
    """The month end before as_of's calendar month, whatever the day."""
    return as_of.replace(day=1) - DAY


def quarter(day: date) -> str:
    return f"{day.year}Q{(day.month + 2) // 3}"


def hundredths(share: float) -> int:
    """Rounded, halves up."""
    return int(share * 100 + 0.5)


def cohort_family(case: Case, late_rate: float, paid_ratio: float) -> dict[str, float]:
    """Figures of the context are shares; edges are hundredths."""
    loan, month, context = case.loan, month_before(case.as_of), case.context or {}
    cohort = (loan["product"], quarter(case.repayment.loan.disbursed_on))
    usual = context.get(("late_rate", month, *cohort), NAN)
    edges = context.get(("paid_edges", month, *cohort))
    roll = context.get(("roll", month, loan.get("region")), NAN) if loan.get("region") else NAN
    gap = late_rate - usual
    return {
        "late_rate_vs_cohort": held(gap, DIFFERENCE) if gap == gap else NAN,
        "paid_ratio_rank": _rank(hundredths(paid_ratio), edges) if edges and paid_ratio == paid_ratio else NAN,
        "vintage_fpd_rate": context.get(("fpd_rate", month, *cohort), NAN),
        "region_roll_lag1": NAN if loan["borrower_type"] == "person" else roll,
    }


def _rank(value: int, edges: list[int]) -> float:
    below, up_to = sum(edge < value for edge in edges), sum(edge <= value for edge in edges)
    return (below + up_to) / 42
