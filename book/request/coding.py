"""Texts found in a body become codes in the order of their first rows: compiled, no text is made for it."""

from __future__ import annotations

from typing import Any

from book.request.cells import LENGTH_BITS
from book.request.names import NOTHING
from book.request.tokens import compiled

Ints = Any
TOO_MANY = -1
_PRIME, _OFFSET = 1099511628211, 1469598103934665603
_LENGTH = (1 << LENGTH_BITS) - 1
_STEPS = 8
"""Steps past other texts that a text may take on average; honest ones take less than one."""


@compiled
def _same(body: Ints, one: int, other: int) -> bool:
    """Whether two texts are the same."""
    size, a, b = one & _LENGTH, one >> LENGTH_BITS, other >> LENGTH_BITS
    if size != other & _LENGTH:
        return False
    while size > 0 and body[a + size - 1] == body[b + size - 1]:  # ids differ at their end
        size -= 1
    return size == 0


@compiled
def _hash(body: Ints, text: int) -> int:
    """FNV-1a of a text, its high half mixed in."""
    found, start = _OFFSET, text >> LENGTH_BITS
    for i in range(start, start + (text & _LENGTH)):
        found = (found ^ body[i]) * _PRIME
    return found ^ (found >> 32)


@compiled
def code_texts(body: Ints, texts: Ints, slots: Ints, codes: Ints, different: Ints) -> tuple[int, int]:
    """The codes of `texts` (n,), -1 where there is none, and the `different` ones in the order of their codes.

    `slots` is room to work in: a power of two of places, at least 2n. Returns how many are different, TOO_MANY where
    they are made to fall together, and the bytes of the longest.
    """
    size = len(slots)
    for slot in range(size):
        slots[slot] = -1
    count, longest, last, steps = 0, 0, -1, 0
    for row in range(len(texts)):
        text = texts[row]
        if text == NOTHING:
            codes[row] = -1
            continue
        if last < 0 or not _same(body, text, different[last]):
            slot = _hash(body, text) & (size - 1)
            while slots[slot] >= 0 and not _same(body, text, different[slots[slot]]):
                slot = (slot + 1) & (size - 1)
                steps += 1
            if steps > _STEPS * size:
                return TOO_MANY, longest
            if slots[slot] < 0:
                slots[slot] = count
                different[count] = text
                longest = max(longest, text & _LENGTH)
                count += 1
            last = slots[slot]
        codes[row] = last
    return count, longest


@compiled
def count_given(cells: Ints, lo: int, hi: int, missing: Ints, count: Ints) -> None:
    """Count the values of the rows [lo, hi) in each of the lines that hold a gap as `missing` (n,)."""
    for line in range(len(missing)):
        count[line] = 0
        for row in range(lo, hi):
            count[line] += cells[line, row] != missing[line]
