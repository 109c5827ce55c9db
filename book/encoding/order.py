"""Sorting orders, found quickly where rows are in order already or the keys are small."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

_BITS = 63


def ranked(key: NDArray[np.int64]) -> NDArray[np.intp]:
    """The stable sorting order of whole numbers; where they and the positions fit in 63 bits, by one plain sort."""
    n = len(key)
    if n < 2 or bool((key[1:] >= key[:-1]).all()):
        return np.arange(n)
    low, high = int(key.min()), int(key.max())
    bits = (n - 1).bit_length()
    if (high - low).bit_length() + bits > _BITS:
        return np.argsort(key, kind="stable")
    packed = np.sort(((key - low) << bits) | np.arange(n))
    return packed & ((1 << bits) - 1)


def in_order(first: NDArray[np.integer], then: NDArray[np.integer]) -> NDArray[np.intp]:
    """The stable sorting order by `first`, then by `then`."""
    step = np.diff(first)
    if bool(((step > 0) | ((step == 0) & (then[1:] >= then[:-1]))).all()):
        return np.arange(len(first))
    return np.lexsort((then, first))
