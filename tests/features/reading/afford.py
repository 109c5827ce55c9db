"""Family AFF, column by column."""

from __future__ import annotations

from fractions import Fraction

from reading.account import Balances
from reading.balance import principal_outstanding
from reading.case import Case, money
from reading.external import Reports, not_ours
from reading.feed import Feed, feed_of
from reading.income import (
    debt_service_before,
    debt_service_here,
    debt_service_in_all,
    disposable_income,
    outflow_mean,
    recurring_income,
    running,
    tax_and_essential,
)
from reading.ratios import DIFFERENCE, LEVEL, NAN, held, ratio

COLUMNS = (
    "pti",
    "pti_all",
    "debt_to_income_stock",
    "pti_chg_6m",
    "dscr",
    "residual_income",
    "liquid_months",
    "dscr_stress20",
)


def afford_family(case: Case) -> dict[str, float]:
    feed = feed_of(case)
    if feed is None:
        return dict.fromkeys(COLUMNS, NAN)
    here, in_all = debt_service_here(case), debt_service_in_all(case)
    disposable, before = disposable_income(feed), disposable_income(feed, 6)
    pti, pti_before = ratio(here, disposable), ratio(debt_service_before(case), before)
    left = None if disposable is None or in_all is None else disposable - in_all
    return {
        "pti": pti,
        "pti_all": ratio(in_all, disposable),
        "debt_to_income_stock": ratio(_debt(case), None if disposable is None else 12 * disposable),
        "pti_chg_6m": pti - pti_before,
        "dscr": _cover(disposable, in_all),
        "residual_income": NAN if left is None else float(left / 100),
        "liquid_months": _liquid_months(feed),
        "dscr_stress20": _cover(_stressed(feed), in_all),
    }


def _cover(income: Fraction | None, service: Fraction | None) -> float:
    return held(income / service, DIFFERENCE) if income is not None and service else NAN


def _stressed(feed: Feed) -> Fraction | None:
    recurring = recurring_income(feed)
    return None if recurring is None else recurring * Fraction(8, 10) - tax_and_essential(feed)


def _debt(case: Case) -> Fraction | None:
    """Principal of the running loans here and balances of the report in hand."""
    rows = case.of_borrower("external_debts")
    report = Reports(case, rows).in_hand if rows else None
    here = [principal_outstanding(repayment) for repayment in running(case)]
    if report is None or not case.complete:
        return None
    known = [principal for principal in here if principal is not None]
    return sum(known) + Fraction(money(not_ours(report), "balance")) if len(known) == len(here) else None


def _liquid_months(feed: Feed) -> float:
    balance, spent = Balances(feed).on(feed.as_of), outflow_mean(feed)
    return held(balance / spent, LEVEL) if balance is not None and spent else NAN
