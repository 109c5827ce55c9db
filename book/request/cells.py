"""Values of a body as whole numbers: one compiled reader for each kind of column."""

from __future__ import annotations

from typing import Any, Final

import numpy as np

from book.contract.limits import MAX_COUNT, MAX_TEXT
from book.request.names import NOTHING, ORDER
from book.request.tokens import (
    BAD,
    QUOTE,
    compiled,
    day_at,
    decimal_at,
    is_held,
    number_at,
    stamp_at,
    text_end,
    which,
)

Ints = Any
LENGTH_BITS: Final = 12
"""A text is held as the place where it begins, shifted by so many bits, and its length in bytes."""
PLACES_BITS: Final = 4
"""A number is held as its digits, shifted by so many bits, and how many of them stand after the point."""
_ID, _PERSON, _TEXT, _DATE, _STAMP, _MONEY, _NUMBER, _COUNT, _FLAG, _ENUM = range(len(ORDER))
_WHOLE = 13
_MOST_EXACT = 15
_LONGEST = MAX_TEXT
_NULL, _TRUE, _FALSE = (np.array(list(word), np.uint8) for word in (b"null", b"true", b"false"))


@compiled
def _stands(body: Ints, k: int, word: Ints) -> bool:
    """Whether `word` stands at k."""
    i = 0
    while i < len(word) and body[k + i] == word[i]:
        i += 1
    return i == len(word)


@compiled
def is_null(body: Ints, k: int) -> bool:
    """Whether there is null at k."""
    return _stands(body, k, _NULL)


@compiled
def truth(body: Ints, k: int) -> tuple[int, int]:
    """After true or false at k, and which it is."""
    if _stands(body, k, _TRUE):
        return k + len(_TRUE), 1
    return k + len(_FALSE) if _stands(body, k, _FALSE) else BAD, 0


@compiled
def text(body: Ints, k: int, may_be_empty: bool) -> tuple[int, int]:
    """After the text at k, and where it stands; NOTHING for the empty one."""
    end = text_end(body, k)
    size = end - k - 1
    if end == BAD or size > _LONGEST or (size == 0 and not may_be_empty):
        return BAD, NOTHING
    return end + 1, (k + 1) << LENGTH_BITS | size if size else NOTHING


@compiled
def day(body: Ints, k: int) -> tuple[int, int]:
    """After the date at k, and its day."""
    found = day_at(body, k + 1)
    good = body[k] == QUOTE and body[k + 11] == QUOTE and is_held(found)
    return k + 12 if good else BAD, found


@compiled
def moment(body: Ints, k: int) -> tuple[int, int]:
    """After the moment at k, and its UTC microseconds."""
    end, stamp = stamp_at(body, k + 1)
    return end + 1 if end != BAD and body[k] == QUOTE and body[end] == QUOTE else BAD, stamp


@compiled
def _money(body: Ints, k: int) -> tuple[int, int]:
    """After the amount at k, a number or a text, and its minor units."""
    if body[k] == QUOTE:
        end, digits, whole, places = decimal_at(body, k + 1)
        end = end + 1 if end != BAD and body[end] == QUOTE else BAD
    else:
        end, digits, whole, places = number_at(body, k)
    if whole < 1 or whole > _WHOLE or places > 2:
        return BAD, 0
    return end, digits * (100 if places == 0 else 10 if places == 1 else 1)


@compiled
def _number(body: Ints, k: int) -> tuple[int, int]:
    """After the number at k, and its digits with the places after the point; few enough to be exact."""
    end, digits, whole, places = number_at(body, k)
    return end if whole + places <= _MOST_EXACT else BAD, digits << PLACES_BITS | places


@compiled
def _count(body: Ints, k: int) -> tuple[int, int]:
    """After the whole number at k, and the number."""
    end, digits, _, places = number_at(body, k)
    return end if places == 0 and abs(digits) <= MAX_COUNT else BAD, digits


@compiled
def _choice(body: Ints, k: int, words: Ints, at: Ints, first: int, last: int) -> tuple[int, int]:
    """After the text at k, and which of the words [first, last) it is."""
    choice = which(body, k, words, at, first, last, first)
    return k + at[choice + 1] - at[choice] + 2 if choice != BAD else BAD, choice - first


@compiled
def value_at(body: Ints, k: int, kind: int, words: Ints, at: Ints, first: int, last: int) -> tuple[int, int]:
    """After the value at k, one of a column of `kind` with the choices [first, last) of `words`, and the value."""
    if kind <= _PERSON:
        return text(body, k, False)
    if kind == _TEXT:
        return text(body, k, True)
    if kind == _DATE:
        return day(body, k)
    if kind == _STAMP:
        return moment(body, k)
    if kind == _MONEY:
        return _money(body, k)
    if kind == _NUMBER:
        return _number(body, k)
    if kind == _COUNT:
        return _count(body, k)
    if kind == _FLAG:
        return truth(body, k)
    return _choice(body, k, words, at, first, last)
