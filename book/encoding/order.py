"""Sorting orders, found quickly where rows are in order already or the keys are small."""

from __future__ import annotations

from typing import Any

import numba as nb
import numpy as np
from numpy.typing import NDArray

_BITS = 63
_IN_ORDER, _FOUND, _MIXED = 0, 1, 2
_GIVEN = nb.types.Array(nb.int32, 1, "C", readonly=True)


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


def by_owner(owner: NDArray[np.int32], days: NDArray[np.int32], first_day: int) -> NDArray[np.intp] | None:
    """The stable sorting order by owner (-1 or more), then day (n,); None where rows are in order already.

    Days before `first_day` count as that day. Quick where each owner's rows are in order of their days.
    """
    order = np.zeros(len(owner), np.int64)
    owner, days = np.ascontiguousarray(owner), np.ascontiguousarray(days)
    found = _by_owner(owner, days, first_day, np.zeros(int(owner.max(initial=-1)) + 3, np.int64), order)
    if found == _MIXED:
        return ranked(owner.astype(np.int64) * (1 << 20) + (np.maximum(days.astype(np.int64), first_day) - first_day))
    return order if found == _FOUND else None


@nb.njit([nb.int64(_GIVEN, _GIVEN, nb.int64, nb.int64[::1], nb.int64[::1])], cache=True, nogil=True)
def _by_owner(owner: Any, days: Any, first_day: int, ends: Any, order: Any) -> int:
    """Fill `order`, like `ends` of zeros: a place for each owner, one for the missing, one more.

    A place of `order` not yet filled says row 0, whose own place is filled first.
    """
    n, sorted_so_far = len(owner), True
    for i in range(n):
        ends[owner[i] + 2] += 1
        if i and sorted_so_far:
            step = owner[i] - owner[i - 1]
            sorted_so_far = step > 0 or (step == 0 and max(days[i], first_day) >= max(days[i - 1], first_day))
    if sorted_so_far:
        return _IN_ORDER
    for k in range(1, len(ends)):
        ends[k] += ends[k - 1]
    for i in range(n):
        place = ends[owner[i] + 1]
        if place > 0:
            before = order[place - 1]
            if owner[before] == owner[i] and max(days[before], first_day) > max(days[i], first_day):
                return _MIXED
        order[place] = i
        ends[owner[i] + 1] = place + 1
    return _FOUND
