"""Rows of the journal as the API shows them, and what may be asked about them."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any, Literal, cast

import msgspec

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
from serving.journal import Access, Alert, AlertStep, Journal, Kept, Override, OverrideStep
from serving.journal import Score as ScoreEntry
from serving.journal.lives import Life, Story
from serving.journal.reading import MOST
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
        overrides_out(journal, loan_id=loan_id)[0],
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
    overrides = overrides_out(journal, loan_id=loan_id)[0]
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


def override_out(story: Story[Override, OverrideStep], answer: str | None) -> OverrideOut:
    """An override with what was answered to it, `answer` being the reason in words."""
    one, last = story.life.entry, story.steps[-1] if story.steps else None
    return OverrideOut(
        override_id=one.override_id,
        loan_id=one.loan_id,
        score_id=one.score_id,
        what=one.what,
        was=one.was,
        becomes=one.becomes,
        reason=one.reason,
        actor=one.actor,
        at=moment(story.life.kept.at),
        expires_on=None if one.expires_on is None else day(one.expires_on),
        status=cast(Literal["proposed", "approved", "declined"], story.life.status),
        answered_by=last.entry.actor if last else one.approved_by or None,
        answered_at=moment(last.at) if last else None,
        answer=answer,
    )


def overrides_out(
    journal: Journal, status: str | None = None, limit: int = MOST, before: int | None = None, **having: str | None
) -> tuple[list[OverrideOut], int | None]:
    """Overrides with their answers, newest first, and the place to go on from. Raises JournalDown."""
    stories, following = journal.overrides(status, limit, before, **having)
    notes = journal.payloads([step.entry.note for story in stories for step in story.steps if step.entry.note])
    return [override_out(story, _answer(story, notes)) for story in stories], following


def _answer(story: Story[Override, OverrideStep], notes: Mapping[str, bytes | None]) -> str | None:
    """The reason of the answer; None where there is none, or it was erased."""
    content = notes.get(story.steps[-1].entry.note) if story.steps else None
    return None if content is None else str(msgspec.json.decode(content)["reason"])


def access_out(kept: Kept[Access]) -> AccessOut:
    """One line of the audit."""
    one = kept.entry
    return AccessOut(
        moment(kept.at), one.actor, one.role, one.method, one.path, one.subject, one.status, one.request_id
    )
