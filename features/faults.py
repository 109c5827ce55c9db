"""Faults of the load, judged as they were known at each observation."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from book.clock import months_before
from features.history import History

Bools = NDArray[np.bool_]


def faulty(h: History) -> Bools:
    """Whether a row of the loan, known by the cut-off, was quarantined for a day of the last 12 months, (n,)."""
    extra = h.dossiers.extra
    if not len(extra.get("fault_loan", ())):
        return np.zeros(h.n, bool)
    entry, of = _pairs(h, extra["fault_loan"])
    on, as_of = extra["fault_on"][entry], h.as_of[of]
    hit = (on <= as_of) & (on > months_before(as_of, 12)) & (extra["fault_posted_at"][entry] <= _cutoff(h)[of])
    return np.bincount(of, hit, minlength=h.n) > 0


def mismatched(h: History) -> Bools:
    """Whether sums of the loan's source did not agree, as known at the cut-off, (n,)."""
    extra = h.dossiers.extra
    if not len(extra.get("mismatch_loan", ())):
        return np.zeros(h.n, bool)
    entry, of = _pairs(h, extra["mismatch_loan"])
    there = extra["mismatch_from"][entry] <= _cutoff(h)[of]
    entry, of = entry[there], of[there]
    order = np.lexsort((extra["mismatch_from"][entry], of))
    state = np.zeros(h.n, bool)
    state[of[order]] = extra["mismatch_state"][entry[order]]
    return state


def _cutoff(h: History) -> NDArray[np.int64]:
    return h.dossiers.cutoff[h.dossiers.moment]


def _pairs(h: History, loans: NDArray[np.int32]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Every (entry, observation) of the same loan; `loans` (k,) are the loans of the entries, in any order."""
    order = np.argsort(h.dossiers.loan, kind="stable")
    mine = h.dossiers.loan[order]
    first = np.searchsorted(mine, loans)
    count = np.searchsorted(mine, loans, side="right") - first
    entry = np.repeat(np.arange(len(loans)), count)
    return entry, order[np.repeat(first - np.cumsum(count) + count, count) + np.arange(count.sum())]
