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
from features.history import History
from features.standing import STATUSES, standing
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

CLOSED = STATUSES.index("closed")


@dataclass(frozen=True)
class Outcomes:
    """What came of n observations.

    `state` (n,) int8: position in `monitoring.target.STATES`; `y` (n,): 1 for an event, 0 for a non-event
    (also the indeterminate), NaN where censored or immature; `event_on` (n,): the day of default, MISSING_DAY
    without one.
    """

    state: NDArray[np.int8]
    y: NDArray[np.float64]
    event_on: Ints


def outcomes(
    tables: Tables,
    loan: NDArray[np.integer],
    as_of: NDArray[np.integer],
    target: Target,
    cutoff: int,
    settings: Settings,
) -> Outcomes:
    """The outcome of each loan (n,) performing at as_of (n,), as known at `cutoff` (UTC microseconds).

    The window is (as_of, as_of + horizon]. Maturity belongs to the month of as_of: unless the whole month's
    horizon and the posting lag lie before the cut-off, all its rows are immature, those with an event too.
    """
    loan, as_of = np.asarray(loan, np.int32), np.asarray(as_of, np.int32)
    state = np.full(len(loan), IMMATURE, np.int8)
    event_on = np.full(len(loan), MISSING_DAY, np.int32)
    ripe = np.flatnonzero(mature(as_of, target, cutoff, settings.timezone))
    if len(ripe):
        found = triggers(tables, target, settings, cutoff)
        state[ripe], event_on[ripe] = _states(
            tables, loan[ripe], as_of[ripe], target, cutoff, settings, found
        )
        _firms_as_one(tables, loan, as_of, ripe, state, event_on, (target, cutoff, settings, found))
    y = np.select([state == EVENT, (state == CENSORED) | (state == IMMATURE)], [1.0, np.nan], 0.0)
    return Outcomes(state, y, event_on)


def mature(as_of: NDArray[np.integer], target: Target, cutoff: int, timezone: str) -> NDArray[np.bool_]:
    """Whether the outcomes of the month of each as_of day can be known at the cut-off, same shape."""
    until = months_before(month_end(month_of(as_of)), -target.horizon)
    return end_of_day(until + np.int32(target.lag_days), timezone) <= cutoff


def _states(
    tables: Tables, loan: Ints, as_of: Ints, target: Target, cutoff: int, settings: Settings, found: Triggers
) -> tuple[NDArray[np.int8], Ints]:
    """States and event days of mature observations, each loan by itself."""
    until = months_before(as_of, -target.horizon)
    history = History(known(core(tables), loan, until, np.full(len(loan), cutoff, np.int64)), settings)
    by_days = _default_by_days(history, until, target)
    by_event = found.defaults.first_within(loan, as_of, until)
    event_on = _earlier(by_days, by_event)
    sold_on = found.transfers.first_within(loan, as_of, until)
    left = (sold_on != MISSING_DAY) & ((event_on == MISSING_DAY) | (sold_on < event_on))
    event_on = np.where(left, MISSING_DAY, event_on).astype(np.int32)
    late = history.dpd_peak.last(target.horizon).max() > 0
    closed = standing(history) == CLOSED
    cases = [left, event_on != MISSING_DAY, late, closed]
    state = np.select(cases, [CENSORED, EVENT, INDETERMINATE, CLOSED_GOOD], GOOD_FULL)
    return state.astype(np.int8), event_on


def _default_by_days(history: History, until: Ints, target: Target) -> Ints:
    """The first day with more than `target.dpd` days past due in the window, MISSING_DAY without one.

    Exact where arrears still run at the end of that month, else the end of the month.
    """
    if target.dpd is None:
        return np.full(len(until), MISSING_DAY, np.int32)
    peak = history.dpd_peak.last(target.horizon).values
    over = peak > target.dpd
    first = np.argmax(over, axis=1)
    rows = np.arange(len(until))
    edge = months_before(until, (target.horizon - 1 - first).astype(np.int32))
    running = history.dpd_end.last(target.horizon).values[rows, first] - target.dpd - 1
    day = edge - np.where(running > 0, running, 0).astype(np.int32)
    return np.where(over[rows, first], day, MISSING_DAY).astype(np.int32)


def _earlier(one: Ints, other: Ints) -> Ints:
    """The earlier of two days where both are known, else the known one."""
    both = (one != MISSING_DAY) & (other != MISSING_DAY)
    return np.where(both, np.minimum(one, other), np.maximum(one, other)).astype(np.int32)


def _firms_as_one(
    tables: Tables,
    loan: Ints,
    as_of: Ints,
    ripe: NDArray[np.intp],
    state: NDArray[np.int8],
    event_on: Ints,
    asked: tuple[Target, int, Settings, Triggers],
) -> None:
    """A firm that is not micro or small defaults as a whole: an event of one loan is one of all, in place."""
    target, cutoff, settings, found = asked
    rows = ripe[_whole_firm(tables)[loan[ripe]]]
    if not len(rows):
        return
    borrower_of = tables.borrower_of
    for day in np.unique(as_of[rows]):
        today = rows[as_of[rows] == day]
        siblings = np.flatnonzero(np.isin(borrower_of, borrower_of[loan[today]])).astype(np.int32)
        days = np.full(len(siblings), day, np.int32)
        states, events = _states(tables, siblings, days, target, cutoff, settings, found)
        hit = np.flatnonzero(states == EVENT)
        hit = hit[np.argsort(events[hit], kind="stable")]
        firm, first = np.unique(borrower_of[siblings[hit]], return_index=True)
        at = np.minimum(np.searchsorted(firm, borrower_of[loan[today]]), max(len(firm) - 1, 0))
        if len(firm):
            struck = firm[at] == borrower_of[loan[today]]
            state[today[struck]] = EVENT
            event_on[today[struck]] = events[hit][first[at[struck]]]


def _whole_firm(tables: Tables) -> NDArray[np.bool_]:
    """Loans of firms stated to be larger than micro or small, shape (n_loans,)."""
    loans, declared = tables["loans"], TABLES["loans"]
    firm = loans["borrower_type"] == declared.column("borrower_type").choices.index("firm")
    if "firm_size" not in loans:
        return np.zeros(len(loans), bool)
    return firm & (loans["firm_size"] == declared.column("firm_size").choices.index("other"))
