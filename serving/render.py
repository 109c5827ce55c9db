"""From scores and bundles to the structures of `answers.py`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import msgspec
import numpy as np

from models.calibration import sigmoid
from models.reasons import Reason
from models.sentences import calibrated
from policy.pack import Pack
from serving.answers import CalibrationOut, DecisionOut, ModelOut, NoteOut, PolicyOut, ReasonOut, ScoreOut
from serving.journal import alert_id_of
from serving.ruling import Ruling
from serving.scorer import Scorer
from serving.scores import Codes, Floats, Scores

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_DAY_0 = date(1970, 1, 1).toordinal()


def policy_out(pack: Pack) -> PolicyOut:
    """A pack as the API names it."""
    return PolicyOut(pack.id, pack.version, pack.hash)


def score_outs(ruling: Ruling, ids: Sequence[str] | None = None) -> list[ScoreOut]:
    """What was asked for as the API shows it, with the ids in the journal."""
    rows = ruling.rows.tolist()
    named: Sequence[str | None] = ids or [None] * len(rows)
    return [_score(ruling, row, one) for row, one in zip(rows, named, strict=True)]


def decision_out(decided: Mapping[str, Any]) -> DecisionOut:
    """A decision with its alerts (`Ruling.decided`) as the API shows it."""
    named = {"five_class": decided["class"], "five_class_name": decided["class_name"]}
    alerts = [
        one
        | {
            "alert_id": alert_id_of(
                one["rule"], one["subject"], day_number(date.fromisoformat(one["fired_on"])), one["severity"]
            )
        }
        for one in decided["alerts"]
    ]
    return msgspec.convert(
        {**decided, **named, "stage": int(decided["stage"] or 0) or None, "alerts": alerts}, DecisionOut
    )


def _score(ruling: Ruling, row: int, score_id: str | None) -> ScoreOut:
    scores = ruling.judged.scores
    scored = scores.statuses[scores.status[row]] == "scored"
    families = dict(zip(scores.families, scores.by_family[row].tolist(), strict=True)) if scored else {}
    return ScoreOut(
        loan_id=scores.loan_id[row],
        borrower_id=scores.borrower_id[row],
        as_of=day(int(scores.as_of[row])),
        cutoff=moment(int(scores.cutoff[row])),
        status=scores.statuses[scores.status[row]],
        pd=_number(scores.pd, row),
        raw_score=_number(scores.raw, row),
        grade=_name(scores.grades, scores.grade, row),
        tier=_name(scores.tiers, scores.tier, row),
        floor=_name(scores.floors, scores.floor, row),
        dpd=int(scores.dpd[row]),
        principal_outstanding=_money(scores.principal_outstanding, row),
        base=scores.base if scored else None,
        contributions=families,
        reasons=[_reason(reason) for reason in ruling.reasons(row)],
        notes=[NoteOut(note.code, dict(note.text)) for note in scores.notes[row]],
        feature_hash=scores.feature_hash[row],
        explainer=scores.explainer if scored else None,
        calibration=_calibration(scores, row) if scored else None,
        score_id=score_id,
        decision=decision_out(ruling.decided(row)),
    )


def _calibration(scores: Scores, row: int) -> CalibrationOut:
    own = float(sigmoid(scores.raw[row]))
    return CalibrationOut(scores.calibration, own, calibrated(own, float(scores.pd[row])))


def _reason(reason: Reason) -> ReasonOut:
    return ReasonOut(
        reason.direction,
        reason.family,
        dict(reason.family_label),
        reason.contribution,
        reason.lead,
        _finite(reason.value),
        _finite(reason.typical),
        dict(reason.text),
        reason.weak,
        reason.doubt,
        dict(reason.borrower_text),
    )


def day_number(on: date) -> int:
    """Days since 1970-01-01."""
    return on.toordinal() - _DAY_0


def day(days: int) -> date:
    """The date of a count of days since 1970-01-01."""
    return date.fromordinal(_DAY_0 + days)


def moment(microseconds: int) -> datetime:
    """The UTC moment of a count of microseconds since 1970-01-01."""
    return _EPOCH + timedelta(microseconds=microseconds)


def _finite(value: float | None) -> float | None:
    return None if value is None or not np.isfinite(value) else float(value)


def _number(values: Floats, row: int) -> float | None:
    return _finite(values[row])


def _money(minor: Floats, row: int) -> str | None:
    value = _finite(minor[row])
    return None if value is None else str(Decimal(round(value)).scaleb(-2))


def _name(names: tuple[str, ...], codes: Codes, row: int) -> str | None:
    code = int(codes[row])
    return names[code] if code >= 0 else None


def model_out(scorer: Scorer) -> ModelOut:
    """The model and policy of a scorer as the API describes them."""
    bundle = scorer.bundle
    return ModelOut(
        id=bundle.id,
        target=bundle.target,
        horizon_months=bundle.horizon,
        features=list(bundle.features),
        fingerprint=bundle.fingerprint,
        calibration=bundle.calibration.kind,
        base=bundle.expected,
        explainer=scorer.explained_by,
        dates=dict(bundle.dates),
        metrics=dict(bundle.metrics),
        certificate=dict(bundle.certificate),
        versions=dict(bundle.versions),
        timezone=scorer.settings.timezone,
        currency=scorer.settings.currency,
        policy=policy_out(scorer.pack),
    )
