"""The contact guard: whether a borrower may be contacted now, and if not, every reason why.

A pure function: the ledger of past contacts, consents, complaints and pauses are arguments, as is the moment.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, datetime
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from book.errors import Refusal, nearest
from policy.contact import (
    PAUSES,
    Allowed,
    Complaint,
    Consent,
    ContactRequest,
    Denial,
    Denied,
    PastContact,
    Pause,
)
from policy.pack import Pack
from policy.parts.guarding import CHANNELS, GuardRules

__all__ = [
    "Allowed", "Complaint", "Consent", "ContactRequest", "Denial", "Denied", "GuardRefused", "PastContact", "Pause",
    "allowed",
]  # fmt: skip
UNANSWERED = ("no_answer",)
CALLS = ("call", "robot_call")


class GuardRefused(Refusal):
    """The question itself cannot be answered; the message says what, got, allowed and nearest."""


def allowed(
    request: ContactRequest,
    past: Sequence[PastContact],
    consents: Sequence[Consent],
    complaints: Sequence[Complaint],
    pauses: Sequence[Pause],
    pack: Pack,
) -> Allowed | Denied:
    """Whether the contact may be made. Raises GuardRefused where the channel, zone or moment cannot be understood."""
    local = _local(request)
    rules = pack.guard
    codes = list(_denials(request, local, past, _Wishes(consents, local.date()), complaints, pauses, rules))
    reasons = tuple(Denial(code, *rules.reasons[code]) for code in rules.reasons if code in codes)
    return Denied(pack.hash, reasons) if reasons else Allowed(pack.hash)


def _local(request: ContactRequest) -> datetime:
    if request.channel not in CHANNELS:
        near = nearest(request.channel, CHANNELS)
        hint = f"; nearest: {near}" if near else ""
        raise GuardRefused(f"channel: got: {request.channel!r}; allowed: {', '.join(CHANNELS)}{hint}")
    if request.at.tzinfo is None:
        raise GuardRefused(f"at: got: {request.at.isoformat()} without a zone; allowed: a moment with its zone")
    try:
        return request.at.astimezone(ZoneInfo(request.timezone))
    except (ZoneInfoNotFoundError, ValueError, OverflowError) as error:
        raise GuardRefused(f"timezone: got: {request.timezone!r}; allowed: a name such as Asia/Shanghai") from error


class _Wishes:
    """The consents that hold on a day."""

    def __init__(self, consents: Sequence[Consent], day: date) -> None:
        self._now = [consent for consent in consents if _holds(consent, day)]

    def given(self, kind: str, channel: str) -> bool:
        """Whether a consent of this kind holds for the channel."""
        return any(c.kind == kind and c.channel in (None, "", channel) for c in self._now)


def _holds(entry: Consent | Complaint | Pause, day: date) -> bool:
    return entry.since <= day and (entry.until is None or day <= entry.until)


def _denials(
    request: ContactRequest,
    local: datetime,
    past: Sequence[PastContact],
    wishes: _Wishes,
    complaints: Sequence[Complaint],
    pauses: Sequence[Pause],
    rules: GuardRules,
) -> Iterator[str]:
    day = local.date()
    if request.identity_confirmed is False:
        yield "WRONG_IDENTITY"
    resting = {pause.kind for pause in pauses if _holds(pause, day)}
    if PAUSES[0] in resting:
        yield "BANKRUPTCY_STAY"
    if request.party not in rules.own_parties:
        yield "THIRD_PARTY"
    if any(_holds(complaint, day) for complaint in complaints):
        yield "COMPLAINT_OPEN"
    if PAUSES[1] in resting:
        yield "HARDSHIP_PAUSE"
    yield from _time(request, local, wishes, rules)
    if request.channel in CALLS and _unanswered(request, day, past) >= rules.calls:
        yield "CALL_CAP"
    yield from _channel(request, wishes, rules)


def _time(request: ContactRequest, local: datetime, wishes: _Wishes, rules: GuardRules) -> Iterator[str]:
    """Night is from `quiet_from` up to, not with, `quiet_until`; a consent lifts it for its channel."""
    clock = local.time()
    if (clock >= rules.quiet_from or clock < rules.quiet_until) and not wishes.given(
        rules.night_consent, request.channel
    ):
        yield "NIGHT"
    if rules.no_holidays:
        days = rules.holidays.get(local.year)
        if days is None:
            yield "HOLIDAYS_UNKNOWN"
        elif local.date() in days:
            yield "HOLIDAY"


def _unanswered(request: ContactRequest, day: date, past: Sequence[PastContact]) -> int:
    """Calls to the contact point that nobody answered on the local day, up to the moment asked about."""
    zone = ZoneInfo(request.timezone)
    return sum(
        contact.contact_point_id == request.contact_point_id
        and contact.direction != "in"
        and contact.outcome in UNANSWERED
        and contact.channel in CALLS
        and contact.at <= request.at
        and contact.at.astimezone(zone).date() == day
        for contact in past
    )


def _channel(request: ContactRequest, wishes: _Wishes, rules: GuardRules) -> Iterator[str]:
    open_to_all = request.channel in rules.open_channels or request.channel == "visit"
    if not open_to_all and not wishes.given(rules.channel_consent, request.channel):
        yield "CHANNEL_NOT_CONSENTED"
    robot = request.automated or request.channel == "robot_call"
    if robot and wishes.given(rules.stop_robots, request.channel):
        yield "ROBOT_STOPPED"
    if request.channel == "visit" and (
        request.staff < rules.visit_staff or not wishes.given(rules.visit_consent, request.channel)
    ):
        yield "VISIT_RULES"
