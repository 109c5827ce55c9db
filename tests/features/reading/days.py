"""Days and months, read slowly: one date at a time."""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

DAY = timedelta(days=1)
FAR = 600


def last_of_month(day: date) -> bool:
    return (day + DAY).month != day.month


def months_before(day: date, months: int) -> date:
    """Same day of the month, held to the month's last day; a month end stays a month end."""
    month = day.year * 12 + day.month - 1 - months
    year, number = divmod(month, 12)
    length = monthrange(year, number + 1)[1]
    return date(year, number + 1, length if last_of_month(day) else min(day.day, length))


def months_since(day: date, as_of: date) -> int:
    """The largest m with `months_before(as_of, m) >= day`, looked for one month at a time."""
    months = 0
    while months < FAR and months_before(as_of, months + 1) >= day:
        months += 1
    return months


def month_ends_passed(start: date, as_of: date) -> int:
    """MOB: month ends after the month of `start`, up to and including as_of; counted day by day."""
    first_of_next = (start.replace(day=1) + timedelta(days=32)).replace(day=1)
    return sum(last_of_month(day) for day in each_day(first_of_next, as_of))


def each_day(first: date, last: date) -> Iterator[date]:
    """Every day from first to last, both included."""
    for step in range((last - first).days + 1):
        yield first + step * DAY


def end_of_day(day: date, zone: str) -> int:
    """The last microsecond of the day in the zone, as UTC microseconds."""
    return stamp(datetime.combine(day + DAY, time(0), ZoneInfo(zone))) - 1


def stamp(moment: datetime) -> int:
    return (moment - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(microseconds=1)
