"""From a PD to a grade and a tier: floors lift a tier at once, upgrades wait for clean months."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from book.clock import month_of
from features.standing import STATUSES
from policy.pack import Pack

Codes = NDArray[np.int8]
Flags = Mapping[str, NDArray[np.bool_]]

NO_TIER = -1
NO_FLOOR = -1
NO_MONTH = np.iinfo(np.int32).min
SCORED = STATUSES.index("scored")
IN_DEFAULT = STATUSES.index("in_default")


@dataclass(frozen=True)
class State:
    """What policy remembers of each loan, shape (n,): input of the next scoring, stored with the score.

    `tier` held; `clean`: clean months in a row at which a better tier was due; `offered`: the worst tier due
    in them; `month`: months since 1970 of the last scoring. A loan never scored before has `NO_TIER` and
    `NO_MONTH`.
    """

    tier: Codes
    clean: Codes
    offered: Codes
    month: NDArray[np.int32]

    @classmethod
    def none(cls, n: int) -> State:
        """The state of `n` loans that were never scored."""
        unknown = np.full(n, NO_TIER, np.int8)
        return cls(unknown, np.zeros(n, np.int8), unknown.copy(), np.full(n, NO_MONTH, np.int32))


@dataclass(frozen=True)
class Tiering:
    """Tiers, shape (n,): position in `pack.tiers`, `pack.d` for state D, `NO_TIER` for loans without a PD.

    `floor`: position in `pack.floors` of the floor that lifted the tier, `NO_FLOOR` where none did; `held`: a
    better tier was due but must wait for clean months; `state`: what the next scoring needs.
    """

    tier: Codes
    floor: Codes
    held: NDArray[np.bool_]
    state: State


def grade(pd: NDArray[np.float64], pack: Pack) -> Codes:
    """Position in `pack.grades` of each PD, -1 where it is NaN. An edge belongs to the worse grade."""
    return _step(pd, [step.upper for step in pack.grades])


def tier(
    pd: NDArray[np.float64],
    dpd: NDArray[np.integer],
    status: Codes,
    pack: Pack,
    *,
    as_of: NDArray[np.int32],
    flags: Flags | None = None,
    previous: State | None = None,
    covered: NDArray[np.bool_] | None = None,
) -> Tiering:
    """The tier of each loan; all arguments have shape (n,).

    `pd` is NaN but for status `scored`; `dpd` in days at `as_of` (days since 1970); `flags` are facts by the
    name a floor gives them (absent = not known to hold); `covered` says that the feeds were complete this
    month. Raises ValueError where a scored loan has no PD.
    """
    scored = status == SCORED
    if np.any(scored & ~((pd >= 0) & (pd <= 1))):
        raise ValueError(
            f"{int(np.sum(scored & ~((pd >= 0) & (pd <= 1))))} loans of status scored have no PD in [0, 1]"
        )
    due, floor = _lifted(_step(pd, [step.upper or 1.0 for step in pack.tiers]), dpd, pack, flags or {})
    clean = (dpd == 0) & (np.True_ if covered is None else covered)
    before = previous or State.none(len(pd))
    held, state = _slowly(due, before, clean, scored, month_of(as_of), pack)
    codes = np.where(scored, held, np.where(status == IN_DEFAULT, pack.d, NO_TIER)).astype(np.int8)
    state = State(
        np.where(codes == NO_TIER, before.tier, codes).astype(np.int8),
        state.clean,
        state.offered,
        state.month,
    )
    return Tiering(codes, np.where(scored, floor, NO_FLOOR).astype(np.int8), scored & (held > due), state)


def _step(pd: NDArray[np.float64], edges: list[float]) -> Codes:
    """The first step whose upper edge lies above the PD; the last takes 1.0 too."""
    steps = np.searchsorted(np.array(edges[:-1]), pd, side="right")
    return np.where(np.isnan(pd), -1, steps).astype(np.int8)


def _lifted(by_pd: Codes, dpd: NDArray[np.integer], pack: Pack, flags: Flags) -> tuple[Codes, Codes]:
    """Tier after floors, and the floor that set it (the first of the strongest)."""
    due, floor = by_pd.copy(), np.full(len(by_pd), NO_FLOOR, np.int8)
    for position, one in enumerate(pack.floors):
        holds = dpd > one.dpd_over if one.dpd_over is not None else flags.get(one.flag or "", np.zeros(len(dpd), bool))
        lifts = holds & (due < one.tier)
        due[lifts], floor[lifts] = one.tier, position
    return due, floor


def _slowly(
    due: Codes,
    before: State,
    clean: NDArray[np.bool_],
    scored: NDArray[np.bool_],
    month: NDArray[np.int32],
    pack: Pack,
) -> tuple[Codes, State]:
    """Worse at once; better once `clean_months` months in a row were clean, to the worst tier due in them.

    A second scoring in one month does not count as another month; a month left out breaks the row. Out of
    state D a loan starts from the worst tier.
    """
    last = np.minimum(before.tier, pack.d - 1)
    better = (last != NO_TIER) & (due < last)
    again, next_month = before.month == month, before.month == month - 1
    run = np.where(again, np.maximum(before.clean, 1), np.where(next_month, before.clean + 1, 1))
    run = np.where(better & clean & scored, run, 0)
    worst = np.where((again | next_month) & (before.clean > 0), np.maximum(before.offered, due), due)
    earned = run >= pack.clean_months
    held = np.where(better, np.where(earned, worst, last), due).astype(np.int8)
    waiting = (run > 0) & (held > due)
    state = State(
        held,
        np.where(waiting & ~earned, run, 0).astype(np.int8),
        np.where(waiting & ~earned, worst, NO_TIER).astype(np.int8),
        np.where(scored, month, before.month).astype(np.int32),
    )
    return held, state
