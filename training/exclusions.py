"""Who is not asked at all: in default, closed, too young, with faulty data, dead or fraudulent, not on time."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from book.clock import end_of_day
from book.contract import TABLES
from book.tables import Tables
from features.standing import STATUSES

SCORED = STATUSES.index("scored")
OUT_OF_LIFE = "deceased_or_fraud"
NOT_ON_TIME = "not_on_time"
REASONS = (*(status for status in STATUSES if status != "scored"), OUT_OF_LIFE, NOT_ON_TIME)
_EVENTS = ("deceased", "fraud")


def excluded(
    tables: Tables,
    loan: NDArray[np.integer],
    as_of: NDArray[np.int32],
    status: NDArray[np.int8],
    timezone: str,
    asked: NDArray[np.bool_],
) -> tuple[NDArray[np.bool_], dict[str, int]]:
    """Which observations (n,) are left out, and how many by each of `REASONS`; the first that holds counts.

    `asked` (n,): the target asks about a loan with arrears such as these.
    """
    gone = _known_gone(tables, loan, as_of, timezone) & (status == SCORED)
    late = ~asked & (status == SCORED) & ~gone
    counts = {name: int(np.sum(status == code)) for code, name in enumerate(STATUSES) if code != SCORED}
    counts |= {OUT_OF_LIFE: int(np.sum(gone)), NOT_ON_TIME: int(np.sum(late))}
    return (status != SCORED) | gone | late, counts


def _known_gone(
    tables: Tables, loan: NDArray[np.integer], as_of: NDArray[np.int32], timezone: str
) -> NDArray[np.bool_]:
    """Loans with a death or fraud that had happened and was posted by the end of the as_of day."""
    if "loan_events" not in tables:
        return np.zeros(len(loan), bool)
    events = tables["loan_events"]
    choices = TABLES["loan_events"].column("event_type").choices
    rows = np.flatnonzero(np.isin(events["event_type"], [choices.index(name) for name in _EVENTS]))
    cutoff = end_of_day(as_of, timezone)
    gone = np.zeros(len(loan), bool)
    for row in rows:
        mine = loan == events["loan_id"][row]
        gone |= mine & (events["event_on"][row] <= as_of) & (events["posted_at"][row] <= cutoff)
    return gone
