"""Where a day lies among rows in order, for compiled loops."""

from __future__ import annotations

from typing import Any

import numba as nb

Ints = Any


@nb.njit(cache=True, nogil=True, inline="always")
def after(values: Ints, lo: int, hi: int, value: int) -> int:
    """The first place of [lo, hi) whose value is larger; `hi` where none is. `values` are in order there."""
    while lo < hi:
        middle = (lo + hi) >> 1
        if values[middle] <= value:
            lo = middle + 1
        else:
            hi = middle
    return lo
