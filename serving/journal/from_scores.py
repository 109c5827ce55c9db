"""Scores as entries of the journal."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec
import numpy as np

from models.reasons import Reason
from serving.journal.entries import Score
from serving.journal.ids import new_id
from serving.scores import Scores

Plain = Mapping[str, Any]


def score_entry(
    scores: Scores,
    row: int,
    reasons: Sequence[Reason],
    *,
    request_id: str,
    actor: str,
    source: str,
    data: Any,
    state_used: Plain | None = None,
    state_next: Plain | None = None,
    decision: Plain | None = None,
    beside: Plain | None = None,
) -> Score:
    """The entry of one row of `scores`, whose reasons are `reasons`.

    `data` is what it was computed from: `pack_tables(...)` for a request, or {"store": generation, "upto": moment,
    "borrower": id}. `state_used` and `state_next` are the policy's states, `decision` what it decided (its
    `five_class`, `stage` and `action`, if there, become columns), `beside` the states that were used of the borrower's
    other loans.
    """
    return Score(
        score_id=new_id("S"),
        request_id=request_id,
        actor=actor,
        source=source,
        data=data,
        state_used=state_used,
        state_next=state_next,
        details=_details(scores, row, reasons, decision, beside),
        **score_columns(scores, row),
        **_decided(decision),
    )


def score_columns(scores: Scores, row: int) -> dict[str, Any]:
    """What is said of one observation, as columns of the journal."""
    exposure = float(scores.principal_outstanding[row])
    return {
        "loan_id": scores.loan_id[row],
        "borrower_id": scores.borrower_id[row],
        "as_of": int(scores.as_of[row]),
        "cutoff": int(scores.cutoff[row]),
        "status": scores.statuses[scores.status[row]],
        "pd": float(scores.pd[row]),
        "raw": float(scores.raw[row]),
        "grade": _name(scores.grades, int(scores.grade[row])),
        "tier": _name(scores.tiers, int(scores.tier[row])),
        "floor": _name(scores.floors, int(scores.floor[row])),
        "dpd": int(scores.dpd[row]),
        "exposure": round(exposure) if np.isfinite(exposure) else None,
        "bundle_id": scores.bundle_id,
        "pack": f"{scores.pack_id} {scores.pack_version}",
        "pack_hash": scores.pack_hash,
        "context_hash": scores.context_hash,
        "feature_hash": scores.feature_hash[row],
        "explainer": scores.explainer,
    }


def _name(names: tuple[str, ...], code: int) -> str:
    return names[code] if code >= 0 else ""


def _decided(decision: Plain | None) -> dict[str, Any]:
    found = decision or {}
    return {name: str(found[name]) for name in ("five_class", "stage", "action") if found.get(name) is not None}


def _details(
    scores: Scores, row: int, reasons: Sequence[Reason], decision: Plain | None, beside: Plain | None
) -> bytes:
    """Features as the model saw them (base64 of float32), contributions, reasons, notes and the decision, as JSON.

    `beside` is there where there are states of other loans.
    """
    return msgspec.json.encode(
        {
            "features": scores.features[row].astype("<f4").tobytes(),
            "contributions": dict(zip(scores.families, scores.by_family[row].tolist(), strict=True)),
            "base": scores.base,
            "reasons": [_reason(reason) for reason in reasons],
            "notes": [note.code for note in scores.notes[row]],
            "held": bool(scores.held[row]),
            "assumed": float(scores.assumed[row]),
            "decision": decision,
        }
        | ({"beside": beside} if beside else {}),
        enc_hook=_plain,
    )


def _reason(reason: Reason) -> dict[str, Any]:
    return {
        "direction": reason.direction,
        "family": reason.family,
        "lead": reason.lead,
        "contribution": reason.contribution,
        "value": reason.value,
        "typical": reason.typical,
        "doubt": reason.doubt,
        "text": dict(reason.text),
    }


def _plain(value: Any) -> Any:
    """Mappings and numbers that are not of Python's own."""
    if isinstance(value, Mapping):
        return dict(value)
    if isinstance(value, np.generic):
        return value.item()
    raise TypeError(f"a {type(value).__name__} cannot be kept")
