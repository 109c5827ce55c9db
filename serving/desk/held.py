"""A loan as the desk shows it: its newest answer, the report live from the store, alerts and what people decided."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from typing import Any
from zoneinfo import ZoneInfo

import msgspec
import numpy as np
from markupsafe import Markup

from book.errors import Refusal
from reports.desk.labels import Labels
from reports.loan.page import loan_body
from serving.backing import Backing, BookStore
from serving.case_answers import HeldScore, LoanOut, OverrideOut
from serving.desk.alert_lines import OPEN, AlertLine, alert_lines, gravest_first
from serving.holding import loan_out
from serving.journal import Journal, now_us
from serving.journal_facts import journal_facts
from serving.loan_views import LoanViews, StatesUsed
from serving.memory import Run
from serving.render import day_number
from serving.scorer import Scorer

PAST = 20
ALERTS = 30


@dataclass(frozen=True)
class Past:
    """An earlier score: its day, the moment it was kept (UTC microseconds), and what it said."""

    as_of: int
    at: int
    pd: float | None
    status: str
    tier: str


@dataclass(frozen=True)
class Decided:
    """What a person wants to decide, and the answer: codes already in words.

    `status` is proposed, approved or declined, `by` who answered; `expires` is a day, None where it has no end.
    """

    id: str
    loan_id: str
    what: str
    was: str
    becomes: str
    reason: str
    actor: str
    at: int
    expires: int | None
    status: str
    by: str
    answer: str


@dataclass(frozen=True)
class Held:
    """The newest answer on a loan, in plain values."""

    loan_id: str
    borrower_id: str
    as_of: int
    at: int
    status: str
    pd: float | None
    tier: str
    five_class: str
    stage: str
    actions: tuple[str, ...]
    reasons: tuple[str, ...]


@dataclass(frozen=True)
class LoanShown:
    """Everything on the page of a loan. `why_not` is the key of the reason where there is no report, "" else."""

    held: Held
    report: Markup | None
    why_not: str
    alerts: list[AlertLine]
    overrides: list[Decided]
    past: list[Past]
    events: int


def shown(backing: Backing, scorer: Scorer | None, loan_id: str, labels: Labels) -> LoanShown:
    """What is known of a loan. Raises NotHeld, NoJournal, JournalDown."""
    journal, runs = backing.kept(), backing.memory.runs
    run = runs.latest() if runs else None
    out = loan_out(journal, runs, loan_id, scorer, PAST, None)
    report, why_not = _report(backing, run, scorer, loan_id, labels)
    alerts = gravest_first(alert_lines(journal, journal.alerts(OPEN, ALERTS, loan_id=loan_id).rows, labels))
    return LoanShown(
        held=_held(out, labels),
        report=report,
        why_not=why_not,
        alerts=alerts,
        overrides=[decided(one, labels) for one in out.overrides],
        past=[_past(one) for one in out.history[1:]],
        events=_events(journal, backing.store, out.borrower_id),
    )


def _report(
    backing: Backing, run: Run | None, scorer: Scorer | None, loan_id: str, labels: Labels
) -> tuple[Markup | None, str]:
    """The report of a loan on the day of the last night, or the key of why there is none."""
    store = backing.store
    if store is None or scorer is None:
        return None, "loan_no_report"
    night = store.generation
    facts = journal_facts(backing.kept(), loan_id, scorer, night.as_of, night.id)
    now = datetime.now(ZoneInfo(scorer.settings.timezone))
    try:
        borrower = store.borrower_of(loan_id)
        tables = store.tables([borrower], now_us(), night.id)
        at = np.flatnonzero(tables.loan_ids == loan_id)
        views = LoanViews(scorer, run.kept.entry.book_hash if run else "", _software())
        view = views.view(tables, int(at[0]), night.as_of, _used(run, night.id, tables.loan_ids.tolist()), facts, now)
    except (LookupError, Refusal):
        return None, "loan_not_stored"
    return Markup(loan_body(view, labels.words)), ""


def _used(run: Run | None, store: str, loan_ids: Sequence[str]) -> StatesUsed:
    """The states that the night began with, where the store is of that night."""
    if run is None or run.kept.entry.store != store:
        return {}
    rows = run.lookup(loan_ids, ("loan_id", "state_used"))
    return {loan: msgspec.json.decode(row["state_used"]) for loan, row in rows.items() if row.get("state_used")}


def _held(out: LoanOut, labels: Labels) -> Held:
    one, decision = out.latest, out.decision or {}
    actions = [action["code"] if isinstance(action, dict) else str(action) for action in decision.get("actions") or ()]
    return Held(
        loan_id=out.loan_id,
        borrower_id=out.borrower_id,
        as_of=day_number(one.as_of),
        at=_micros(one.at),
        status=one.status,
        pd=one.pd,
        tier=one.tier,
        five_class=one.five_class,
        stage=one.stage,
        actions=tuple(actions or ([one.action] if one.action else [])),
        reasons=tuple(_reason(reason, labels.words.lang) for reason in out.reasons or ()),
    )


def _reason(reason: Mapping[str, Any], lang: str) -> str:
    """A kept reason in words: nights keep a text a language, answers one mapping."""
    text = reason.get("text")
    return str(text.get(lang, "") if isinstance(text, Mapping) else reason.get(f"text_{lang}") or "")


def decided(one: OverrideOut, labels: Labels) -> Decided:
    """An override in words."""
    was, becomes = (named(labels, one.what, code) for code in (one.was, one.becomes))
    return Decided(
        id=one.override_id,
        loan_id=one.loan_id,
        what=one.what,
        was=was,
        becomes=becomes,
        reason=one.reason,
        actor=one.actor,
        at=_micros(one.at),
        expires=None if one.expires_on is None else day_number(one.expires_on),
        status=one.status,
        by=one.answered_by or "",
        answer=one.answer or "",
    )


def named(labels: Labels, what: str, code: str) -> str:
    """A code that may be overridden, in words."""
    if what == "tier":
        return f"{code} {labels.tier(code)}".strip()
    return labels.five_class(code) if what == "class" else labels.action(code)


def _past(one: HeldScore) -> Past:
    return Past(day_number(one.as_of), _micros(one.at), one.pd, one.status, one.tier)


def _events(journal: Journal, store: BookStore | None, borrower_id: str) -> int:
    """How many events about the borrower came after the night."""
    return len(journal.events([borrower_id], store.generation.cutoff, now_us())) if store is not None else 0


def _micros(at: datetime) -> int:
    return round(at.timestamp() * 1_000_000)


@cache
def _software() -> str:
    try:
        return f"loanwatch {version('loanwatch')}"
    except PackageNotFoundError:
        return "loanwatch"
