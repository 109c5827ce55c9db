"""One loan's instalments by two states of knowledge: what was known then, and what is known now."""

from __future__ import annotations

from collections.abc import Sequence

from features.history import History
from reports.loan.view import InstalmentView, Twice


def instalments_of(h: History, i: int) -> tuple[InstalmentView, ...]:
    """The judged instalments of observation `i`, oldest first; days late are not known where the source has months."""
    by_month = h.settings.precision == "month"
    return tuple(
        InstalmentView(one.no, one.due_on, one.due, one.paid, one.settled_on, None if by_month else one.days_late)
        for one in h.timeline(i)
    )


def twice(then: tuple[History, int], now: tuple[History, int]) -> Twice:
    """The instalments of two observations of the same loan and day with two cut-offs, paired by number and due date."""
    sides = [instalments_of(*one) for one in (then, now)]
    cutoffs = [int(h.dossiers.cutoff[h.dossiers.moment[i]]) for h, i in (then, now)]
    return Twice(int(then[0].as_of[then[1]]), cutoffs[0], cutoffs[1], _pairs(*sides))


def _pairs(
    then: Sequence[InstalmentView], now: Sequence[InstalmentView]
) -> tuple[tuple[InstalmentView | None, InstalmentView | None], ...]:
    known = {(one.no, one.due_on): one for one in then}
    later = {(one.no, one.due_on): one for one in now}
    keys = sorted({*known, *later}, key=lambda key: (key[1], key[0]))
    return tuple((known.get(key), later.get(key)) for key in keys)
