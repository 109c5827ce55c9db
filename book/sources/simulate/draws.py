"""Random draws that are the same bits on every machine.

Only uniform doubles of a counter-based generator (Philox) and the four basic operations are used; no
`exp`, `log` or library normals, whose last bit may differ between processors.
"""

from __future__ import annotations

from zlib import crc32

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]
_SQRT3 = 1.7320508075688772


class Draws:
    """A stream of draws that depends on seed, part and purpose, and on nothing drawn elsewhere."""

    def __init__(self, seed: int, part: int, purpose: str) -> None:
        sequence = np.random.SeedSequence([seed, part, crc32(purpose.encode())])
        self._generator = np.random.Generator(np.random.Philox(sequence))

    def uniform(self, *shape: int) -> Floats:
        """Uniform on [0, 1)."""
        return self._generator.random(shape)

    def between(self, low: float, high: float, *shape: int) -> Floats:
        """Uniform on [low, high)."""
        return low + (high - low) * self.uniform(*shape)

    def bell(self, *shape: int) -> Floats:
        """Bell-shaped with mean 0 and variance 1, within +-3.47 (the sum of four uniforms)."""
        total = self.uniform(*shape)
        for _ in range(3):
            total = total + self.uniform(*shape)
        return (total - 2.0) * _SQRT3

    def whole(self, low: int, high: int, *shape: int) -> Ints:
        """Whole numbers from `low` to `high`, both included."""
        return low + np.floor(self.uniform(*shape) * (high - low + 1)).astype(np.int64)

    def chance(self, probability: ArrayLike, *shape: int) -> Bools:
        """True with the given probability (one for all, or an array of `shape`)."""
        return self.uniform(*shape) < np.asarray(probability)

    def pick(self, shares: tuple[float, ...], *shape: int) -> Ints:
        """Positions drawn with the given shares."""
        edges = np.cumsum(np.asarray(shares, np.float64))
        position = np.searchsorted(edges, self.uniform(*shape) * edges[-1], side="right")
        return np.minimum(position, len(shares) - 1).astype(np.int64)


def grow(x: ArrayLike) -> Floats:
    """exp(x) for small x, by repeated squaring: (1 + x / 256) ** 256."""
    y = 1.0 + np.asarray(x, np.float64) / 256.0
    for _ in range(8):
        y = y * y
    return y


def cents(x: ArrayLike) -> Ints:
    """Money in minor units, rounded half to even."""
    return np.rint(np.asarray(x, np.float64)).astype(np.int64)
