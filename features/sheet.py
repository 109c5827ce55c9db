"""Columns worked out, held to their bounds and rounded to float32: the last step before the matrix."""

from __future__ import annotations

from typing import Any

import numba as nb
import numpy as np
from numpy.typing import NDArray

from features.feature import FeatureColumn
from features.history import History

Floats = NDArray[np.float32]
FEW = 256
"""Up to so many observations columns are held together: of one loan a call for each costs more than its work."""


class Sheet:
    """Columns of a catalogue and their bounds, ready to be worked out again and again."""

    def __init__(self, columns: tuple[FeatureColumn, ...]) -> None:
        self.formulas = [(c.compute, (c.span,) if c.span else ()) for c in columns]
        self.bounds = np.array([c.bounds for c in columns], np.float32).reshape(-1, 2)

    def values(self, h: History) -> Floats:
        """Values of all columns, float32 (k, n) in C order; NaN = not observed."""
        out = np.empty((len(self.formulas), h.n), np.float32)
        if h.n <= FEW:
            together = np.empty(out.shape)
            for j, (compute, span) in enumerate(self.formulas):
                together[j] = compute(h, *span)
            _hold_all(together, self.bounds, out)
            return out
        for j, (compute, span) in enumerate(self.formulas):
            found = np.asarray(compute(h, *span), np.float64)
            _hold(found if found.shape == (h.n,) else np.broadcast_to(found, h.n), self.bounds[j], out[j])
        return out


@nb.njit(
    [f"void({kind}, float32[::1], float32[::1])" for kind in ("float64[::1]", "Array(float64, 1, 'A', readonly=True)")],
    cache=True, nogil=True,
)  # fmt: skip
def _hold(values: Any, bounds: Any, out: Any) -> None:
    """Round to float32 and hold to the bounds; one bit pattern for "not observed", however it arose."""
    low, high, unknown = bounds[0], bounds[1], np.float32(np.nan)
    for i in range(len(values)):
        value = np.float32(values[i])
        held = value if value > low else low
        held = held if held < high else high
        out[i] = held if value == value else unknown


@nb.njit("void(float64[:,::1], float32[:,::1], float32[:,::1])", cache=True, nogil=True)
def _hold_all(values: Any, bounds: Any, out: Any) -> None:
    """The same of all columns at once (k, n)."""
    for j in range(len(values)):
        _hold(values[j], bounds[j], out[j])


@nb.njit("float32[:,::1](float32[:,::1])", cache=True, nogil=True)
def rows_of(columns: Any) -> Any:
    """The transpose, in C order; worked in blocks that stay in the processor's cache."""
    k, n = columns.shape
    out = np.empty((n, k), np.float32)
    for start in range(0, n, 64):
        stop = min(start + 64, n)
        for j in range(k):
            for i in range(start, stop):
                out[i, j] = columns[j, i]
    return out
