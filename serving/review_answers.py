"""What the API takes and answers about reviews that borrowers ask for."""

from __future__ import annotations

from datetime import date, datetime
from typing import Literal

import msgspec

from serving.case_answers import Id, Words


class ReviewAsked(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A borrower asks that a person looks at what was said: their words, and the day by which they hear."""

    loan_id: Id
    reason: Words
    due_on: date


class ReviewDone(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a person found: nothing to change, another decision (an override), or data to be corrected."""

    outcome: Literal["upheld", "decided_otherwise", "data_corrected"]
    reason: Words


class ReviewOut(msgspec.Struct, frozen=True):
    """A review that a borrower asked for. `reason` and `answer` are null where retention erased them."""

    review_id: str
    loan_id: str
    borrower_id: str
    score_id: str | None
    reason: str | None
    due_on: date
    actor: str
    at: datetime
    status: Literal["open", "closed"]
    outcome: str | None
    answer: str | None
    answered_by: str | None
    answered_at: datetime | None


class ReviewPage(msgspec.Struct, frozen=True):
    """Reviews, newest first, and the place to go on from."""

    reviews: list[ReviewOut]
    next: int | None
