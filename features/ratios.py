"""Ratios by the convention of the catalogue: what a zero denominator means is settled once."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from features.measures import Values


def ratio(numerator: NDArray[Any], denominator: NDArray[Any], adverse: float) -> Values:
    """Numerator / denominator; over zero or less: `adverse` for a positive numerator, else NaN."""
    with np.errstate(divide="ignore", invalid="ignore"):
        plain = numerator / denominator
    bad = denominator <= 0
    return np.where(bad, np.where(numerator > 0, adverse, np.nan), plain)


def part(numerator: NDArray[Any], denominator: NDArray[Any]) -> Values:
    """Numerator / denominator; NaN where the denominator is not positive: nothing was there to be judged."""
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(denominator > 0, numerator / denominator, np.nan)


def change(now: NDArray[Any], before: NDArray[Any]) -> Values:
    """Now / before - 1; 10 where there is something now and was nothing before, NaN where there is nothing, (n,)."""
    with np.errstate(divide="ignore", invalid="ignore"):
        moved = now / before - 1
    return np.where(before == 0, np.where(now > 0, 10.0, np.nan), moved)
