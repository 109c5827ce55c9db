"""The whole reading of one loan on one day: every column, and its status."""

from __future__ import annotations

from datetime import date

from reading.afford import afford_family
from reading.amount import amount_family
from reading.balloon import balloon_family
from reading.case import Case, Context
from reading.cash import cash_family
from reading.cohort import cohort_family
from reading.days import end_of_day
from reading.dpd import dpd_family
from reading.exposure import exposure_family, quality_family
from reading.external import external_family
from reading.firm import firm_family
from reading.funds import funds_family
from reading.loan import loan_at
from reading.public import public_family
from reading.repayment import Repayment
from reading.revolving import revolving_columns
from reading.rows import Tables
from reading.security import security_family
from reading.standing import status
from reading.timing import time_family
from reading.willing import willing_family

from book.settings import Settings


def repayment_at(
    rows: Tables, settings: Settings, loan_id: str, as_of: date, cutoff: int | None = None
) -> Repayment | None:
    """How a loan was repaid, as known at (as_of, cut-off in UTC microseconds); None: not known yet."""
    loan = loan_at(rows, settings, loan_id, as_of, cutoff)
    return None if loan is None else Repayment(loan)


def reading(
    rows: Tables,
    settings: Settings,
    loan_id: str,
    as_of: date,
    cutoff: int | None = None,
    complete: bool = True,
    context: Context | None = None,
) -> dict[str, float | str]:
    """Every column by name, NaN where not observed, and `status`."""
    repayment = repayment_at(rows, settings, loan_id, as_of, cutoff)
    if repayment is None:
        raise LookupError(f"loan {loan_id} was not known on {as_of}")
    borrower = repayment.loan.row["borrower_id"]
    others = [
        repayment_at(rows, settings, row["loan_id"], as_of, cutoff)
        for row in rows["loans"]
        if row["borrower_id"] == borrower and row["loan_id"] != loan_id
    ]
    end = end_of_day(as_of, settings.timezone) if cutoff is None else cutoff
    there = [other for other in others if other]
    return _columns(Case(rows, settings, end, repayment, there, complete, context))


def _columns(case: Case) -> dict[str, float | str]:
    repayment = case.repayment
    cashflow, bureau = case.of_borrower("cashflow") or [], case.of_borrower("external_debts") or []
    arrears, amounts = dpd_family(repayment), amount_family(repayment)
    return (
        arrears
        | time_family(repayment)
        | amounts
        | exposure_family(repayment, case.others, case.complete)
        | revolving_columns(case)
        | cash_family(case)
        | afford_family(case)
        | willing_family(case)
        | external_family(case)
        | funds_family(case)
        | public_family(case)
        | security_family(case)
        | firm_family(case)
        | balloon_family(case)
        | cohort_family(case, arrears["late_rate_6m"], amounts["paid_ratio_3m"])
        | quality_family(repayment, cashflow, bureau)
        | {"status": status(repayment)}
    )
