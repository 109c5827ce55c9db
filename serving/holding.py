"""Rows of the journal as the API shows them, and what may be asked about them."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import msgspec
import numpy as np

from models.moved import Told, moved
from serving.case_answers import (
    AccessOut,
    AlertRow,
    AlertStory,
    HeldScore,
    LoanOut,
    MovedOut,
    OverrideOut,
    ShiftOut,
    StepOut,
)
from serving.errors import NotHeld
from serving.journal import Access, Alert, AlertStep, Journal, Kept, Override
from serving.journal import Score as ScoreEntry
from serving.journal.lives import Life
from serving.memory import Run, Runs
from serving.render import day, moment
from serving.scorer import Scorer

_WORDS = ("status", "grade", "tier", "floor", "five_class", "stage", "action")
_DECIDED = ("five_class", "stage", "actions", "ability", "willingness", "ead", "el", "needs_approval", "review_days")
_NO_MOVE = {
    "en": "There is no earlier score of this loan by this model to compare with.",
    "zh": "没有由同一模型给出的更早评分可供比较。",
}


def loan_out(
    journal: Journal, runs: Runs | None, loan_id: str, scorer: Scorer | None, limit: int, before: int | None
) -> LoanOut:
    """What the journal holds of a loan, or else the last nightly run. Raises NotHeld, JournalDown."""
    page = journal.scores_of(loan_id, limit, before)
    latest = journal.latest(loan_id)
    if latest is None:
        return _of_night(journal, runs.latest() if runs else None, loan_id)
    details = journal.value(latest.entry.details) or {}
    return LoanOut(
        loan_id,
        latest.entry.borrower_id,
        held_score(latest),
        details.get("reasons"),
        details.get("decision"),
        _moved(journal, latest, details, scorer),
        [held_score(kept) for kept in page.rows],
        page.next,
        [override_out(kept) for kept in journal.overrides(loan_id)],
    )


def _of_night(journal: Journal, run: Run | None, loan_id: str) -> LoanOut:
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
    nothing = MovedOut(None, None, {}, [], _NO_MOVE)
    return LoanOut(loan_id, row["borrower_id"], held, row.get("reasons"), decision, nothing, [held], None, overrides)


def _moved(journal: Journal, latest: Kept[ScoreEntry], details: dict[str, Any], scorer: Scorer | None) -> MovedOut:
    """Why the newest score differs from the last one of the same model on an earlier day."""
    nothing = MovedOut(None, None, {}, [], _NO_MOVE)
    x = _features(details)
    if scorer is None or x is None or latest.entry.status != "scored" or latest.entry.bundle_id != scorer.bundle.id:
        return nothing
    for kept in journal.scores_of(latest.entry.loan_id, before=latest.place).rows:
        one = kept.entry
        same = one.bundle_id == latest.entry.bundle_id and one.status == "scored" and one.as_of < latest.entry.as_of
        earlier = _features(journal.value(one.details) or {}) if same else None
        if earlier is not None:
            told = [Told(scorer.bundle.id, scorer.contributions(row)[0], row[0]) for row in (earlier, x)]
            move = moved(told[0], told[1], scorer.catalogue.columns)
            shifts = [ShiftOut(shift.family, shift.change, dict(shift.text)) for shift in move.shifts]
            return MovedOut(day(one.as_of), move.change, dict(move.by_family), shifts, {})
    return nothing


def _features(details: dict[str, Any]) -> Any:
    """The features (1, k) of a score's details, None where they were erased."""
    if "features" not in details:
        return None
    return np.frombuffer(msgspec.convert(details["features"], bytes, strict=False), "<f4").reshape(1, -1)


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
