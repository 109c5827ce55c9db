"""What the API answers about loans, alerts, the queue, contacts, packs, overrides and the audit."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Any, Literal

import msgspec

Text = dict[str, str]
Words = Annotated[str, msgspec.Meta(min_length=1, max_length=2_000)]
Id = Annotated[str, msgspec.Meta(min_length=1, max_length=200)]


class HeldScore(msgspec.Struct, frozen=True):
    """A score as it was kept."""

    score_id: str
    at: datetime
    as_of: date
    cutoff: datetime
    status: str
    pd: float | None
    grade: str
    tier: str
    floor: str
    five_class: str
    stage: str
    action: str
    dpd: int
    principal_outstanding: str | None
    model: str
    policy: str
    policy_hash: str
    source: str


class ShiftOut(msgspec.Struct, frozen=True):
    """A family that moved the score; `change` in log-odds, above 0 raises the risk."""

    family: str
    change: float
    text: Text


class MovedOut(msgspec.Struct, frozen=True):
    """Why the newest score differs from the one before, exactly; `text` says why it cannot be told."""

    since: date | None
    change: float | None
    by_family: dict[str, float]
    shifts: list[ShiftOut]
    text: Text


class LoanOut(msgspec.Struct, frozen=True):
    """What is known of a loan: its newest score with reasons and decision, earlier ones, and what a person decided.

    `reasons` and `decision` are null where retention has erased them. `next` goes on with the history (`before`).
    """

    loan_id: str
    borrower_id: str
    latest: HeldScore
    reasons: list[dict[str, Any]] | None
    decision: dict[str, Any] | None
    moved: MovedOut | None
    history: list[HeldScore]
    next: int | None
    overrides: list[OverrideOut]


class AlertRow(msgspec.Struct, frozen=True):
    """An alert and where it stands: open, acknowledged, acted or closed, after `step` steps."""

    alert_id: str
    rule: str
    version: str
    severity: str
    family: str
    level: str
    subject: str
    loan_id: str
    borrower_id: str
    fired_on: date
    owner: str
    action: str
    score_id: str
    status: str
    step: int


class AlertPage(msgspec.Struct, frozen=True):
    """Alerts, newest first; `next` goes on (`before`)."""

    alerts: list[AlertRow]
    next: int | None


class StepOut(msgspec.Struct, frozen=True):
    """One step in the life of an alert."""

    step: int
    status: str
    outcome: str
    actor: str
    at: datetime
    reason: str | None


class AlertStory(msgspec.Struct, frozen=True):
    """One alert with its evidence and its life."""

    alert: AlertRow
    evidence: dict[str, Any] | None
    steps: list[StepOut]


class AlertWork(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What was done about an alert. `step` is the number seen last: of two people who act at once one is first."""

    reason: Words
    outcome: Annotated[str, msgspec.Meta(max_length=200)] = ""
    step: int | None = None


class QueueRow(msgspec.Struct, frozen=True):
    """A loan to look at; `weight` is PD times exposure."""

    rank: int
    loan_id: str
    borrower_id: str
    score_id: str
    as_of: date
    pd: float
    principal_outstanding: str
    weight: float
    tier: str
    action: str


class QueueOut(msgspec.Struct, frozen=True):
    """The loans to look at first, as many as there is capacity for, of `ranked` loans with a PD."""

    capacity: int
    ranked: int
    loans: list[QueueRow]


class ContactAsked(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A contact somebody wants to make; `at` with its zone (default: now), `timezone` where the person is."""

    loan_id: Id
    channel: Id
    contact_point_id: Id
    timezone: Id = "Asia/Shanghai"
    at: Annotated[datetime, msgspec.Meta(tz=True)] | None = None
    party: Id = "borrower"
    automated: bool = False
    identity_confirmed: bool | None = None
    staff: Annotated[int, msgspec.Meta(ge=0, le=100)] = 1


class DenialOut(msgspec.Struct, frozen=True):
    """A reason to say no, and where it comes from."""

    code: str
    text: Text
    article: str


class GuardOut(msgspec.Struct, frozen=True):
    """Whether the contact may be made now."""

    contact_id: str
    allowed: bool
    reasons: list[DenialOut]
    policy_hash: str


class PartOut(msgspec.Struct, frozen=True):
    """A file of the policy pack."""

    kind: str
    id: str
    version: str
    valid_from: date
    owner: str
    source: str
    hash: str


class PacksOut(msgspec.Struct, frozen=True):
    """The policy pack in force and its parts; every score names its hash."""

    id: str
    version: str
    valid_from: date
    hash: str
    parts: list[PartOut]


class OverrideAsked(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A decision other than the suggested one, and why. Another person has to approve it."""

    loan_id: Id
    what: Literal["tier", "class", "action"]
    becomes: Id
    reason: Words
    expires_on: date | None = None


class OverrideAnswered(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Why an approver approves or declines."""

    reason: Words


class OverrideOut(msgspec.Struct, frozen=True):
    """An override: what `actor` proposed and why, and what another person answered to it.

    Only an `approved` one is in effect, up to and with `expires_on`. Moments are those of the journal; the answer to
    the request that writes an entry has the moment just before.
    """

    override_id: str
    loan_id: str
    score_id: str
    what: str
    was: str
    becomes: str
    reason: str
    actor: str
    at: datetime
    expires_on: date | None
    status: Literal["proposed", "approved", "declined"]
    answered_by: str | None
    answered_at: datetime | None
    answer: str | None


class OverridePage(msgspec.Struct, frozen=True):
    """Overrides, newest first, and the place to go on from."""

    overrides: list[OverrideOut]
    next: int | None


class AccessOut(msgspec.Struct, frozen=True):
    """Who asked for what, when, and how it was answered."""

    at: datetime
    actor: str
    role: str
    method: str
    path: str
    subject: str
    status: int
    request_id: str


class AuditOut(msgspec.Struct, frozen=True):
    """The audit, newest first; `next` goes on (`before`)."""

    accesses: list[AccessOut]
    next: int | None


class Reloaded(msgspec.Struct, frozen=True):
    """The model and the generation of the book that answer now; `refused` says why a newer model does not."""

    model: str | None
    refused: str | None
    book: str | None
