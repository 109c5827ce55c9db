"""From what was known of a loan, and its score, to the facts on its page."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from book.clock import month_of
from book.contract import TABLES
from book.dossiers import Dossiers
from book.settings import Settings
from book.tables import MISSING_COUNT, MISSING_DAY
from features.catalogue import CATALOGUE, Catalogue
from features.history import History
from features.standing import CLOSING, in_default
from policy.pack import Pack, Tier
from reports.formats import LANGS
from reports.loan.cash import cash_months
from reports.loan.gaps import data_gaps
from reports.loan.known_rows import feeds, known_rows
from reports.loan.view import (
    InstalmentView,
    LoanFacts,
    LoanView,
    ReasonCard,
    ReasonView,
    ScoreCard,
    Texts,
    TierView,
    Versions,
)

_NOT_OBSERVED = {"en": "not observed", "zh": "无观测"}


def loan_view(
    h: History,
    dossiers: Dossiers,
    i: int,
    card: ScoreCard,
    pack: Pack,
    settings: Settings,
    versions: Versions,
    catalogue: Catalogue = CATALOGUE,
) -> LoanView:
    """Everything on the page of observation `i` of `h`, which was built from `dossiers`; `catalogue` names features."""
    row = int(dossiers.loan[i])
    instalments = tuple(
        InstalmentView(one.no, one.due_on, one.due, one.paid, one.settled_on, one.days_late) for one in h.timeline(i)
    )
    cash = None
    if "cashflow" in dossiers.tables:
        cash = cash_months(known_rows(dossiers, "cashflow", i), instalments, card.as_of)
    known = feeds(dossiers, i)
    return LoanView(
        card=card,
        loan=_facts(dossiers, row, card.as_of, settings),
        tiers=tuple(_tier(tier) for tier in (*pack.tiers, pack.state_d)),
        reasons=tuple(reason_view(reason, catalogue) for reason in card.reasons),
        instalments=instalments,
        cash=cash,
        feeds=known,
        gaps=data_gaps(dossiers, i, card, instalments, known, settings),
        versions=versions,
        status_on=_since(h, dossiers, i, card.status),
        cash_in_model=any("cashflow" in column.tables for column in catalogue.columns),
    )


def _since(h: History, dossiers: Dossiers, i: int, status: str) -> int | None:
    """The day the loan went into default, or of the event that closed it; None where there is none."""
    if status == "in_default":
        return int(in_default(h)[1][i])
    if status == "closed" and "loan_events" in dossiers.tables:
        rows = known_rows(dossiers, "loan_events", i)
        kinds = [TABLES["loan_events"].column("event_type").choices.index(name) for name in CLOSING]
        days = rows["event_on"][np.isin(rows["event_type"], kinds)]
        return int(days.min()) if len(days) else None
    return None


def reason_view(reason: ReasonCard, catalogue: Catalogue = CATALOGUE) -> ReasonView:
    """A reason with its values written in the unit of the feature that leads it."""
    column = next(column for column in catalogue.columns if column.name == reason.feature)
    return ReasonView(
        family=reason.family,
        text=reason.text,
        feature=column.label,
        value=_in_unit(reason.value, column.unit.format),
        typical=_in_unit(reason.typical, column.unit.format),
        contribution=reason.contribution,
        doubt=reason.doubt,
    )


def _in_unit(value: float | None, write: Callable[[float, str], str]) -> Texts:
    return {lang: _NOT_OBSERVED[lang] if value is None else write(value, lang) for lang in LANGS}


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
