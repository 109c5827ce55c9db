"""What the API answers, as JSON structures. NaN is null; money is a decimal string in the book's currency."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any, Literal

import msgspec

from serving.problems import Problem

Text = dict[str, str]


class ReasonOut(msgspec.Struct, frozen=True):
    """One reason: a family of features that moved the score, and the feature that leads it.

    `contribution` is in log-odds against the training mean: above 0 raises the risk. `typical` is the median
    of loans of the same product in training. `text` is the sentence for an officer in English and Chinese,
    `borrower_text` that for the borrower. `weak` marks a reason to be careful with; `doubt` says why: what weighs is
    that the feature was `not_observed`, or the PD would not move back with the family at typical values
    (`no_effect`).
    """

    direction: Literal["adverse", "protective"]
    family: str
    family_label: Text
    contribution: float
    feature: str
    value: float | None
    typical: float | None
    text: Text
    weak: bool
    doubt: Literal["", "not_observed", "no_effect"]
    borrower_text: Text


class CalibrationOut(msgspec.Struct, frozen=True):
    """What calibration did: `raw_pd` is the model's own probability, `text` says what became of it."""

    kind: str
    raw_pd: float
    text: Text


class NoteOut(msgspec.Struct, frozen=True):
    """Something the reader should know about the data behind a score."""

    code: str
    text: Text


class ActionOut(msgspec.Struct, frozen=True):
    """An action that is suggested; nothing is done by itself."""

    code: str
    kind: str
    text: Text


class AlertOut(msgspec.Struct, frozen=True):
    """An early-warning rule that fired: severity B, Y, O or R, and the facts it went by."""

    alert_id: str
    rule: str
    version: int
    severity: str
    family: str
    level: str
    subject: str
    owner: str
    action: str
    action_text: Text
    fired_on: date
    evidence: dict[str, float | None]
    folded: list[str]
    text: Text


class DecisionOut(msgspec.Struct, frozen=True):
    """What policy says of a loan. Classes and stages are suggestions; `needs_approval`: a person decides first.

    `actions` go through the contact guard: ask it at `contact_guard` before anybody is contacted. `not_evaluated` are
    rules, clauses and triggers whose facts are not known.
    """

    five_class: str | None
    five_class_name: Text | None
    class_reasons: list[dict[str, Any]]
    class_review_on: date
    stage: int | None
    stage_reasons: list[dict[str, Any]]
    ability: float | None
    willingness: float | None
    ead: float | None
    el: float | None
    treatment: Text | None
    actions: list[ActionOut]
    needs_approval: bool
    approval: Text | None
    review_days: int | None
    ask_for_data: bool
    holdout: bool
    alerts: list[AlertOut]
    not_evaluated: list[str]
    contact_guard: str = "/v1/guard/contact"


class ScoreOut(msgspec.Struct, frozen=True):
    """One loan. Only status `scored` has a PD, a grade and reasons; `in_default` has tier D, others no tier.

    `contributions` are log-odds by family and sum with `base` to `raw_score`. `floor` says which rule raised
    the tier. `feature_hash` is the SHA-256 of the feature vector. `explainer` made the contributions.
    `score_id` is its id in the journal, null where none is kept.
    """

    loan_id: str
    borrower_id: str
    as_of: date
    cutoff: datetime
    status: str
    pd: float | None
    raw_score: float | None
    grade: str | None
    tier: str | None
    floor: str | None
    dpd: int
    principal_outstanding: str | None
    base: float | None
    contributions: dict[str, float]
    reasons: list[ReasonOut]
    notes: list[NoteOut]
    feature_hash: str
    explainer: str | None
    calibration: CalibrationOut | None
    score_id: str | None = None
    decision: DecisionOut | None = None


class PolicyOut(msgspec.Struct, frozen=True):
    """The pack of grades, tiers and floors that was used."""

    id: str
    version: str
    hash: str


class Answer(msgspec.Struct, frozen=True):
    """Scores of one borrower's loans, in the order asked for."""

    model: str
    policy: PolicyOut
    scores: list[ScoreOut]


class Item(msgspec.Struct, frozen=True, omit_defaults=True):
    """One request of a batch: its status as it would be alone, and its scores or its problem."""

    status: int
    scores: list[ScoreOut] | None = None
    problem: Problem | None = None


class BatchAnswer(msgspec.Struct, frozen=True):
    """Results in the order of the requests."""

    model: str
    policy: PolicyOut
    results: list[Item]


class EventOut(msgspec.Struct, frozen=True):
    """New rows of one borrower as they were kept; `known` counts rows that were there before. No id: nothing new."""

    event_id: str
    borrower_id: str
    tables: list[str]
    rows: int
    known: int


class EventAnswer(msgspec.Struct, frozen=True):
    """What was kept, and what follows for every loan of the borrowers.

    Rules and classes see the new rows at once; `pd` and `reasons` are of the last closed day and move with the night.
    """

    model: str
    policy: PolicyOut
    events: list[EventOut]
    scores: list[ScoreOut]


class ModelOut(msgspec.Struct, frozen=True):
    """The champion: what it predicts and from what, how well it did, and the policy beside it.

    `dates` are the data windows of training, `metrics` those of the out-of-time slice, `certificate` the
    check that no score falls where a feature declared as worse rises. `explainer` made the contributions.
    """

    id: str
    target: str
    horizon_months: int
    features: list[str]
    fingerprint: str
    calibration: str
    base: float
    explainer: str
    dates: dict[str, Any]
    metrics: dict[str, Any]
    certificate: dict[str, Any]
    versions: dict[str, Any]
    timezone: str
    currency: str
    policy: PolicyOut


class Alive(msgspec.Struct, frozen=True):
    """The process answers."""

    status: Literal["alive"]


class Ready(msgspec.Struct, frozen=True):
    """The service can score with `model`; `refused` says why a newer champion is not used, if there is."""

    status: Literal["ready"]
    model: str
    refused: str | None = None
