"""From what was known of a loan, its score and its decision to the facts of its report."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from book.clock import month_of
from book.contract import TABLES
from book.dossiers import Dossiers
from book.settings import Settings
from book.tables import MISSING_COUNT, MISSING_DAY
from features.catalogue import CATALOGUE, Catalogue
from features.history import History
from features.standing import CLOSING, in_default
from policy.pack import Pack, Tier
from reports.loan.cash import cash_months
from reports.loan.decision import contact_view, decision_view
from reports.loan.evidence import accounts, records
from reports.loan.evidence.behind import behind
from reports.loan.evidence.case import Case, Source, Wanted
from reports.loan.gaps import data_gaps
from reports.loan.known_rows import Known, feeds
from reports.loan.rows import RowsView
from reports.loan.twice import instalments_of, twice
from reports.loan.units import in_unit
from reports.loan.view import (
    CashMonth,
    Elsewhere,
    LoanFacts,
    LoanView,
    ReasonCard,
    ReasonView,
    ScoreCard,
    TierView,
    Versions,
)

_MANY = 12
"""Rows shown of debts, payouts, public entries and due dates."""


@dataclass(frozen=True)
class Beside:
    """What the report tells beside the score: the decision, the guard's answer, two states of knowledge.

    `decided` is a decision as plain facts with its `alerts` (`Ruling.decided`); `asked_at` the moment (with zone) for
    which the contact guard is asked; `then` and `now` are observations of the same loan and day with two cut-offs.
    """

    decided: Mapping[str, Any] | None = None
    asked_at: datetime | None = None
    then: tuple[History, int] | None = None
    now: tuple[History, int] | None = None
    status_of_alerts: Mapping[str, str] | None = None


def loan_view(
    h: History,
    dossiers: Dossiers,
    i: int,
    card: ScoreCard,
    pack: Pack,
    settings: Settings,
    versions: Versions,
    catalogue: Catalogue = CATALOGUE,
    beside: Beside | None = None,
) -> LoanView:
    """Everything on the page of observation `i` of `h`, which was built from `dossiers`; `catalogue` names features."""
    row, more = int(dossiers.loan[i]), beside or Beside()
    case = Case(h, i, card.as_of, instalments_of(h, i))
    known = feeds(dossiers, i)
    return LoanView(
        card=card,
        loan=_facts(dossiers, row, card.as_of, settings),
        tiers=tuple(_tier(tier) for tier in (*pack.tiers, pack.state_d)),
        reasons=tuple(_with_rows(reason, case, catalogue) for reason in card.reasons),
        instalments=case.instalments,
        cash=_cash(case),
        feeds=known,
        gaps=data_gaps(dossiers, i, card, case.instalments, known, settings),
        versions=versions,
        status_on=_since(h, dossiers, i, card.status),
        cash_in_model=any("cashflow" in column.tables for column in catalogue.columns),
        decision=decision_view(more.decided, pack, settings.currency, more.status_of_alerts) if more.decided else None,
        contact=contact_view(h, i, pack, more.asked_at) if more.asked_at else None,
        twice=twice(more.then, more.now) if more.then and more.now else None,
        liquidity=accounts.liquidity(case, Wanted(latest=_MANY, most=_MANY)) if "cashflow" in dossiers.tables else None,
        elsewhere=_elsewhere(case),
    )


def _cash(case: Case) -> tuple[CashMonth, ...] | None:
    if "cashflow" not in case.h.dossiers.tables:
        return None
    known = case.known("cashflow")
    return cash_months(known, case.instalments, case.as_of, income=accounts.income_rows(known))


def _elsewhere(case: Case) -> Elsewhere:
    tables: Mapping[str, tuple[str, Source]] = {
        "debts": ("external_debts", records.debts),
        "reports": ("external_debts", records.reports),
        "payouts": ("disbursements", records.payouts),
        "trace": ("fund_trace", records.trace),
        "public": ("public_events", records.public),
        "collateral": ("collateral", records.collateral),
        "guarantees": ("guarantees", records.guarantees),
    }

    def rows(table: str, source: Source) -> RowsView | None:
        return source(case, Wanted(most=_MANY)) if table in case.h.dossiers.tables else None

    return Elsewhere(**{name: rows(*one) for name, one in tables.items()})


def _with_rows(reason: ReasonCard, case: Case, catalogue: Catalogue) -> ReasonView:
    column = next(column for column in catalogue.columns if column.name == reason.feature)
    return replace(reason_view(reason, catalogue, case.h.settings.currency), behind=behind(case, column))


def _since(h: History, dossiers: Dossiers, i: int, status: str) -> int | None:
    """The day the loan went into default, or of the event that closed it; None where there is none."""
    if status == "in_default":
        return int(h.once(in_default)[1][i])
    if status == "closed" and "loan_events" in dossiers.tables:
        rows = Known(dossiers, "loan_events", i)
        days = rows["event_on"][rows.among("event_type", *CLOSING)]
        return int(days.min()) if len(days) else None
    return None


def reason_view(reason: ReasonCard, catalogue: Catalogue = CATALOGUE, currency: str = "CNY") -> ReasonView:
    """A reason with its values written in the unit of the feature that leads it."""
    column = next(column for column in catalogue.columns if column.name == reason.feature)
    return ReasonView(
        family=reason.family,
        text=reason.text,
        feature=column.label,
        value=in_unit(reason.value, column.unit, currency),
        typical=in_unit(reason.typical, column.unit, currency),
        contribution=reason.contribution,
        doubt=reason.doubt,
    )


def _tier(tier: Tier) -> TierView:
    below = tier.upper if tier.upper is not None and tier.upper < 1.0 else None
    return TierView(tier.code, tier.name, tier.meaning, tier.review, below)


def _facts(dossiers: Dossiers, row: int, as_of: int, settings: Settings) -> LoanFacts:
    loans = dossiers.loans

    def cell(name: str, missing: int | None = None) -> Any:
        value = loans[name][row] if name in loans else None
        return None if value is None or value == missing else value

    disbursed = int(loans["disbursed_on"][row])
    rate = cell("annual_rate")
    first, last = (int(month_of(loans["disbursed_on"][row : row + 1] * 0 + day)[0]) for day in (disbursed, as_of))
    return LoanFacts(
        product=str(cell("product") or ""),
        borrower_type=_choice("borrower_type", cell("borrower_type", -1)),
        repayment_type=_choice("repayment_type", cell("repayment_type", -1)),
        currency=settings.currency,
        principal=int(loans["principal"][row]),
        annual_rate=None if rate is None or rate != rate else float(rate),
        disbursed_on=disbursed,
        maturity_on=_whole(cell("maturity_on", MISSING_DAY)),
        n_instalments=_whole(cell("n_instalments", MISSING_COUNT)),
        months_on_book=max(last - first, 0),
    )


def _choice(column: str, code: int | None) -> str | None:
    return None if code is None else TABLES["loans"].column(column).choices[code]


def _whole(value: Any) -> int | None:
    return None if value is None else int(value)
