"""The forms of a loan's page as questions to the service, or what is wrong with them field by field."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import Literal, cast
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from book.errors import RequestRefused
from policy.parts.guarding import CHANNELS
from reports.wording import Wording
from serving.case_answers import ContactAsked, OverrideAsked
from serving.desk.faulty import Faulty, long

WHAT = ("tier", "class", "action")
_IDENTITY = {"yes": True, "no": False}
_SHORT = 200


@dataclass(frozen=True)
class OverrideForm:
    """The override asked for, or (None) the faults of its form."""

    asked: OverrideAsked | None
    faults: list[Faulty] = field(default_factory=list)


@dataclass(frozen=True)
class GuardForm:
    """The contact asked about, or (None) the faults of its form."""

    asked: ContactAsked | None
    faults: list[Faulty] = field(default_factory=list)


def override_form(loan_id: str, fields: Mapping[str, str], words: Wording) -> OverrideForm:
    """An override of a loan."""
    what, _, becomes = fields.get("becomes", "").partition(":")
    reason = fields.get("reason", "")
    faults = [] if what in WHAT and becomes else [Faulty("becomes", words("desk.fault_becomes"))]
    faults += [] if reason else [Faulty("reason", words("desk.fault_reason"))]
    faults += long("reason", reason, words)
    expires, wrong = _day(fields.get("expires", ""), words)
    faults += wrong
    if faults:
        return OverrideForm(None, faults)
    kind = cast(Literal["tier", "class", "action"], what)
    return OverrideForm(OverrideAsked(loan_id, kind, becomes, reason, expires))


def refused_form(refused: RequestRefused, words: Wording) -> list[Faulty]:
    """What the service found wrong with an override, in the reader's words."""
    text = {"becomes": words("desk.fault_becomes")}
    return [Faulty(one.path, text.get(one.path, one.what)) for one in refused.faults]


def guard_form(loan_id: str, fields: Mapping[str, str], words: Wording) -> GuardForm:
    """A contact about a loan; the time is that of the person who would be reached."""
    channel, point, zone = (fields.get(name, "") for name in ("channel", "point", "zone"))
    faults = [] if channel in CHANNELS else [Faulty("channel", words("desk.fault_channel"))]
    faults += [] if point else [Faulty("point", words("desk.fault_point"))]
    faults += long("point", point, words, _SHORT)
    at: datetime | None = None
    try:
        at = _moment(fields.get("at", ""), ZoneInfo(zone))
        if at is None:
            faults.append(Faulty("at", words("desk.fault_when")))
    except (ZoneInfoNotFoundError, ValueError, OSError):
        faults.append(Faulty("zone", words("desk.fault_zone")))
    staff = fields.get("staff", "") or "1"
    if not (staff.isascii() and staff.isdecimal() and 1 <= int(staff[:9]) <= 100):
        faults.append(Faulty("staff", words("desk.fault_staff")))
    if faults:
        return GuardForm(None, faults)
    asked = ContactAsked(
        loan_id=loan_id,
        channel=channel,
        contact_point_id=point,
        timezone=zone,
        at=at,
        party=fields.get("party", "") or "borrower",
        automated=fields.get("automated") == "yes",
        identity_confirmed=_IDENTITY.get(fields.get("identity", "")),
        staff=int(staff),
    )
    return GuardForm(asked)


def _moment(text: str, zone: ZoneInfo) -> datetime | None:
    """The moment of a local time, now for "", None for what is no time."""
    if not text:
        return datetime.now(UTC)
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        return None
    return found.replace(tzinfo=zone) if found.tzinfo is None and 2000 <= found.year <= 2100 else None


def _day(text: str, words: Wording) -> tuple[date | None, list[Faulty]]:
    """A day not before today, None for ""."""
    if not text:
        return None, []
    try:
        found = date.fromisoformat(text)
    except ValueError:
        found = date.min
    wrong = found < datetime.now(UTC).date()
    return (None, [Faulty("expires", words("desk.fault_date"))]) if wrong else (found, [])
