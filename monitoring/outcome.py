"""What came of an observation: the only module that looks forward in time."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from book.clock import end_of_day, month_end, month_of, months_before
from book.contract import TABLES
from book.known import known
from book.settings import Settings
from book.tables import MISSING_DAY, Tables
from features.families.dpd import bucket
from features.history import History
from features.standing import STATUSES, standing
from monitoring.arrears import arrears_between
from monitoring.target import (
    CENSORED,
    CLOSED_GOOD,
    EVENT,
    GOOD_FULL,
    IMMATURE,
    INDETERMINATE,
    Target,
)
from monitoring.triggers import Triggers, core, triggers

Ints = NDArray[np.int32]
Codes = NDArray[np.int8]

CLOSED = STATUSES.index("closed")
_NO_DAY = int(np.iinfo(np.int32).max)
_NEVER = 1 << 24  # days past due that no loan reaches


@dataclass(frozen=True)
class Outcomes:
    """What came of n observations.

    `state` (n,) int8: position in `monitoring.target.STATES`; `y` (n,): 1 for an event, 0 for a non-event
    (also the indeterminate), NaN where censored or immature; `event_on` (n,): the day of default, MISSING_DAY
    without one.
    """

    state: Codes
    y: NDArray[np.float64]
    event_on: Ints


@dataclass(frozen=True)
class _Records:
    """All that is known at the end: tables, their triggers, and how they are read."""

    tables: Tables
    found: Triggers
    target: Target
    cutoff: int
    settings: Settings


def outcomes(
    tables: Tables,
    loan: NDArray[np.integer],
    as_of: NDArray[np.integer],
    target: Target,
    cutoff: int,
    settings: Settings,
) -> Outcomes:
    """The outcome of each loan (n,) performing at as_of (n,), as known at `cutoff` (UTC microseconds).

    The window is (as_of, as_of + horizon]; arrears that do not make an event leave a loan indeterminate, but a roll
    of the bucket is an event or it is not. Maturity belongs to the month of as_of: unless the whole month's
    horizon and the posting lag lie before the cut-off, all its rows are immature, those with an event too.
    """
    state = np.full(len(loan), IMMATURE, np.int8)
    event_on = np.full(len(loan), MISSING_DAY, np.int32)
    ripe = np.flatnonzero(mature(as_of, target, cutoff, settings.timezone))
    if len(ripe):
        records = _Records(tables, triggers(tables, target, settings, cutoff), target, cutoff, settings)
        loans, days = loan[ripe].astype(np.int32), as_of[ripe].astype(np.int32)
        alone = _states(records, loans, days)
        state[ripe], event_on[ripe] = _firms_as_one(records, loans, days, *alone)
    y = np.select([state == EVENT, (state == CENSORED) | (state == IMMATURE)], [1.0, np.nan], 0.0)
    return Outcomes(state, y, event_on)


def mature(as_of: NDArray[np.integer], target: Target, cutoff: int, timezone: str) -> NDArray[np.bool_]:
    """Whether the outcomes of the month of each as_of day can be known at the cut-off, same shape."""
    until = months_before(month_end(month_of(as_of)), -target.horizon)
    return end_of_day(until + np.int32(target.lag_days), timezone) <= cutoff


def _states(records: _Records, loan: Ints, as_of: Ints) -> tuple[Codes, Ints]:
    """States and event days of mature observations, each loan by itself; arrears count until the loan left."""
    target, found = records.target, records.found
    until = months_before(as_of, -target.horizon)
    history = _at_the_end(records, loan, until)
    sold_on = found.transfers.first_within(loan, as_of, until)
    left_on = _earlier(found.endings.first_within(loan, as_of, until), sold_on)
    seen_to = np.where(left_on == MISSING_DAY, until, left_on)
    worst, by_days = _arrears(target, history, as_of, seen_to)
    by_event = found.defaults.first_within(loan, as_of, until)
    event_on = _earlier(by_days, by_event)
    censored = (sold_on != MISSING_DAY) & ((event_on == MISSING_DAY) | (sold_on < event_on))
    event_on = np.where(censored, MISSING_DAY, event_on).astype(np.int32)
    closed = (left_on != MISSING_DAY) | (standing(history) == CLOSED)
    cases = [censored, event_on != MISSING_DAY, worst > 0, closed]
    state = np.select(cases, [CENSORED, EVENT, INDETERMINATE, CLOSED_GOOD], GOOD_FULL)
    return state.astype(np.int8), event_on


def _arrears(target: Target, history: History, as_of: Ints, until: Ints) -> tuple[NDArray[np.int64], Ints]:
    """Worst arrears in (as_of, until] that leave a loan indeterminate, and the day they make an event, both (n,)."""
    if target.kind != "roll":
        return arrears_between(history, as_of, until, _NEVER if target.over is None else target.over)
    now, then = (arrears_between(history, day - np.int32(1), day, _NEVER)[0] for day in (as_of, until))
    worse = bucket(then.astype(float)) > bucket(now.astype(float))
    return np.zeros(len(as_of), np.int64), np.where(worse, until, MISSING_DAY).astype(np.int32)


def _earlier(one: Ints, other: Ints) -> Ints:
    """The earlier of two days where both are known, else the known one."""
    both = (one != MISSING_DAY) & (other != MISSING_DAY)
    return np.where(both, np.minimum(one, other), np.maximum(one, other)).astype(np.int32)


def _at_the_end(records: _Records, loan: Ints, day: Ints) -> History:
    """The loans on a day, with all that was known at the cut-off."""
    cutoff = np.full(len(loan), records.cutoff, np.int64)
    return History(known(core(records.tables), loan, day, cutoff), records.settings)


def _firms_as_one(records: _Records, loan: Ints, as_of: Ints, state: Codes, event_on: Ints) -> tuple[Codes, Ints]:
    """States and event days where a firm that is not micro or small defaults as a whole, by its first event."""
    tables, state, event_on = records.tables, state.copy(), event_on.copy()
    borrower_of = tables.borrower_of
    firms = np.flatnonzero(_whole_firm(tables)[loan])
    for day in np.unique(as_of[firms]):
        rows = firms[as_of[firms] == day]
        siblings = np.flatnonzero(np.isin(borrower_of, borrower_of[loan[rows]])).astype(np.int32)
        came, on = _states(records, siblings, np.full(len(siblings), day, np.int32))
        first = np.full(len(tables.borrower_ids), _NO_DAY, np.int32)
        np.minimum.at(first, borrower_of[siblings[came == EVENT]], on[came == EVENT])
        struck = rows[first[borrower_of[loan[rows]]] != _NO_DAY]
        state[struck], event_on[struck] = EVENT, first[borrower_of[loan[struck]]]
    return state, event_on


def _whole_firm(tables: Tables) -> NDArray[np.bool_]:
    """Loans of firms stated to be larger than micro or small, shape (n_loans,)."""
    loans, declared = tables["loans"], TABLES["loans"]
    firm = loans["borrower_type"] == declared.column("borrower_type").choices.index("firm")
    if "firm_size" not in loans:
        return np.zeros(len(loans), bool)
    return firm & (loans["firm_size"] == declared.column("firm_size").choices.index("other"))
