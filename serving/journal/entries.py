"""What the journal keeps: one structure per kind of entry, and nothing else says which columns a kind has.

Text is "" where there is none. Days count from 1970-01-01, moments are UTC microseconds, money is in minor units, NaN
is "no value". A field of type `Payload` takes bytes or any JSON value; it is kept apart under its hash, so that
retention can erase it and leave the chain whole. What is read back holds the hash in its place.
"""

from __future__ import annotations

from hashlib import sha256
from typing import Annotated, Any, ClassVar

from msgspec import Struct

Payload = Annotated[Any, "payload"]
OPEN = "open"
CLOSED = "closed"
PENDING = "pending"
DELIVERED = "delivered"
DEAD = "dead"


class Entry(Struct, frozen=True, kw_only=True):
    """One entry.

    `KIND` names it in the chain, `TABLE` is where its columns are; `UNIQUE` and `INDEXED` are groups of columns.
    """

    KIND: ClassVar[str] = ""
    TABLE: ClassVar[str] = ""
    UNIQUE: ClassVar[tuple[tuple[str, ...], ...]] = ()
    INDEXED: ClassVar[tuple[tuple[str, ...], ...]] = ()


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
    """A person decided otherwise, and why."""

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


class Event(Entry, frozen=True, kw_only=True):
    """New rows about one borrower that came by the API; `tables` names them, `rows` holds them, pseudonymised."""

    KIND = "event"
    TABLE = "events"
    UNIQUE = (("event_id",),)
    INDEXED = (("borrower_id", "received_at"),)

    event_id: str
    borrower_id: str
    received_at: int
    tables: str
    actor: str
    request_id: str
    rows: Payload = None


class Delivery(Entry, frozen=True, kw_only=True):
    """A message to another system, written in the transaction of what it tells of."""

    KIND = "delivery"
    TABLE = "deliveries"
    UNIQUE = (("delivery_id",),)
    INDEXED = (("subject", "place"),)

    delivery_id: str
    endpoint: str
    topic: str
    subject: str
    due_at: int
    request_id: str
    body: Payload = None


class Attempt(Entry, frozen=True, kw_only=True):
    """One attempt to deliver: `outcome` delivered, failed (again at `next_at`) or dead."""

    KIND = "attempt"
    TABLE = "attempts"
    UNIQUE = (("delivery_id", "attempt"),)

    delivery_id: str
    attempt: int
    outcome: str
    status: int = 0
    error: str = ""
    next_at: int = 0


class Segment(Entry, frozen=True, kw_only=True):
    """A nightly run: the rows are in sealed files, the hash of their manifest is here."""

    KIND = "segment"
    TABLE = "segments"
    UNIQUE = (("name",),)
    INDEXED = (("kind", "as_of"),)

    name: str
    kind: str
    as_of: int
    cutoff: int
    rows: int
    parts: int
    manifest_hash: str
    bundle_id: str
    pack: str
    pack_hash: str
    context_hash: str
    book_hash: str
    store: str
    actor: str


class Erasure(Entry, frozen=True, kw_only=True):
    """Payloads last used before a moment were erased; `digest` is the hash of their sorted hashes."""

    KIND = "erasure"
    TABLE = "erasures"
    UNIQUE = (("erasure_id",),)

    erasure_id: str
    before: int
    payloads: int
    digest: str
    actor: str


class Opening(Entry, frozen=True, kw_only=True):
    """A writer began to use a chain; `heads` are the last entries of the other chains as it found them (JSON)."""

    KIND = "opening"
    TABLE = "openings"

    writer: str
    version: str
    heads: str


KINDS: tuple[type[Entry], ...] = (
    Score,
    Alert,
    AlertStep,
    Override,
    Access,
    Contact,
    Task,
    TaskStep,
    Event,
    Delivery,
    Attempt,
    Segment,
    Erasure,
    Opening,
)


def alert_id_of(rule: str, subject: str, fired_on: int, severity: str) -> str:
    """The id of an alert, the same whenever the same fact is found again."""
    return "A" + sha256("\n".join((rule, subject, str(fired_on), severity)).encode()).hexdigest()[:24]
