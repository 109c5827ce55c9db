"""Families EXPO and DQ, column by column."""

from __future__ import annotations

from datetime import date
from math import log1p

from reading.balance import principal_outstanding
from reading.days import month_ends_passed, months_before, months_since
from reading.ratios import LEVEL, NAN, held, mean, ratio
from reading.repayment import Repayment
from reading.rows import Row, cents, day_of
from reading.standing import closed
from reading.window import Window, months_since_or_never

PUT_OFF = ("extension", "deferral", "grace")


def exposure_family(repayment: Repayment, others: list[Repayment], complete: bool) -> dict[str, float]:
    return (
        _terms(repayment)
        | _principal(repayment)
        | _changes(repayment)
        | (_contagion(repayment, others) if complete else dict.fromkeys(OTHER_LOANS, NAN))
    )


OTHER_LOANS = ("n_active_loans", "other_loan_dpd_max", "other_loan_dpd30_6m")


def _terms(repayment: Repayment) -> dict[str, float]:
    loan = repayment.loan
    last = max((due.due_on for due in loan.schedule(loan.as_of) if due.amount > 0), default=None)
    to_run = (max(0, (last - loan.as_of).days), (last - loan.disbursed_on).days) if last else (None, None)
    next3 = [due.amount for due in repayment.to_come[:3]]
    instalment = repayment.instalment
    return {
        "mob": month_ends_passed(loan.disbursed_on, loan.as_of),
        "log_instalment": NAN if instalment is None else log1p(instalment / 100),
        "annual_rate": _rate(repayment),
        "remaining_term_share": ratio(*to_run),
        "step_up_ratio_next3": ratio(mean(next3), instalment) if next3 else NAN,
    }


def _rate(repayment: Repayment) -> float:
    rate = float(repayment.loan.row["annual_rate"])
    changes = [
        (day_of(row["event_on"]), float(row["new_rate"]))
        for row in repayment.loan.events or []
        if row["event_type"] == "rate_change" and row.get("new_rate") is not None
    ]
    return max(changes)[1] if changes else rate


def _principal(repayment: Repayment) -> dict[str, float]:
    loan, left = repayment.loan, principal_outstanding(repayment)
    agreed = any(due.amount > 0 for due in loan.schedule(loan.as_of))
    scheduled = sum(due.principal for due in repayment.to_come) if agreed else None
    return {
        "balance_vs_schedule": ratio(left, scheduled),
        "principal_paid_share": NAN if left is None else held(1 - left / cents(loan.row["principal"]), LEVEL),
    }


def _changes(repayment: Repayment) -> dict[str, float]:
    events = repayment.loan.events
    if events is None:
        return dict.fromkeys(("n_extensions_12m", "restructured_now", "months_since_restructure"), NAN)
    year = Window(repayment, 12)
    put_off = [row for row in year.rows(events, "event_on") if row["event_type"] in PUT_OFF]
    last = max((day_of(row["event_on"]) for row in events if row["event_type"] == "restructure"), default=None)
    return {
        "n_extensions_12m": float(len(put_off)) if year.observed else NAN,
        "restructured_now": float(last is not None and last in year),
        "months_since_restructure": months_since_or_never(repayment, last),
    }


def _contagion(repayment: Repayment, others: list[Repayment]) -> dict[str, float]:
    as_of = repayment.loan.as_of
    running = [other for other in others if not closed(other)]
    opens = months_before(as_of, 6)
    worst = [dpd for other in running for day, dpd in other.dpd_by_day.items() if day > opens]
    seen = Window(repayment, 6).observed
    return {
        "n_active_loans": float(len(running) + (not closed(repayment))),
        "other_loan_dpd_max": float(max((other.dpd(as_of) for other in running), default=0)),
        "other_loan_dpd30_6m": float(max(worst, default=0) > 30) if seen else NAN,
    }


def quality_family(repayment: Repayment, cashflow: list[Row], bureau: list[Row]) -> dict[str, float]:
    """Columns of DQ that the rows themselves decide (`data_mismatch` is a finding of the check)."""

    def age(days: list[date]) -> float:
        return float((repayment.loan.as_of - max(days)).days) if days else NAN

    return {
        "history_months": float(months_since(repayment.loan.start, repayment.loan.as_of)),
        "cashflow_age_days": age([day_of(row["booked_on"]) for row in cashflow]),
        "bureau_age_days": age([day_of(row["report_on"]) for row in bureau]),
    }
