"""Where a loan stands on a date: in default, closed, or fit to be scored."""

from __future__ import annotations

from typing import Any

import numba as nb
import numpy as np
from numpy.typing import NDArray

from book.clock import months_after
from features.distress import Dated, helped, seen
from features.faults import faulty
from features.history import History
from features.ledger import among
from features.principal import revolving
from features.totals import within

STATUSES = ("scored", "in_default", "closed", "insufficient_history", "data_fault")
CLOSING = ("closed", "prepaid", "sold", "compensation")
CURE_MONTHS = 3
RESTRUCTURE_MONTHS = 12
MIN_MOB = 3
_NEVER = 1 << 24
Bools = NDArray[np.bool_]
Ints = Any


@nb.njit(cache=True, nogil=True)
def _in_default(
    first: Ints, last: Ints, due_on: Ints, cured_on: Ints, spells_at: Ints, unit: Ints,
    event_on: Ints, free_on: Ints, events_at: Ints, events_of: Ints, day: Ints, threshold: int,
) -> tuple[Ints, Ints]:  # fmt: skip
    """Whether each observation is in default on `day`, and the day the default it is in began (-1: none).

    Spells and trigger events are walked in order of day. `cured_on` is the first day on which a spell that ended would
    be cured, `free_on` the same for an event.
    """
    n = len(unit)
    bad, since = np.zeros(n, np.bool_), np.full(n, -1, np.int64)
    for i in range(n):
        q, e = spells_at[unit[i], 0], events_at[events_of[i], 0]
        free = np.int64(-_NEVER)
        while True:
            has_spell = q < spells_at[unit[i], 1] and first[q] <= day[i]
            has_event = e < events_at[events_of[i], 1] and event_on[e] <= day[i]
            if not has_spell and not has_event:
                break
            if has_event and (not has_spell or event_on[e] <= first[q]):
                if not bad[i] or free < event_on[e]:
                    since[i] = event_on[e]
                bad[i] = True
                free = max(free, free_on[e])
                e += 1
                continue
            if last[q] >= first[q]:
                if bad[i] and free < first[q]:
                    bad[i] = False
                    since[i] = -1
                end = min(last[q], day[i])
                if not bad[i] and end - due_on[q] > threshold:
                    bad[i] = True
                    since[i] = due_on[q] + threshold + 1
                free = max(free, cured_on[q] if last[q] <= day[i] else np.int64(_NEVER))
            q += 1
        if bad[i] and day[i] >= free:
            bad[i] = False
            since[i] = -1
    return bad, since


def _triggers(
    h: History,
) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]:
    """Trigger days of every observation, the first day each would be cured on, ranges, and whose range is whose."""
    forborne, paid = helped(h)
    found = [
        _named(h),
        (*_restructured(h, forborne), forborne.day),
        (paid.at, months_after(paid.day, CURE_MONTHS), paid.day),
    ]
    at, free, day = (np.concatenate([one[k] for one in found]).astype(np.int64) for k in range(3))
    order = np.lexsort((day, at))
    edges = np.searchsorted(at[order], np.arange(h.n + 1))
    return day[order], free[order], np.stack([edges[:-1], edges[1:]], axis=1), np.arange(h.n)


def _named(h: History) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]:
    """Events that are a default by the settings or by their own mark: observations, first day of cure, day."""
    rows = h.rows("loan_events")
    if rows is None:
        none = np.zeros(0, np.int64)
        return none, none, none
    kind = rows["event_type"]
    named = among(kind, "loan_events", "event_type", *h.settings.default_events)
    distressed = among(kind, "loan_events", "event_type", "restructure")
    distressed = distressed & (rows["distressed"] == 1) if "distressed" in rows else np.zeros(len(kind), bool)
    final = named & among(kind, "loan_events", "event_type", "write_off")
    found = seen(h, "loan_events", "event_on", named | distressed)
    months = np.where(
        distressed[found.row], months_after(found.day, RESTRUCTURE_MONTHS), months_after(found.day, CURE_MONTHS)
    )
    return found.at, np.where(final[found.row], _NEVER, months), found.day


def _restructured(h: History, forborne: Dated) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Observations and first day of cure of loans forborne in trouble: a restructuring takes a year."""
    if not len(forborne.at):
        return forborne.at, forborne.day
    kind = h.dossiers.tables["loan_events"]["event_type"][forborne.row]
    year = among(kind, "loan_events", "event_type", "restructure")
    free = [months_after(forborne.day, months) for months in (RESTRUCTURE_MONTHS, CURE_MONTHS)]
    return forborne.at, np.where(year, *free)


def in_default(h: History) -> tuple[Bools, NDArray[np.int64]]:
    """Whether each observation is in default at as_of, (n,), and since which day (-1: not in default)."""
    book = h.ledger
    cured_on = np.full(len(book.spells.last), _NEVER, np.int64)
    ended = within(book.spells_at)
    ended = ended[book.spells.last[ended] <= 1 << 20]
    cured_on[ended] = months_after(book.spells.last[ended], CURE_MONTHS)
    threshold = h.settings.default_dpd if h.settings.default_dpd is not None else _NEVER * 2
    events = _triggers(h)
    return _in_default(*book.spells, cured_on, book.spells_at, book.unit, *events, h.as_of, threshold)


def closed(h: History) -> Bools:
    """Whether each loan is closed at as_of by an event, or because nothing is left to pay, (n,).

    A revolving loan is closed by an event only.
    """
    plan = h.plan
    slack = np.maximum(h.settings.tolerance, 0)
    nothing_left = (plan.due_in_all > 0) & (plan.last_due_on < h.as_of) & (h.dpd_now == 0) & ~revolving(h)
    nothing_left &= plan.due_in_all - h.met <= np.maximum(slack, h.settings.tolerance_share * plan.due_in_all)
    rows = h.rows("loan_events")
    if rows is None:
        return np.asarray(nothing_left)
    closing = among(rows["event_type"], "loan_events", "event_type", *CLOSING)
    return np.asarray(nothing_left | (h.dated("loan_events", "event_on").so_far(closing) > 0))


def standing(h: History) -> NDArray[np.int8]:
    """The status of each observation as a position in STATUSES, (n,)."""
    from features.families.exposure import months_on_book

    nothing_due = h.judged.position[:, -1] <= h.judged.first
    status = np.where((months_on_book(h) < MIN_MOB) | nothing_due, STATUSES.index("insufficient_history"), 0)
    status = np.where(faulty(h), STATUSES.index("data_fault"), status)
    status = np.where(h.once(closed), STATUSES.index("closed"), status)
    return np.where(in_default(h)[0], STATUSES.index("in_default"), status).astype(np.int8)
