"""What the contact guard is asked about: the contact wanted, what was tried, consents, complaints and pauses."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime

PAUSES = ("bankruptcy", "hardship")


@dataclass(frozen=True)
class ContactRequest:
    """A contact someone wants to make `at` a moment (with zone) by `channel` (policy.parts.guarding.CHANNELS).

    `timezone` is where the person is, such as "Asia/Shanghai". `party` is who would be reached; `automated` that a
    machine speaks or writes; `identity_confirmed` None = not yet asked; `staff` how many would visit.
    """

    borrower_id: str
    loan_id: str
    at: datetime
    timezone: str
    channel: str
    contact_point_id: str
    party: str = "borrower"
    automated: bool = False
    identity_confirmed: bool | None = None
    staff: int = 1


@dataclass(frozen=True)
class PastContact:
    """A contact that was made or tried, with its moment and outcome (as in the table `contacts`)."""

    at: datetime
    contact_point_id: str
    channel: str
    outcome: str
    direction: str = "out"


@dataclass(frozen=True)
class Consent:
    """A consent, or a wish such as to stop robots, from its first to its last day (None: open).

    `channel` None: every one.
    """

    kind: str
    channel: str | None
    since: date
    until: date | None = None


@dataclass(frozen=True)
class Complaint:
    """A complaint of the borrower, from its first to its last day (None: open)."""

    since: date
    until: date | None = None


@dataclass(frozen=True)
class Pause:
    """Why claims rest: one of PAUSES, from its first to its last day (None: open)."""

    kind: str
    since: date
    until: date | None = None


@dataclass(frozen=True)
class Denial:
    """A reason to say no: its code, in words, and where it comes from."""

    code: str
    text: Mapping[str, str]
    article: str


@dataclass(frozen=True)
class Allowed:
    """The contact may be made now. `pack_hash` names the rules."""

    pack_hash: str
    allowed: bool = True
    reasons: tuple[Denial, ...] = ()


@dataclass(frozen=True)
class Denied:
    """The contact may not be made; every reason is told."""

    pack_hash: str
    reasons: tuple[Denial, ...]
    allowed: bool = False
