"""What the journal adds to the report of a loan: the score's number, the score before it, alerts still open."""

from __future__ import annotations

from typing import Any, Final

import msgspec
import numpy as np

from reports.loan.journal import JournalFacts, Last
from serving.journal import Journal
from serving.journal.entries import Score
from serving.journal.reading import Kept
from serving.scorer import Scorer

OPEN: Final = ("open", "acknowledged", "acted")
_LOOKED_AT = 20  # newest scores and alerts of the loan


def journal_facts(journal: Journal, loan_id: str, scorer: Scorer, as_of: int, data: str = "") -> JournalFacts:
    """What `journal` holds of a loan for its report on the day `as_of` by the model of `scorer`.

    `data` names the state of the data behind the report. Raises JournalDown.
    """
    rows = journal.scores_of(loan_id, _LOOKED_AT).rows
    same = [kept for kept in rows if kept.entry.bundle_id == scorer.bundle.id]
    now = next((kept.entry.score_id for kept in same if kept.entry.as_of == as_of), "")
    earlier = (_last(journal, kept) for kept in same if kept.entry.as_of < as_of and kept.entry.status == "scored")
    return JournalFacts(
        score_id=now,
        last=next((one for one in earlier if one is not None), None),
        alerts=tuple(_open_alerts(journal, loan_id)),
        data=data,
    )


def _last(journal: Journal, kept: Kept[Score]) -> Last | None:
    """A score as the report compares with it; None where its features were erased."""
    details = journal.value(kept.entry.details) if kept.entry.details is not None else None
    if not details or "features" not in details:
        return None
    features = np.frombuffer(msgspec.convert(details["features"], bytes, strict=False), "<f4")
    entry = kept.entry
    return Last(entry.as_of, entry.cutoff, entry.bundle_id, float(entry.pd), features)


def _open_alerts(journal: Journal, loan_id: str) -> list[dict[str, Any]]:
    found = []
    for life in journal.alerts(OPEN, _LOOKED_AT, loan_id=loan_id).rows:
        told = journal.value(life.entry.evidence) if life.entry.evidence is not None else None
        if told:
            found.append(dict(told) | {"status": life.status})
    return found
