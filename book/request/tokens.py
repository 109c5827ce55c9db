"""Plain values in the bytes of a JSON body, compiled: texts without escapes, dates, moments, decimals.

Every function takes where a value begins and says where it ends, -1 where it is not plain: such a body is read by
`book.request.fast`, which knows all of JSON. Bodies end with zero bytes, more than any value is looked ahead.
"""

from __future__ import annotations

from typing import Any, Final

import numba as nb

from book.contract.limits import FIRST_DAY, FIRST_STAMP, LAST_DAY, LAST_STAMP, MICROSECONDS_A_DAY

Bytes = Any
compiled: Final = nb.njit(cache=True, nogil=True, error_model="numpy", _nrt=False)
"""Compiled without counting references: these functions only look at arrays that others hold, and counting them at
every call took most of the time.
"""
PADDING: Final = bytes(64)
BAD: Final = -1
QUOTE, COMMA, COLON = 34, 44, 58
_ESCAPE, _DELETE, _FIRST_PRINTED, _SPACE, _TAB, _LINE, _RETURN = 92, 127, 32, 32, 9, 10, 13
_ZERO, _DASH, _PLUS, _POINT, _T, _Z = 48, 45, 43, 46, 84, 90
_MOST_DIGITS = 18
_OUT_OF_RANGE: Final = -(1 << 62)


@compiled
def after_space(body: Bytes, k: int) -> int:
    """The first place from k on that is no white space."""
    while body[k] == _SPACE or body[k] == _LINE or body[k] == _RETURN or body[k] == _TAB:
        k += 1
    return k


@compiled
def text_end(body: Bytes, k: int) -> int:
    """The closing quote of the text whose opening quote is at k."""
    if body[k] != QUOTE:
        return BAD
    k += 1
    while body[k] != QUOTE:
        if body[k] < _FIRST_PRINTED or body[k] == _ESCAPE or body[k] == _DELETE:
            return BAD
        k += 1
    return k


@compiled
def is_word(body: Bytes, k: int, words: Bytes, start: int, end: int) -> bool:
    """Whether the text at k, quotes and all, is the one at [start, end) of `words`."""
    if body[k] != QUOTE:
        return False
    for i in range(end - start):
        if body[k + 1 + i] != words[start + i]:
            return False
    return bool(body[k + 1 + end - start] == QUOTE)


@compiled
def which(body: Bytes, k: int, words: Bytes, at: Bytes, first: int, last: int, guess: int) -> int:
    """Which of the words [first, last) the text at k is, -1: none; looked for from `guess` on, then before it."""
    for word in range(guess, last):
        if is_word(body, k, words, at[word], at[word + 1]):
            return word
    for word in range(first, min(guess, last)):
        if is_word(body, k, words, at[word], at[word + 1]):
            return word
    return BAD


@compiled
def _digits(body: Bytes, k: int, n: int) -> int:
    """The number of n digits at k, -1 where others stand there."""
    value = 0
    for i in range(k, k + n):
        digit = body[i] - _ZERO
        if digit < 0 or digit > 9:
            return BAD
        value = 10 * value + digit
    return value


@compiled
def day_at(body: Bytes, k: int) -> int:
    """The day number of the date YYYY-MM-DD at k; far below all days where there is none within the contract's."""
    year, month, day = _digits(body, k, 4), _digits(body, k + 5, 2), _digits(body, k + 8, 2)
    if year < 1 or month < 1 or month > 12 or day < 1 or body[k + 4] != _DASH or body[k + 7] != _DASH:
        return _OUT_OF_RANGE
    leap = year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)
    longest = 28 + leap if month == 2 else 30 + (month + month // 8) % 2
    if day > longest:
        return _OUT_OF_RANGE
    era = year - 1
    before = 365 * era + era // 4 - era // 100 + era // 400
    of_year = (367 * month - 362) // 12 - (0 if month <= 2 else 2 - leap) + day
    value = before + of_year - 719163
    return value if FIRST_DAY <= value <= LAST_DAY else _OUT_OF_RANGE


@compiled
def is_held(value: int) -> bool:
    """Whether a day was found."""
    return value != _OUT_OF_RANGE


@compiled
def stamp_at(body: Bytes, k: int) -> tuple[int, int]:
    """Where the moment YYYY-MM-DDTHH:MM:SS[.ffffff](Z|+HH:MM) at k ends, and its UTC microseconds."""
    day = day_at(body, k)
    hour, minute, second = _digits(body, k + 11, 2), _digits(body, k + 14, 2), _digits(body, k + 17, 2)
    if not is_held(day) or not (0 <= hour < 24 and 0 <= minute < 60 and 0 <= second < 60):
        return BAD, 0
    if body[k + 10] != _T or body[k + 13] != COLON or body[k + 16] != COLON:
        return BAD, 0
    k += 19
    fraction, unit = 0, 1_000_000
    if body[k] == _POINT:
        k += 1
        while unit > 1 and _ZERO <= body[k] <= _ZERO + 9:
            unit //= 10
            fraction += unit * (body[k] - _ZERO)
            k += 1
        if unit == 1_000_000:
            return BAD, 0
    offset = 0
    if body[k] == _PLUS or body[k] == _DASH:
        hours, minutes = _digits(body, k + 1, 2), _digits(body, k + 4, 2)
        if not (0 <= hours < 24 and 0 <= minutes < 60) or body[k + 3] != COLON:
            return BAD, 0
        offset = (60 * hours + minutes) * (1 if body[k] == _PLUS else -1)
        k += 6
    elif body[k] == _Z:
        k += 1
    else:
        return BAD, 0
    value = day * MICROSECONDS_A_DAY + ((60 * hour + minute - offset) * 60 + second) * 1_000_000 + fraction
    return k if FIRST_STAMP <= value <= LAST_STAMP else BAD, value


@compiled
def decimal_at(body: Bytes, k: int) -> tuple[int, int, int, int]:
    """Sign, digits, point and digits at k: where they end (-1: too many), the number without its point, and how many
    digits stand before and after the point.
    """
    minus = body[k] == _DASH
    if minus or body[k] == _PLUS:
        k += 1
    value, whole, places = 0, 0, 0
    while _ZERO <= body[k] <= _ZERO + 9 and whole <= _MOST_DIGITS:
        value = 10 * value + body[k] - _ZERO
        whole += 1
        k += 1
    if body[k] == _POINT:
        k += 1
        while _ZERO <= body[k] <= _ZERO + 9 and whole + places <= _MOST_DIGITS:
            value = 10 * value + body[k] - _ZERO
            places += 1
            k += 1
    if whole + places >= _MOST_DIGITS:
        return BAD, 0, 0, 0
    return k, -value if minus else value, whole, places


@compiled
def number_at(body: Bytes, k: int) -> tuple[int, int, int, int]:
    """The same of a JSON number: no plus, no zero before other digits, digits after a point, no exponent, no -0."""
    end, value, whole, places = decimal_at(body, k)
    first = k + (body[k] == _DASH)
    if end == BAD or whole == 0 or body[k] == _PLUS or (whole > 1 and body[first] == _ZERO):
        return BAD, 0, 0, 0
    if body[end - 1] == _POINT or (value == 0 and body[k] == _DASH):
        return BAD, 0, 0, 0
    return end, value, whole, places
