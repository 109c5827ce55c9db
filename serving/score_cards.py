"""A score as reports take it: the row of `Scores` as plain values."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from models.calibration import sigmoid
from models.moved import Told, moved
from models.reasons import Reason
from models.sentences import calibrated
from policy.pack import Pack
from reports.loan.view import MoveCard, PastScore, ReasonCard, ScoreCard, Texts
from serving.scorer import Scorer
from serving.scores import Scores


def score_card(scores: Scores, i: int, scorer: Scorer, past: Sequence[int] = ()) -> ScoreCard:
    """Row `i` of `scores`, made by `scorer`; `past` are its rows of earlier days, oldest first."""
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
        move=_move(scores, i, past[-3:], scorer) if scored else None,
    )


def _move(scores: Scores, i: int, past: Sequence[int], scorer: Scorer) -> MoveCard | None:
    """Why the score moved since the first of the rows `past` that has one; None where there is none."""
    first = next((row for row in past if np.isfinite(scores.pd[row])), None)
    if first is None:
        return None
    before, after = (Told(scores.bundle_id, scores.contributions[row], scores.features[row]) for row in (first, i))
    move = moved(before, after, scorer.catalogue.columns)
    shifts = tuple((shift.column.family.label, shift.text, shift.change) for shift in move.shifts)
    return MoveCard(int(scores.as_of[first]), move.change, shifts)


def _past(scores: Scores, i: int) -> PastScore:
    pd = float(scores.pd[i]) if np.isfinite(scores.pd[i]) else None
    return PastScore(int(scores.as_of[i]), scores.statuses[scores.status[i]], pd, _tier(scores, i))


def _tier(scores: Scores, i: int) -> str | None:
    return scores.tiers[scores.tier[i]] if scores.tier[i] >= 0 else None


def _floor(scores: Scores, i: int, pack: Pack) -> Texts | None:
    return pack.floors[scores.floor[i]].text if scores.floor[i] >= 0 else None


def _families(scores: Scores, i: int, scorer: Scorer) -> tuple[tuple[Texts, float], ...]:
    labels = {column.family.code: column.family.label for column in scorer.catalogue.columns}
    return tuple((labels[code], float(scores.by_family[i, k])) for k, code in enumerate(scores.families))


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
