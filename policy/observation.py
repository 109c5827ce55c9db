"""The observation of a restructured loan: when it began, what restarts it, and whether it has ended.

It runs from the first due date after the change over at least two periods and a year. A due missed inside it starts it
again on that day; so does its end where no finding says that the difficulty is resolved (articles 19 and 22).
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

PERIODS = 2
_EPOCH = date(1970, 1, 1)


@dataclass(frozen=True)
class Observed:
    """Where the observation stands: `until` its end as it stands now, `missed` the latest miss that restarted it.

    `again`: restructured once more while an observation ran. Days since 1970-01-01.
    """

    active: bool
    until: int
    missed: int | None
    again: bool


def observe(
    changes: Sequence[int], dues: Sequence[int], misses: Sequence[int], resolved: Sequence[int], as_of: int
) -> Observed | None:
    """The observation at `as_of`; None where nothing was changed by then.

    All arguments are sorted days: `changes` granted in difficulty, due dates of the schedule, days on which a due
    was first missed, days of findings that the difficulty is resolved.
    """
    found: Observed | None = None
    past = [day for day in changes if day <= as_of]
    for position, day in enumerate(past):
        until = past[position + 1] if position + 1 < len(past) else as_of
        again = found is not None and (found.active or found.again) and found.until > day
        found = _one(day, dues, misses, resolved, until, again)
    return found


def _one(
    change: int, dues: Sequence[int], misses: Sequence[int], resolved: Sequence[int], as_of: int, again: bool
) -> Observed:
    """The observation after one change, as it stands at `as_of`."""
    at = bisect_left(dues, change + 1)
    start = dues[at] if at < len(dues) else change
    missed: int | None = None
    while True:
        until = _end(start, dues)
        miss = next((day for day in misses if start < day <= min(until, as_of) and day != missed), None)
        if miss is not None:
            start = missed = miss
        elif until > as_of:
            return Observed(True, until, missed, again)
        elif any(change < day <= until for day in resolved):
            return Observed(False, until, missed, again)
        else:
            start = until


def _end(start: int, dues: Sequence[int]) -> int:
    """A year and two periods after `start`, the later; a year after 29 February is 28 February."""
    day = _EPOCH + timedelta(days=start)
    leap = day.month == 2 and day.day == 29
    year = (day.replace(year=day.year + 1, day=28 if leap else day.day) - _EPOCH).days
    at = bisect_left(dues, start) + PERIODS
    return max(year, dues[at]) if at < len(dues) else year
