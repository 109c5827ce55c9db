"""The text of a column as it lies in memory: 16 bytes a row, either the whole word or where it stands.

The layout is Arrow's "string view": the length (int32), then up to 12 bytes of the word itself; a longer word has its
first 4 bytes there, the number of a buffer and an offset in it. Words of one page of a file have one view.
"""

from __future__ import annotations

from functools import cached_property
from typing import Any, Final

import numba as nb
import numpy as np
import polars as pl
from numpy.typing import NDArray

Array = NDArray[Any]
MOST_FEW: Final = 1 << 14
"""Up to so many different views rows are told apart by them."""
_LOAD: Final = 8  # bytes looked at together
_UNALIGNED: Final = nb.types.Array(nb.uint64, 1, "A", readonly=True, aligned=False)
_VIEWS: Final = nb.types.Array(nb.uint64, 2, "C", readonly=True)
_MASK: Final = nb.types.Array(nb.boolean, 1, "C", readonly=True)


class Views:
    """The views of a series of text, and what can be told by them."""

    def __init__(self, series: pl.Series) -> None:
        held = series.to_arrow(compat_level=pl.CompatLevel.newest())
        _, views, *buffers = held.buffers()
        every = np.frombuffer(views or b"", np.uint64).reshape(-1, 2)
        self.views = _still(every[held.offset : held.offset + len(series)])
        self.missing = _still(series.is_null().to_numpy() if series.null_count() else np.zeros(0, np.bool_))
        self._buffers = buffers

    @cached_property
    def few(self) -> tuple[NDArray[np.int32], NDArray[np.int64]] | None:
        """Codes by view (n,), -1 missing, in the order of their first rows, and those rows; None where views are many.

        A word may have several views.
        """
        most = min(MOST_FEW, len(self.views))
        codes, first = np.empty(len(self.views), np.int32), np.empty(most, np.int64)
        slots = np.full(4 << most.bit_length(), -1, np.int32)
        count = _few(self.views, self.missing, codes, first, slots)
        return None if count < 0 else (codes, first[:count])

    @cached_property
    def looked_at(self) -> tuple[int, bool, NDArray[np.int64]]:
        """Bytes of the longest word, whether any word holds a control character, and a hash of each (n,), 0 missing."""
        sizes = [0 if one is None else one.size for one in self._buffers]
        text = np.zeros(sum(sizes) + _LOAD, np.uint8)
        starts = np.cumsum([0, *sizes])
        for one, start, size in zip(self._buffers, starts.tolist(), sizes, strict=False):
            if size:
                text[start : start + size] = np.frombuffer(one, np.uint8)
        loads = np.ndarray(len(text) - _LOAD + 1, np.uint64, text, strides=(1,))
        hashes = np.empty(len(self.views), np.int64)
        longest, odd = _look(self.views, self.missing, _still(loads), starts.astype(np.int64), hashes)
        return int(longest), bool(odd), hashes


def _still(values: Array) -> Array:
    """The same, read only: compiled code is made for one kind."""
    values = values.view()
    values.flags.writeable = False
    return values


@nb.njit([nb.int64(_VIEWS, _MASK, nb.int32[::1], nb.int64[::1], nb.int32[::1])], cache=True, nogil=True)
def _few(views: Any, missing: Any, codes: Any, first: Any, slots: Any) -> int:
    """Fill `codes` and the `first` rows; how many there are, -1 where they are too many.

    `slots` are of -1, a power of two and enough: where a view was put or would be.
    """
    last = len(slots) - 1
    count, code, some = 0, np.int32(-1), len(missing) > 0
    left, right = np.uint64(0), np.uint64(0)
    for i in range(len(views)):
        if some and missing[i]:
            codes[i] = -1
            continue
        a, b = views[i, 0], views[i, 1]
        if code < 0 or a != left or b != right:
            mixed = (a ^ (b >> np.uint64(29)) ^ (b << np.uint64(17))) * np.uint64(0x9E3779B97F4A7C15)
            slot = np.int64(mixed >> np.uint64(40)) & last
            while True:
                code = slots[slot]
                if code < 0:
                    if count == len(first):
                        return -1
                    code = np.int32(count)
                    slots[slot] = code
                    first[count] = i
                    count += 1
                    break
                row = first[code]
                if views[row, 0] == a and views[row, 1] == b:
                    break
                slot = (slot + 1) & last
            left, right = a, b
        codes[i] = code
    return count


@nb.njit("boolean(uint64)", cache=True, nogil=True)
def _control(word: Any) -> bool:
    """Whether one of eight bytes is below 0x20 or is 0x7F."""
    ones, tops = np.uint64(0x0101010101010101), np.uint64(0x8080808080808080)
    below = (word - ones * np.uint64(0x20)) & ~word & tops
    delete = word ^ (ones * np.uint64(0x7F))
    return (below | ((delete - ones) & ~delete & tops)) != 0


@nb.njit("uint64(uint64, uint64)", cache=True, nogil=True)
def _mixed(state: Any, word: Any) -> Any:
    state = (state ^ word) * np.uint64(0xFF51AFD7ED558CCD)
    return state ^ (state >> np.uint64(32))


@nb.njit(
    [nb.types.UniTuple(nb.int64, 2)(_VIEWS, _MASK, _UNALIGNED, nb.int64[::1], nb.int64[::1])], cache=True, nogil=True
)
def _look(views: Any, missing: Any, loads: Any, starts: Any, hashes: Any) -> Any:
    """Fill `hashes`; bytes of the longest word, and whether there is a control character.

    `loads` are the 8 bytes from each byte of the buffers on; `starts` say where a buffer begins.
    """
    longest, odd, some = np.int64(0), False, len(missing) > 0
    blank = np.uint64(0x2020202020202020)
    for i in range(len(views)):
        if some and missing[i]:
            hashes[i] = 0
            continue
        a, b = views[i, 0], views[i, 1]
        size = np.int64(a & np.uint64(0xFFFFFFFF))
        longest = max(longest, size)
        state = _mixed(np.uint64(0x9E3779B97F4A7C15), np.uint64(size))
        if size <= 12:
            head, tail = a >> np.uint64(32) << np.uint64(32), b
            state = _mixed(_mixed(state, head), tail)
            head |= blank >> np.uint64(32)
            if size < 4:
                head |= blank << np.uint64(8 * (4 + size))
                tail = blank
            elif size == 4:
                tail = blank
            elif size < 12:
                tail |= blank << np.uint64(8 * (size - 4))
            odd |= _control(head) | _control(tail)
        else:
            at = starts[np.int64(b & np.uint64(0xFFFFFFFF))] + np.int64(b >> np.uint64(32))
            for k in range(0, size - 8, 8):
                word = loads[at + k]
                odd |= _control(word)
                state = _mixed(state, word)
            word = loads[at + size - 8]
            odd |= _control(word)
            state = _mixed(state, word)
        hashes[i] = np.int64(max(_mixed(state, state >> np.uint64(29)), np.uint64(1)))
    return longest, np.int64(odd)
