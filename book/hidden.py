"""Rows that were not known yet: what a moment's view of a table leaves out of the rows ever known of an owner."""

from __future__ import annotations

from typing import Any, NamedTuple

import numba as nb
import numpy as np
from numpy.typing import NDArray

Int = NDArray[np.int64]
Ints = Any
_DAYS, _STAMPS = (f"Array({kind}, 1, 'A', readonly=True)" for kind in ("int32", "int64"))


class Hidden(NamedTuple):
    """What each private segment of a table leaves out: the rows [at[k], at[k + 1]) of `row`, in order.

    `row` are places in the shared rows. The segment has the `size[k]` shared rows from `first[k]` on, which happened by
    its as_of, but those.
    """

    first: Int
    size: Int
    at: Int
    row: Int

    @property
    def left(self) -> Int:
        """How many rows each private segment has."""
        return self.size - np.diff(self.at)

    def seen(self) -> Int:
        """Places in the shared rows of the rows of all private segments, one after the other."""
        return np.asarray(_seen(self.first, self.size, self.at, self.row))


NOTHING = Hidden(np.zeros(0, np.int64), np.zeros(0, np.int64), np.zeros(1, np.int64), np.zeros(0, np.int64))


def hidden_rows(
    private: Int, moments: Int, offsets: Int, event: NDArray[np.int32], late: Int, posted_at: Int
) -> Hidden:
    """What each key `private` (owner * n_moments + moment) does not see of its owner's rows in `offsets`, by event day.

    `moments` (2, n_moments) are as_of and cut-off, `late` the rows that may have been unknown, in order.
    """
    return Hidden(*_hidden(private, moments[0], moments[1], offsets, event, late, posted_at))


@nb.njit(
    f"UniTuple(int64[:], 4)(int64[:], {_STAMPS}, {_STAMPS}, int64[:], {_DAYS}, {_STAMPS}, {_STAMPS})",
    cache=True, nogil=True,
)  # fmt: skip
def _hidden(
    private: Ints, as_of: Ints, cutoff: Ints, offsets: Ints, event: Ints, late: Ints, posted_at: Ints
) -> tuple[Ints, Ints, Ints, Ints]:
    n, found, p = len(private), 0, 0
    first, size, at = np.empty(n, np.int64), np.empty(n, np.int64), np.zeros(n + 1, np.int64)
    row = np.empty(2 * n + 16, np.int64)
    for k in range(n):
        owner, moment = private[k] // len(as_of), private[k] % len(as_of)
        lo, hi = offsets[owner], offsets[owner + 1]
        first[k] = lo
        while lo < hi:
            middle = (lo + hi) >> 1
            if event[middle] <= as_of[moment]:
                lo = middle + 1
            else:
                hi = middle
        size[k] = lo - first[k]
        while p < len(late) and late[p] < first[k]:
            p += 1
        q = p
        while q < len(late) and late[q] < lo:
            if posted_at[late[q]] > cutoff[moment]:
                if found == len(row):
                    row = np.concatenate((row, np.empty(len(row), np.int64)))
                row[found] = late[q]
                found += 1
            q += 1
        at[k + 1] = found
    return first, size, at, row[:found].copy()


@nb.njit("int64[:](int64[:], int64[:], int64[:], int64[:])", cache=True, nogil=True)
def _seen(first: Ints, size: Ints, at: Ints, row: Ints) -> Ints:
    out = np.empty(size.sum() - len(row), np.int64)
    n = 0
    for k in range(len(first)):
        q = at[k]
        for r in range(first[k], first[k] + size[k]):
            if q < at[k + 1] and row[q] == r:
                q += 1
            else:
                out[n] = r
                n += 1
    return out
