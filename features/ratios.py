"""Ratios by the convention of the catalogue: what a zero denominator means is settled once."""

from __future__ import annotations

from typing import Any

import numba as nb
import numpy as np
from numpy.typing import NDArray

from features.measures import Values

_FLOAT = np.dtype(np.float64)
_PAIRS = "float64[:](float64[:], float64[:])"


def ratio(numerator: NDArray[Any], denominator: NDArray[Any], adverse: float) -> Values:
    """Numerator / denominator; over zero or less: `adverse` for a positive numerator, else NaN; (n,)."""
    return _ratio(_floats(numerator), _floats(denominator), adverse)


def part(numerator: NDArray[Any], denominator: NDArray[Any]) -> Values:
    """Numerator / denominator; NaN where the denominator is not positive: nothing was there to be judged; (n,)."""
    return _part(_floats(numerator), _floats(denominator))


def change(now: NDArray[Any], before: NDArray[Any]) -> Values:
    """Now / before - 1; 10 where there is something now and was nothing before, NaN where there is nothing, (n,)."""
    return _change(_floats(now), _floats(before))


def _floats(values: NDArray[Any]) -> Values:
    return values if values.dtype == _FLOAT else values.astype(np.float64)


@nb.njit("float64[:](float64[:], float64[:], float64)", cache=True, nogil=True, error_model="numpy")
def _ratio(numerator: Any, denominator: Any, adverse: float) -> Any:
    out = np.empty(len(numerator))
    for i in range(len(out)):
        if denominator[i] <= 0:
            out[i] = adverse if numerator[i] > 0 else np.nan
        else:
            out[i] = numerator[i] / denominator[i]
    return out


@nb.njit(_PAIRS, cache=True, nogil=True, error_model="numpy")
def _part(numerator: Any, denominator: Any) -> Any:
    out = np.empty(len(numerator))
    for i in range(len(out)):
        out[i] = numerator[i] / denominator[i] if denominator[i] > 0 else np.nan
    return out


@nb.njit(_PAIRS, cache=True, nogil=True, error_model="numpy")
def _change(now: Any, before: Any) -> Any:
    out = np.empty(len(now))
    for i in range(len(out)):
        if before[i] == 0:
            out[i] = 10.0 if now[i] > 0 else np.nan
        else:
            out[i] = now[i] / before[i] - 1
    return out
