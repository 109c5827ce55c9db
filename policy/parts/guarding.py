"""The rules of contact with borrowers: hours, holidays, caps, consents, and the reasons for saying no."""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from policy.reading import Section

Text = Mapping[str, str]
CHANNELS = ("call", "robot_call", "sms", "app", "email", "letter", "visit")
REASONS = (
    "WRONG_IDENTITY", "BANKRUPTCY_STAY", "THIRD_PARTY", "COMPLAINT_OPEN", "HARDSHIP_PAUSE", "NIGHT", "HOLIDAY",
    "HOLIDAYS_UNKNOWN", "CALL_CAP", "CHANNEL_NOT_CONSENTED", "ROBOT_STOPPED", "VISIT_RULES",
)  # fmt: skip


@dataclass(frozen=True)
class GuardRules:
    """What the contact guard goes by. Hours are local to the person contacted; `quiet_from` to `quiet_until` is night.

    `calls` unanswered calls a day and contact point are allowed before it says no. `holidays` by year; a year that is
    not in it is not known. `consent_kinds`: what a consent of that kind in the book allows; `stop_kinds`: what it ends.
    """

    quiet_from: datetime.time
    quiet_until: datetime.time
    calls: int
    visit_staff: int
    no_holidays: bool
    holidays: Mapping[int, frozenset[datetime.date]]
    own_parties: tuple[str, ...]
    open_channels: tuple[str, ...]
    night_consent: str
    visit_consent: str
    channel_consent: str
    stop_robots: str
    reasons: Mapping[str, tuple[Text, str]]


def read_guard(top: Section) -> GuardRules:
    """The rules of a file of kind `guard`."""
    hours, calls, kinds = top.section("hours"), top.section("calls"), top.section("consents")
    visits, people, channels = top.section("visits"), top.section("people"), top.section("channels")
    open_channels = channels.texts("without_consent")
    for name in open_channels:
        channels.one_of("without_consent", name, CHANNELS)
    rules = GuardRules(
        quiet_from=_time(hours, "quiet_from"),
        quiet_until=_time(hours, "quiet_until"),
        calls=_at_most(calls, "unanswered_a_day", "law"),
        visit_staff=visits.whole("staff"),
        no_holidays=hours.truth("no_holidays"),
        holidays=_holidays(top),
        own_parties=people.texts("allowed"),
        open_channels=open_channels,
        night_consent=kinds.text("night"),
        visit_consent=kinds.text("visit"),
        channel_consent=kinds.text("channel"),
        stop_robots=kinds.text("stop_robots"),
        reasons=_reasons(top),
    )
    for section in (hours, calls, kinds, visits, people, channels):
        section.no_more()
    return rules


def _time(section: Section, key: str) -> datetime.time:
    value = section.data.get(key)
    section.asked.add(key)
    if isinstance(value, datetime.time):
        return value
    section.fault(key, f"is {value!r}, must be a time such as 22:00:00")
    return datetime.time()


def _at_most(section: Section, key: str, law: str) -> int:
    cap, most = section.whole(key), section.whole(law)
    if cap > most:
        section.fault(key, f"is {cap}, must be at most {most}, the cap of the rules")
    return cap


def _holidays(top: Section) -> Mapping[int, frozenset[datetime.date]]:
    found: dict[int, frozenset[datetime.date]] = {}
    for one in top.list("holidays"):
        year = one.whole("year")
        days = one.dates("days")
        for day in days:
            if day.year != year:
                one.fault("days", f"{day} is not of {year}")
        if year in found:
            one.fault("year", f"{year} is there already")
        found[year] = frozenset(days)
        one.no_more()
    return MappingProxyType(found)


def _reasons(top: Section) -> Mapping[str, tuple[Text, str]]:
    found: dict[str, tuple[Text, str]] = {}
    for one in top.list("reason"):
        code = REASONS[one.choice("code", REASONS)]
        found[code] = (one.words("text"), one.text("article"))
        one.no_more()
    for code in REASONS:
        if code not in found:
            top.fault(None, f"[[reason]] {code} is missing")
    return MappingProxyType(found)
