"""What the journal keeps: one structure per kind of entry, and nothing else says which columns a kind has."""

from __future__ import annotations

from hashlib import sha256

from serving.journal.entry import CLOSED, DEAD, DELIVERED, OPEN, PENDING, Entry, Payload
from serving.journal.traffic import Attempt, Delivery, Erasure, Event, Means, Opening, Segment


class Score(Entry, frozen=True, kw_only=True):
    """What was said of one loan on one day, and with what.

    `data` is what it was computed from: the tables of the request (`tables_payload`), or {"store": generation, "upto":
    moment, "borrower": id}. `details` hold features, reasons, contributions, notes and the decision. `state_used` and
    `state_next` are the policy's states before and after.
    """

    KIND = "score"
    TABLE = "scores"
    UNIQUE = (("score_id",),)
    INDEXED = (("loan_id", "place"), ("request_id",))

    score_id: str
    request_id: str
    actor: str
    source: str
    loan_id: str
    borrower_id: str
    as_of: int
    cutoff: int
    status: str
    pd: float
    raw: float
    grade: str
    tier: str
    floor: str
    five_class: str = ""
    stage: str = ""
    action: str = ""
    dpd: int
    exposure: int | None
    bundle_id: str
    pack: str
    pack_hash: str
    context_hash: str = ""
    feature_hash: str
    explainer: str
    data: Payload = None
    details: Payload = None
    state_used: Payload = None
    state_next: Payload = None


class Alert(Entry, frozen=True, kw_only=True):
    """An early-warning rule fired. Written a second time under the same id, it is skipped."""

    KIND = "alert"
    TABLE = "alerts"
    UNIQUE = (("alert_id",),)
    INDEXED = (("loan_id",), ("borrower_id",), ("rule", "fired_on"))

    alert_id: str
    rule: str
    version: str
    severity: str
    family: str
    level: str
    subject: str
    loan_id: str
    borrower_id: str
    fired_on: int
    owner: str
    action: str
    score_id: str = ""
    request_id: str
    actor: str
    evidence: Payload = None


class AlertStep(Entry, frozen=True, kw_only=True):
    """One step in the life of an alert; `step` is the last one's plus 1, so that of two people one is first."""

    KIND = "alert_step"
    TABLE = "alert_steps"
    UNIQUE = (("alert_id", "step"),)

    alert_id: str
    step: int
    status: str
    outcome: str = ""
    actor: str
    request_id: str
    note: Payload = None


class Override(Entry, frozen=True, kw_only=True):
    """A person wants to decide otherwise, and why; it takes effect when another person approves it (`OverrideStep`).

    `approved_by` is set in entries from before approval was a step of its own: a name that the first person gave.
    """

    KIND = "override"
    TABLE = "overrides"
    UNIQUE = (("override_id",),)
    INDEXED = (("loan_id", "place"),)

    override_id: str
    loan_id: str
    score_id: str = ""
    what: str
    was: str
    becomes: str
    reason: str
    approved_by: str = ""
    expires_on: int | None = None
    actor: str
    request_id: str


class OverrideStep(Entry, frozen=True, kw_only=True):
    """Another person's answer to an override: approved or declined, by their own credentials."""

    KIND = "override_step"
    TABLE = "override_steps"
    UNIQUE = (("override_id", "step"),)

    override_id: str
    step: int
    status: str
    actor: str
    request_id: str
    note: Payload = None


class Access(Entry, frozen=True, kw_only=True):
    """Somebody asked for something: who, in which role, what, about whom, and how it was answered."""

    KIND = "access"
    TABLE = "accesses"
    INDEXED = (("actor", "place"), ("subject", "place"))

    actor: str
    role: str
    method: str
    path: str
    subject: str
    status: int
    purpose: str = ""
    request_id: str


class Contact(Entry, frozen=True, kw_only=True):
    """The contact guard was asked whether a borrower may be contacted, and what it answered."""

    KIND = "contact"
    TABLE = "contacts"
    UNIQUE = (("contact_id",),)
    INDEXED = (("borrower_id", "place"), ("loan_id", "place"))

    contact_id: str
    borrower_id: str
    loan_id: str
    channel: str
    allowed: bool
    reasons: str
    pack_hash: str
    asked_for: int
    actor: str
    request_id: str
    details: Payload = None


class Task(Entry, frozen=True, kw_only=True):
    """Something a person has to do by a day: a check, a promise to follow, a review asked for by the borrower."""

    KIND = "task"
    TABLE = "tasks"
    UNIQUE = (("task_id",),)
    INDEXED = (("loan_id",), ("borrower_id",))

    task_id: str
    loan_id: str
    borrower_id: str
    kind: str
    due_on: int
    alert_id: str = ""
    actor: str
    request_id: str
    details: Payload = None


class TaskStep(Entry, frozen=True, kw_only=True):
    """One step in the life of a task, as for alerts."""

    KIND = "task_step"
    TABLE = "task_steps"
    UNIQUE = (("task_id", "step"),)

    task_id: str
    step: int
    status: str
    outcome: str = ""
    actor: str
    request_id: str
    note: Payload = None


__all__ = [
    "CLOSED",
    "DEAD",
    "DELIVERED",
    "KINDS",
    "OPEN",
    "PENDING",
    "Access",
    "Alert",
    "AlertStep",
    "Attempt",
    "Contact",
    "Delivery",
    "Entry",
    "Erasure",
    "Event",
    "Means",
    "Opening",
    "Override",
    "OverrideStep",
    "Payload",
    "Score",
    "Segment",
    "Task",
    "TaskStep",
    "alert_id_of",
]

KINDS: tuple[type[Entry], ...] = (
    Score,
    Alert,
    AlertStep,
    Override,
    OverrideStep,
    Access,
    Contact,
    Task,
    TaskStep,
    Event,
    Delivery,
    Attempt,
    Segment,
    Means,
    Erasure,
    Opening,
)


def alert_id_of(rule: str, subject: str, fired_on: int, severity: str) -> str:
    """The id of an alert, the same whenever the same fact is found again."""
    return "A" + sha256("\n".join((rule, subject, str(fired_on), severity)).encode()).hexdigest()[:24]
