"""When the lender comes to know a row: the same or the next day, a few of them days or weeks later."""

from __future__ import annotations

import numpy as np

from book.sources.simulate.draws import Bools, Draws, Ints
from book.sources.simulate.plan import Calendar, Plan

LATEST_DAYS = 20
_SECOND = 1_000_000
_HOUR = 3600 * _SECOND
_DAY = 24 * _HOUR


def posted(plan: Plan, calendar: Calendar, draws: Draws, day: Ints, most_days: int = LATEST_DAYS) -> Ints:
    """Posting moments (UTC microseconds) of rows true of `day`.

    Most are posted from 9 to 24 o'clock of the day, one in seven in the next night's run;
    `plan.late_share` of them 1 to `most_days` days late, the shorter delays more often.
    """
    n = len(day)
    kind, moment, delay = draws.uniform(n), draws.uniform(n), draws.uniform(n)
    overnight, late = kind > 0.86, kind < plan.late_share
    start = np.where(overnight, 24 * _HOUR + _HOUR // 2, 9 * _HOUR)
    length = np.where(overnight, 7 * 3600, 15 * 3600 - 1)
    days = np.where(late, 1 + np.floor(most_days * delay * delay).astype(np.int64), 0)
    seconds = np.floor(moment * length).astype(np.int64)
    return calendar.midnight(day) + start + days * _DAY + seconds * _SECOND


def in_extract(calendar: Calendar, day: Ints, posted_at: Ints) -> Bools:
    """True for rows that had happened and were known when the extract was taken."""
    return (day <= calendar.last_day) & (posted_at <= calendar.received_at)
