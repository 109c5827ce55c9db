"""Champion and challenger side by side on the same loans, and the swap set: who changes tier, and what came of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from book.errors import Refusal
from monitoring.bootstrap import Interval, intervals, paired
from policy.pack import Pack
from training.tiers import tier_by_pd

Floats = NDArray[np.float64]

REPLICATES = 200


@dataclass(frozen=True)
class Swap:
    """Loans that the challenger puts elsewhere: tier by the champion, tier by the challenger, and what came of them.

    `champion_pd` and `challenger_pd` are means; where `rate` is nearer to the challenger's the move was right.
    """

    champion: str
    challenger: str
    rows: int
    events: int
    rate: float
    champion_pd: float
    challenger_pd: float


@dataclass(frozen=True)
class Comparison:
    """Both models on the same rows: figures with intervals, the gap in AUC, and the swap set, largest first.

    `worse` and `better` sum up the loans that the challenger puts in a worse and in a better tier.
    """

    champion: Mapping[str, Interval]
    challenger: Mapping[str, Interval]
    gap: Interval
    rows: int
    events: int
    same: int
    swaps: tuple[Swap, ...]
    worse: Swap
    better: Swap

    def plain(self) -> dict[str, Any]:
        """As plain data."""
        return asdict(self)


def compare(y: Floats, champion: Floats, challenger: Floats, borrower: NDArray[np.integer], pack: Pack) -> Comparison:
    """Two models on rows (n,) that both have scored; rows without one of the PDs are left out.

    Raises Refusal where no row has both.
    """
    both = np.isfinite(champion) & np.isfinite(challenger)
    if not both.any():
        raise Refusal("no loan has a score of both models; `loanwatch compare --book` measures and scores them anew")
    y, champion, challenger, borrower = y[both], champion[both], challenger[both], borrower[both]
    was, now = tier_by_pd(champion, pack), tier_by_pd(challenger, pack)
    names = [tier.code for tier in pack.tiers]
    pairs = sorted({(int(a), int(b)) for a, b in zip(was, now, strict=True) if a != b})
    swaps = [_swap(names[a], names[b], (was == a) & (now == b), y, champion, challenger) for a, b in pairs]
    return Comparison(
        champion=intervals(y, champion, borrower, REPLICATES),
        challenger=intervals(y, challenger, borrower, REPLICATES),
        gap=paired(y, challenger, champion, borrower, REPLICATES),
        rows=len(y),
        events=int(y.sum()),
        same=int(np.sum(was == now)),
        swaps=tuple(sorted(swaps, key=lambda one: (-one.rows, one.champion, one.challenger))),
        worse=_swap("", "worse", now > was, y, champion, challenger),
        better=_swap("", "better", now < was, y, champion, challenger),
    )


def _swap(was: str, now: str, rows: NDArray[np.bool_], y: Floats, champion: Floats, challenger: Floats) -> Swap:
    nothing = float("nan")
    means = [float(one[rows].mean()) if rows.any() else nothing for one in (y, champion, challenger)]
    return Swap(was, now, int(rows.sum()), int(y[rows].sum()), *means)
