"""A score as reports take it: the row of `Scores` as plain values."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from models.calibration import sigmoid
from models.moved import Move, Shift, Told, moved
from models.reasons import Reason
from models.sentences import calibrated
from policy.pack import Pack
from reports.loan.journal import Last
from reports.loan.units import in_unit
from reports.loan.view import MoveCard, PastScore, ReasonCard, ScoreCard, Texts
from serving.scorer import Scorer
from serving.scores import Scores

_CHANGED = {"en": "{label}: {before}, now {after}", "zh": "{label}：原为{before}，现为{after}"}
_SAME = {"en": "{label}: {after}, as before", "zh": "{label}：{after}，与之前相同"}
_ALL = 1_000  # families to tell of: every one that moved the score


def score_card(scores: Scores, i: int, scorer: Scorer, past: Sequence[int] = (), last: Last | None = None) -> ScoreCard:
    """Row `i` of `scores`, made by `scorer`; `past` are its rows of earlier days, oldest first.

    What moved the score is told since `last`, the score of the journal, where it is of the same model, else since the
    newest of the `past` that has a probability.
    """
    scored = bool(np.isfinite(scores.pd[i]))
    start = scorer.bundle.calibration.apply(np.array([scores.base]))
    return ScoreCard(
        loan_id=scores.loan_id[i],
        borrower_id=scores.borrower_id[i],
        as_of=int(scores.as_of[i]),
        cutoff=int(scores.cutoff[i]),
        status=scores.statuses[scores.status[i]],
        horizon=scorer.bundle.horizon,
        pd=float(scores.pd[i]) if scored else None,
        start_pd=float(start[0]) if scored else None,
        grade=int(scores.grade[i]) + 1 if scored else None,
        tier=_tier(scores, i),
        floor=_floor(scores, i, scorer.pack),
        dpd=_whole(scores.dpd[i]),
        exposure=_whole(scores.principal_outstanding[i]),
        reasons=tuple(_reason(reason) for reason in scores.reasons[i]),
        families=_families(scores, i, scorer) if scored else (),
        notes=tuple(note.text for note in scores.notes[i]),
        past=tuple(_past(scores, row) for row in past),
        calibration=calibrated(float(sigmoid(scores.raw[i])), float(scores.pd[i])) if scored else None,
        move=_move(scores, i, past, scorer, last) if scored else None,
    )


def _move(scores: Scores, i: int, past: Sequence[int], scorer: Scorer, last: Last | None) -> MoveCard | None:
    """Why the score moved since the last one, family by family; None where there is no earlier one to compare with."""
    after = Told(scores.bundle_id, scores.contributions[i], scores.features[i])
    if last is not None and last.bundle_id == scores.bundle_id and last.as_of < scores.as_of[i]:
        before = Told(last.bundle_id, scorer.contributions(last.features.reshape(1, -1))[0], last.features)
        return _told(moved(before, after, scorer.catalogue.columns, _ALL), last.as_of, last.pd, "journal", scorer)
    row = next((row for row in reversed(past) if np.isfinite(scores.pd[row])), None)
    if row is None:
        return None
    before = Told(scores.bundle_id, scores.contributions[row], scores.features[row])
    move = moved(before, after, scorer.catalogue.columns, _ALL)
    return _told(move, int(scores.as_of[row]), float(scores.pd[row]), "recomputed", scorer)


def _told(move: Move, since: int, before: float, source: str, scorer: Scorer) -> MoveCard:
    labels = _labels(scorer)
    currency = scorer.settings.currency
    said = {shift.family: then_and_now(shift, currency) for shift in move.shifts}
    order = sorted(move.by_family, key=lambda family: -abs(move.by_family[family]))
    shifts = tuple((labels[family], said.get(family), move.by_family[family]) for family in order)
    return MoveCard(since, move.change, shifts, before, source)


def then_and_now(shift: Shift, currency: str) -> Texts:
    """The leading feature of a family and its two values, in their unit."""
    before, after = (in_unit(value, shift.column.unit, currency) for value in (shift.before, shift.after))
    form = _SAME if shift.before == shift.after else _CHANGED
    return {
        lang: form[lang].format(label=shift.column.label[lang], before=before[lang], after=after[lang]) for lang in form
    }


def _past(scores: Scores, i: int) -> PastScore:
    pd = float(scores.pd[i]) if np.isfinite(scores.pd[i]) else None
    return PastScore(int(scores.as_of[i]), scores.statuses[scores.status[i]], pd, _tier(scores, i))


def _tier(scores: Scores, i: int) -> str | None:
    return scores.tiers[scores.tier[i]] if scores.tier[i] >= 0 else None


def _floor(scores: Scores, i: int, pack: Pack) -> Texts | None:
    return pack.floors[scores.floor[i]].text if scores.floor[i] >= 0 else None


def _families(scores: Scores, i: int, scorer: Scorer) -> tuple[tuple[Texts, float], ...]:
    labels = _labels(scorer)
    return tuple((labels[code], float(scores.by_family[i, k])) for k, code in enumerate(scores.families))


def _labels(scorer: Scorer) -> dict[str, Texts]:
    return {column.family.code: column.family.label for column in scorer.catalogue.columns}


def _reason(reason: Reason) -> ReasonCard:
    return ReasonCard(
        family=reason.family_label,
        contribution=reason.contribution,
        feature=reason.lead,
        value=reason.value,
        typical=reason.typical,
        text=reason.text,
        doubt=reason.doubt,
    )


def _whole(value: np.float64) -> int | None:
    return round(float(value)) if np.isfinite(value) else None
