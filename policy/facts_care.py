"""Facts of care: what named persons found, which tasks were done, and what is open."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from book.tables import MISSING_DAY
from features.history import History
from features.ledger import among
from policy.rows import Bools, Floats, Int, each, flag, kind_ever, kind_since, latest, unknown

ASSESSED_MONTHS = 6
HARDSHIP_MONTHS = 6
_FINDINGS = (
    "use_finding", "evasion_finding", "operational_finding", "credit_enhancement", "eligible_renewal", "rating_slump",
    "ability_assessed",
)  # fmt: skip
_EVENTS = ("loan_events", "event_on", "event_type")


def care_facts(h: History, oldest_unpaid: Int) -> dict[str, Floats]:
    """Every fact of group `care` in `facts.toml`, each (n,); `oldest_unpaid` (n,) due day, as_of where none is."""
    return {
        **_findings(h, oldest_unpaid),
        **_tasks(h),
        "hardship": flag(kind_since(h, *_EVENTS, ("hardship",), h.back(HARDSHIP_MONTHS))),
        "complaint_open": _complaint(h),
    }


def _findings(h: History, oldest_unpaid: Int) -> dict[str, Floats]:
    """Whether named persons found this or that, ever, in the present arrears or lately."""
    if h.rows("findings") is None:
        return dict.fromkeys(_FINDINGS, unknown(h))
    return {
        "use_finding": _found(h, "use_of_funds"),
        "evasion_finding": _found(h, "evasion"),
        "operational_finding": flag(_found_since(h, "technical_overdue", oldest_unpaid - 1)),
        "credit_enhancement": _found(h, "credit_enhancement"),
        "eligible_renewal": _found(h, "eligible_renewal"),
        "rating_slump": _found(h, "rating_slump"),
        "ability_assessed": flag(_found_since(h, "ability_assessed", h.back(ASSESSED_MONTHS))),
    }


def _found(h: History, kind: str) -> Floats:
    return flag(kind_ever(h, "findings", "found_on", "kind", kind))


def _found_since(h: History, kind: str, after: NDArray[Any]) -> Floats:
    return kind_since(h, "findings", "found_on", "kind", (kind,), after)


def _tasks(h: History) -> dict[str, Floats]:
    """Tasks by their due day: whether the first check is done, how long reviews are overdue, age of reconciliation."""
    rows = h.rows("tasks")
    names = ("first_check_done", "review_overdue_days", "days_since_reconciliation")
    if rows is None:
        return dict.fromkeys(names, unknown(h))
    series = h.dated("tasks", "due_on")
    done_on = rows["done_on"].astype(np.int64)
    checked = among(rows["kind"], "tasks", "kind", "first_check") & (done_on != MISSING_DAY)
    reconciled = latest(series, among(rows["kind"], "tasks", "kind", "reconciliation") & (done_on != MISSING_DAY))
    last = np.where(reconciled >= 0, np.append(done_on, 0)[reconciled], h.of_loan("disbursed_on"))
    return {
        names[0]: (series.so_far(checked) > 0).astype(float),
        names[1]: _overdue(h, among(rows["kind"], "tasks", "kind", "review", "site_visit") & (done_on == MISSING_DAY)),
        names[2]: np.maximum(h.as_of - last, 0).astype(float),
    }


def _overdue(h: History, is_open: Bools) -> Floats:
    """Days since the earliest open task was due; 0 where none is open."""
    series = h.dated("tasks", "due_on")
    place = series.find(is_open)
    day = np.append(series.days, 0)[np.where(place >= 0, series.first + place, -1)]
    return np.where(place >= 0, h.as_of - day, 0).astype(float)


def _complaint(h: History) -> Floats:
    """1 where a complaint has begun and not ended; NaN without the table."""
    rows = h.rows("complaints")
    if rows is None:
        return unknown(h)
    row, of = each(h.dated("complaints", "from"))
    is_open = (rows["to"][row] == MISSING_DAY) | (rows["to"][row] >= h.as_of[of])
    return (np.bincount(of, is_open, minlength=h.n) > 0).astype(float)
