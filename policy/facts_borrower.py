"""Facts of the borrower: registers, income and balances, and how other banks class the same debtor."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from features.cash import Accounts
from features.external import STALE_DAYS
from features.history import History
from features.ledger import among
from features.ratios import part
from policy.facts_loan import securities_seized
from policy.rows import Floats, flag, kind_ever, kind_since, money, since, unknown

DAYS = 90
MONTHS = 6
_REGISTER = ("public_events", "event_on", "event_type")


def borrower_facts(h: History, residual_income: Floats) -> dict[str, Floats]:
    """Every fact of group `borrower` in `facts.toml`, each (n,); `residual_income` in major units a month."""
    return {
        "legal_rep_changed_90d": flag(kind_since(h, *_REGISTER, ("legal_rep",), h.as_of - DAYS)),
        "shareholder_changed_90d": flag(kind_since(h, *_REGISTER, ("shareholder",), h.as_of - DAYS)),
        "liquidation": flag(kind_ever(h, *_REGISTER, "liquidation")),
        "collateral_seized": securities_seized(h),
        **_accounts(h),
        "residual_to_instalment": part(residual_income, h.instalment / 100),
        **_elsewhere(h),
    }


def _accounts(h: History) -> dict[str, Floats]:
    names = ("income_gap_months", "income_held_here_share", "balance_chg_3m", "balance_to_instalment")
    if h.rows("cashflow") is None:
        return dict.fromkeys(names, unknown(h))
    accounts = h.once(Accounts)
    income = accounts.window("income", MONTHS)
    gap = np.cumprod(income.values == 0, axis=1).sum(axis=1).astype(float)
    days = np.stack([h.as_of, h.back(3)], axis=1)
    now, before = accounts.balance(days).T
    instalment = np.where(h.instalment > 0, h.instalment, np.nan)
    return {
        names[0]: np.where(income.seen & ~np.isnan(income.values[:, 0]), gap, np.nan),
        names[1]: _held_here(h),
        names[2]: np.where(before > 0, now / np.where(before > 0, before, 1) - 1, np.nan),
        names[3]: now / instalment,
    }


def _held_here(h: History) -> Floats:
    """Income of 12 months on accounts held here / all income; NaN where it is not told or there is none."""
    rows = h.rows("cashflow")
    if rows is None or "held_here" not in rows or not (rows["held_here"] >= 0).any():
        return unknown(h)
    income = among(rows["category"], "cashflow", "category", "salary", "business_income") & (rows["amount"] > 0)
    series = h.dated("cashflow", "booked_on")
    amount = np.where(income & (rows["held_here"] >= 0), rows["amount"], 0)
    whole = series.months(amount).sum(axis=1)
    here = series.months(np.where(rows["held_here"] == 1, amount, 0)).sum(axis=1)
    return np.where(whole > 0, here / np.maximum(whole, 1), np.nan)


def _elsewhere(h: History) -> dict[str, Floats]:
    """What the latest report, no older than 90 days, says of debt at other lenders; NaN without one."""
    names = ("ext_npl", "ext_bank_debt", "ext_bank_over90")
    rows = h.rows("external_debts")
    if rows is None or not len(rows["report_on"]):
        return dict.fromkeys(names, unknown(h))
    series = h.dated("external_debts", "report_on")
    end = series.position[:, -1]
    last = np.where(end > series.first, rows["report_on"][np.maximum(end - 1, 0)], -(1 << 30))
    fresh = h.as_of - last <= STALE_DAYS
    theirs = rows["is_ours"] != 1
    bank = theirs & ~among(rows["lender_kind"], "external_debts", "lender_kind", "other")
    npl = among(rows["class5"], "external_debts", "class5", "substandard", "doubtful", "loss") & theirs
    balance = np.where(bank, rows["balance"], 0)

    def of_report(values: NDArray[Any]) -> Floats:
        return np.where(fresh, since(series, values, last - 1), np.nan)

    told = of_report((rows["class5"] >= 0) & theirs) > 0
    lines = of_report(theirs) > 0
    return {
        names[0]: np.where(fresh & (told | ~lines), of_report(npl) > 0, np.nan),
        names[1]: money(of_report(balance)),
        names[2]: money(of_report(np.where(rows["dpd"] > DAYS, balance, 0))),
    }
