"""What account rows that were not known yet at a moment change: in the rows themselves and in others.

A statement holds all rows ever known of a borrower, and most moments see it so. For a moment that does not know some of
them it is written down which marks differ; a loop puts these in their place (`swap`), reads, and swaps back.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numba as nb
import numpy as np

from features.compiled import compiled
from features.statement import (
    ANSWER_DAYS,
    NOT_ANSWERED,
    PASSED,
    SPENDING,
    USUAL,
    USUAL_FROM,
    USUAL_TO,
    Statement,
    answer_of,
    was_paid_before,
)

Ints = Any


class Unseen(NamedTuple):
    """Rows that unit i does not know: row[at[i, 0]:at[i, 1]], in order."""

    at: Ints
    row: Ints


class Marks(NamedTuple):
    """Marks of unit i that differ from the statement's: rows row[at[i, 0]:at[i, 1]] with their `bits` and `answer`."""

    at: Ints
    row: Ints
    bits: Ints
    answer: Ints


@compiled
def swap(rows: Statement, marks: Marks, unit: int) -> None:
    """Exchange the marks of the unit with those in the statement; a second time restores both."""
    for q in range(marks.at[unit, 0], marks.at[unit, 1]):
        r = marks.row[q]
        bits, answer = rows.bits[r], rows.answer[r]
        rows.bits[r], rows.answer[r] = marks.bits[q], marks.answer[q]
        marks.bits[q], marks.answer[q] = bits, answer


@compiled
def differ(rows: Statement, marks: Marks, unit: int, kinds: int) -> bool:
    """Whether the marks of the unit differ from the statement's in one of `kinds`."""
    found = 0
    for q in range(marks.at[unit, 0], marks.at[unit, 1]):
        found |= rows.bits[marks.row[q]] ^ marks.bits[q]
    return found & kinds != 0


@nb.njit(cache=True, nogil=True)
def marks_without(rows: Statement, at: Ints, of_segment: Ints, unseen: Unseen) -> Marks:
    """The marks of every unit (n,) where its unseen rows have none; units are in the order of their segments."""
    n = len(of_segment)
    places = np.zeros((n, 2), np.int64)
    found = Marks(places, np.empty(64, np.int64), np.empty(64, np.int16), np.empty(64, np.int8))
    k = 0
    for i in range(n):
        found.at[i, 0] = k
        for q in range(unseen.at[i, 0], unseen.at[i, 1]):
            found, k = _put(found, k, rows, unseen.row[q], 0, NOT_ANSWERED)
        lo, hi = at[of_segment[i], 0], at[of_segment[i], 1]
        for q in range(unseen.at[i, 0], unseen.at[i, 1]):
            r = unseen.row[q]
            on, payer = rows.on[r], rows.payer[r]
            while r > lo and rows.on[r - 1] >= on - ANSWER_DAYS:
                r -= 1
            while r < hi and rows.on[r] <= on:
                if rows.bits[r] & PASSED:
                    answer = answer_of(rows, r, lo, hi)
                    gone = PASSED if answer == NOT_ANSWERED else 0
                    found, k = _put(found, k, rows, r, rows.bits[r] & ~gone, answer)
                r += 1
            if rows.amount[unseen.row[q]] < 0 and payer != 0:
                while r < hi and rows.on[r] <= on + USUAL_TO:
                    answers = rows.answer[r] == USUAL and rows.payer[r] == payer and rows.on[r] >= on + USUAL_FROM
                    if answers and not was_paid_before(rows, r, _back(rows.on, r, lo)):
                        found, k = _put(found, k, rows, r, rows.bits[r] | SPENDING, NOT_ANSWERED)
                    r += 1
        found.at[i, 1] = k
        swap(rows, found, i)
    return found


@compiled
def _back(on: Ints, r: int, lo: int) -> int:
    """The first row that may be a usual payment before row r."""
    q = r
    while q > lo and on[q - 1] >= on[r] - USUAL_TO:
        q -= 1
    return q


@nb.njit(cache=True, nogil=True)
def _put(found: Marks, k: int, rows: Statement, r: int, bits: int, answer: int) -> tuple[Marks, int]:
    """Give row r new marks and keep those it had, if they differ; returns where to keep the next."""
    if rows.bits[r] == bits and rows.answer[r] == answer:
        return found, k
    if k == len(found.row):
        found = Marks(
            found.at,
            np.concatenate((found.row, np.empty_like(found.row))),
            np.concatenate((found.bits, np.empty_like(found.bits))),
            np.concatenate((found.answer, np.empty_like(found.answer))),
        )
    found.row[k], found.bits[k], found.answer[k] = r, rows.bits[r], rows.answer[r]
    rows.bits[r], rows.answer[r] = bits, answer
    return found, k + 1
