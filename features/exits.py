"""How and when a loan left the book, as known at as_of."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from book.tables import MISSING_DAY
from features.accounts import FAR
from features.history import History
from features.ledger import code
from features.standing import closed

EXITS = {
    "write_off": "WRITTEN_OFF",
    "sold": "SOLD",
    "compensation": "COMPENSATED",
    "prepaid": "PREPAID",
    "closed": "PAID",
}
"""Loan events that end a loan, and the state it is in from then on."""


STATES = ("", *EXITS.values())
"""The states of `exit_codes`; the first is that of a loan on the book."""


def exits(h: History) -> tuple[NDArray[Any], NDArray[np.int32]]:
    """The state each loan left the book in ("" while it is on it) and the day, MISSING_DAY while on it; both (n,)."""
    state, on = exit_codes(h)
    return np.array(STATES)[state], on


def exit_codes(h: History) -> tuple[NDArray[np.int8], NDArray[np.int32]]:
    """The state each loan left the book in as a position in STATES and the day, MISSING_DAY while on it; both (n,).

    By its first closing event or write-off; without one a loan with nothing left to pay is PAID on the day its last
    instalment was settled.
    """
    state = np.zeros(h.n, np.int8)
    on = np.full(h.n, np.iinfo(np.int32).max, np.int64)
    if h.rows("loan_events") is not None:
        _by_event(h, state, on)
    done = np.flatnonzero((state == 0) & h.once(closed))
    state[done] = STATES.index("PAID")
    on[done] = _last_settled(h)[done]
    return state, np.where(state == 0, MISSING_DAY, on).astype(np.int32)


def _by_event(h: History, state: NDArray[np.int8], on: NDArray[np.int64]) -> None:
    """Set the state and day of loans with an ending event; of several on one day the first of EXITS."""
    rows = h.dossiers.tables["loan_events"]
    series = h.dated("loan_events", "event_on")
    first, end = series.first, series.position[:, -1]
    count = np.maximum(end - first, 0)
    row = np.repeat(np.arange(h.n), count)
    place = np.arange(count.sum()) - np.repeat(np.cumsum(count) - count, count) + np.repeat(first, count)
    kind, day = rows["event_type"][place], rows["event_on"][place].astype(np.int64)
    for code_of_state, event in enumerate(EXITS, 1):
        hit = kind == code("loan_events", "event_type", event)[0]
        earliest = np.full(h.n, np.iinfo(np.int32).max, np.int64)
        np.minimum.at(earliest, row[hit], day[hit])
        sooner = earliest < on
        state[sooner], on[sooner] = code_of_state, earliest[sooner]


def _last_settled(h: History) -> NDArray[np.int64]:
    """The day the latest judged instalment was settled; as_of where the source does not say, (n,)."""
    settled = h.latest(h.ledger.judged.settled).values[:, -1]
    there = ~np.isnan(settled) & (settled < FAR)
    return np.where(there, np.minimum(np.where(there, settled, 0), h.as_of), h.as_of).astype(np.int64)
