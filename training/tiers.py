"""Tiers as models are compared by: the PD alone, floors and earlier tiers aside."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from policy.pack import Pack


def tier_by_pd(pd: NDArray[np.float64], pack: Pack) -> NDArray[np.intp]:
    """Position in `pack.tiers` of each PD (n,)."""
    edges = [one.upper or 1.0 for one in pack.tiers]
    return np.searchsorted(np.array(edges[:-1]), pd, side="right")
