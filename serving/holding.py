"""Rows of the journal as the API shows them, and what may be asked about them."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from serving.backing import BookStore
from serving.case_answers import (
    AccessOut,
    AlertRow,
    AlertStory,
    HeldScore,
    LoanOut,
    OverrideOut,
    StepOut,
)
from serving.errors import NotHeld
from serving.journal import Access, Alert, AlertStep, Journal, Kept, Override
from serving.journal import Score as ScoreEntry
from serving.journal.lives import Life
from serving.memory import Run, Runs
from serving.moving import NOTHING, Past, Point, point_of
from serving.render import day, moment
from serving.scorer import Scorer

_WORDS = ("status", "grade", "tier", "floor", "five_class", "stage", "action")
_DECIDED = ("five_class", "stage", "actions", "ability", "willingness", "ead", "el", "needs_approval", "review_days")


def loan_out(
    journal: Journal,
    runs: Runs | None,
    loan_id: str,
    scorer: Scorer | None,
    limit: int,
    before: int | None,
    store: BookStore | None = None,
) -> LoanOut:
    """What the journal holds of a loan, or else the last nightly run. Raises NotHeld, JournalDown.

    `store` is where the figures behind earlier nights are, to say why the score moved.
    """
    past = Past(journal, runs, store, scorer) if scorer else None
    page = journal.scores_of(loan_id, limit, before)
    latest = journal.latest(loan_id)
    if latest is None:
        return _of_night(journal, runs.latest() if runs else None, loan_id, past)
    details = journal.value(latest.entry.details) or {}
    return LoanOut(
        loan_id,
        latest.entry.borrower_id,
        held_score(latest),
        details.get("reasons"),
        details.get("decision"),
        past.since(loan_id, _point(latest, details), latest.place) if past else NOTHING,
        [held_score(kept) for kept in page.rows],
        page.next,
        [override_out(kept) for kept in journal.overrides(loan_id)],
    )


def _point(latest: Kept[ScoreEntry], details: dict[str, Any]) -> Point | None:
    one = latest.entry
    return point_of(one.as_of, one.bundle_id, details) if one.status == "scored" else None


def _of_night(journal: Journal, run: Run | None, loan_id: str, past: Past | None) -> LoanOut:
    """A loan that nobody asked about since the last night."""
    row = run.lookup([loan_id]).get(loan_id) if run else None
    if run is None or row is None:
        raise NotHeld(f"loan {loan_id!r}: neither the journal nor the last night holds a score of it")
    facts, words = run.kept.entry, {name: row.get(name) or "" for name in _WORDS}
    held = HeldScore(
        score_id=row["score_id"],
        at=moment(run.kept.at),
        as_of=day(facts.as_of),
        cutoff=moment(facts.cutoff),
        pd=row["pd"],
        dpd=row["dpd"],
        principal_outstanding=money(row["exposure"]),
        model=facts.bundle_id,
        policy=facts.pack,
        policy_hash=facts.pack_hash,
        source="nightly",
        **words,
    )
    decision = {name: row[name] for name in _DECIDED if name in row}
    overrides = [override_out(kept) for kept in journal.overrides(loan_id)]
    move = past.since(loan_id, past.of_night(run, row), None) if past else NOTHING
    return LoanOut(loan_id, row["borrower_id"], held, row.get("reasons"), decision, move, [held], None, overrides)


def held_score(kept: Kept[ScoreEntry]) -> HeldScore:
    """A score as it was kept."""
    one = kept.entry
    return HeldScore(
        one.score_id,
        moment(kept.at),
        day(one.as_of),
        moment(one.cutoff),
        one.status,
        None if one.pd != one.pd else one.pd,
        one.grade,
        one.tier,
        one.floor,
        one.five_class,
        one.stage,
        one.action,
        one.dpd,
        money(one.exposure),
        one.bundle_id,
        one.pack,
        one.pack_hash,
        one.source,
    )


def money(minor: int | None) -> str | None:
    """Minor units as a decimal string."""
    return None if minor is None else str(Decimal(minor).scaleb(-2))


def alert_row(life: Life[Alert]) -> AlertRow:
    """An alert and where it stands."""
    one = life.entry
    return AlertRow(
        one.alert_id,
        one.rule,
        one.version,
        one.severity,
        one.family,
        one.level,
        one.subject,
        one.loan_id,
        one.borrower_id,
        day(one.fired_on),
        one.owner,
        one.action,
        one.score_id,
        life.status,
        life.step,
    )


def alert_out(journal: Journal, alert_id: str) -> AlertStory:
    """One alert with its evidence and steps. Raises NotHeld, JournalDown."""
    story = journal.alert(alert_id)
    if story is None:
        raise NotHeld(f"alert {alert_id!r}: the journal does not know it")
    evidence = journal.value(story.life.entry.evidence)
    return AlertStory(alert_row(story.life), evidence, [_step(journal, kept) for kept in story.steps])


def _step(journal: Journal, kept: Kept[AlertStep]) -> StepOut:
    one, note = kept.entry, journal.value(kept.entry.note)
    reason = note.get("reason") if isinstance(note, dict) else None
    return StepOut(one.step, one.status, one.outcome, one.actor, moment(kept.at), reason)


def override_out(kept: Kept[Override]) -> OverrideOut:
    """An override as it was kept."""
    return override_of(kept.entry)


def override_of(one: Override) -> OverrideOut:
    """An override."""
    expires = None if one.expires_on is None else day(one.expires_on)
    return OverrideOut(
        one.override_id, one.loan_id, one.score_id, one.what, one.was, one.becomes, one.reason, one.actor,
        one.approved_by, expires,
    )  # fmt: skip


def access_out(kept: Kept[Access]) -> AccessOut:
    """One line of the audit."""
    one = kept.entry
    return AccessOut(
        moment(kept.at), one.actor, one.role, one.method, one.path, one.subject, one.status, one.request_id
    )
