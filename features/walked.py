"""The walk over all units at once, with room for what it writes: one compiled call."""

from __future__ import annotations

from typing import Any

import numba as nb
import numpy as np

from features.accounts import Fees, Judged, Money, Plan, Schedule, Spells
from features.settle import walk

Ints = Any


@nb.njit(cache=True, nogil=True)
def _room(size: Ints) -> Ints:
    """Places for `size` (n,) rows of each unit, one unit after the other, (n, 2)."""
    at = np.empty((len(size), 2), np.int64)
    total = 0
    for u in range(len(size)):
        at[u, 0] = total
        total += size[u]
        at[u, 1] = total
    return at


@nb.njit(cache=True, nogil=True)
def _space(lines: int, at: Ints) -> Ints:
    """Rows of zeros for all units, (lines, n_rows)."""
    return np.zeros((lines, at[-1, 1] if len(at) else 0), np.int64)


@nb.njit(cache=True, nogil=True)
def walk_all(
    rows: Ints, rows_at: Ints, starts: Ints, versions: Ints, paid: Ints, paid_at: Ints, charged: Ints, charged_at: Ints,
    tolerance: int, share: float,
) -> tuple[Ints, Ints, Ints, Ints, Ints, Ints, Ints]:  # fmt: skip
    """Settle every unit. Lines of `rows` are the columns of `Schedule` from `number` on, those of `paid` and `charged`
    of `Money` and `Fees` from `on`; `*_at` (n_units, 2) are each unit's rows in them.

    Returns lines as `Judged`, `Spells` and `Plan` name them, each followed by its ranges, and the money that has met
    dues after each row of `paid`.
    """
    n_rows = rows_at[:, 1] - rows_at[:, 0]
    judged_at, spells_at, plan_at = _room(n_rows), _room((n_rows + 1) * versions), _room(n_rows * versions)
    judged, spells, plan = _space(8, judged_at), _space(3, spells_at), _space(4, plan_at)
    met = np.zeros(paid.shape[1], np.int64)
    walk(
        Schedule(
            rows_at[:, 0], rows_at[:, 1], starts, rows[0], rows[1], rows[2], rows[3], rows[4], rows[5], rows[6],
        ),
        Money(paid_at[:, 0], paid_at[:, 1], paid[0], paid[1], paid[2]),
        Fees(charged_at[:, 0], charged_at[:, 1], charged[0], charged[1]),
        tolerance, share, judged_at,
        Judged(judged[0], judged[1], judged[2], judged[3], judged[4], judged[5], judged[6], judged[7]),
        spells_at, Spells(spells[0], spells[1], spells[2]), plan_at, Plan(plan[0], plan[1], plan[2], plan[3]), met,
    )  # fmt: skip
    return judged, judged_at, spells, spells_at, plan, plan_at, met
