"""The usual payday, and the days on which salary is expected."""

from __future__ import annotations

from calendar import monthrange
from collections import Counter
from datetime import date, timedelta

from reading.days import DAY, months_before
from reading.feed import Feed, salary
from reading.rows import day_of

TWO_WEEKS = timedelta(14)


def usual_payday(feed: Feed) -> int | None:
    """The most frequent day of the month of the six months before the newest, ties to the later one."""
    days = {day_of(row["booked_on"]) for row in feed.between(1, 7, salary)}
    if len(days) < 3:
        return None
    often = Counter(day.day for day in days)
    return max(often, key=lambda day: (often[day], day))


def expected_in_month_of(day: date, payday: int) -> date:
    return day.replace(day=min(payday, monthrange(day.year, day.month)[1]))


def latest_expected(day: date, payday: int) -> date:
    """The latest expected payday on or before a day."""
    this = expected_in_month_of(day, payday)
    return this if this <= day else expected_in_month_of(day.replace(day=1) - DAY, payday)


def next_expected(expected: date, payday: int) -> date:
    return expected_in_month_of(months_before(expected.replace(day=1), -1), payday)


def salary_delay(feed: Feed) -> float | None:
    payday = usual_payday(feed)
    if payday is None:
        return None
    latest = max(day_of(row["booked_on"]) for row in feed.rows if salary(row))
    expected = latest_expected(latest + TWO_WEEKS, payday)
    following = next_expected(expected, payday)
    if feed.as_of > following:
        return float((feed.as_of - following).days)
    return float((latest - expected).days)
