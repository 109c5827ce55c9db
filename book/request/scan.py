"""One compiled pass over a JSON body: values of known columns as whole numbers.

It reads what systems write: known names, each once, texts without escapes, dates, moments, decimals. At anything else
it gives up, and the body is read by `book.request.fast`; nothing is ever refused here.
"""

from __future__ import annotations

from typing import Any

from book.request.cells import day, is_null, moment, text, truth, value_at
from book.request.limits import MOST_SCORED
from book.request.names import (
    CHOICE,
    CHOICE_END,
    FIRST_COLUMN,
    FIRST_TABLE,
    KIND,
    MISSING_AS,
    OUTSIDE,
    REQUIRED,
    Names,
)
from book.request.tokens import BAD, COLON, COMMA, PADDING, after_space, compiled, which

Ints = Any
_AS_OF, _CUTOFF, _COMPLETE, _MODEL, _SCORE, _TABLES = range(len(OUTSIDE))
_NEEDED = 1 << _AS_OF | 1 << _COMPLETE | 1 << _SCORE | 1 << _TABLES
_OPEN, _CLOSE, _LIST, _END = 123, 125, 91, 93
_PADDED = len(PADDING)


@compiled
def _name(body: Ints, k: int, words: Ints, at: Ints, first: int, last: int, guess: int) -> tuple[int, int]:
    """The name at k among [first, last), and where its value begins."""
    k = after_space(body, k)
    name = which(body, k, words, at, first, last, guess)
    if name == BAD:
        return BAD, BAD
    k = after_space(body, k + at[name + 1] - at[name] + 2)
    return (name, after_space(body, k + 1)) if body[k] == COLON else (BAD, BAD)


@compiled
def _row(body: Ints, k: int, words: Ints, at: Ints, about: Ints, first: int, last: int, cells: Ints, row: int) -> int:
    """Read the object at k as a row of the table with the columns [first, last); returns the place after it."""
    for line in range(last - first):
        cells[line, row] = about[first + line - FIRST_COLUMN, MISSING_AS]
    seen, name = 0, first - 1
    while True:
        name, k = _name(body, k + 1, words, at, first, last, name + 1)
        if name == BAD or seen >> (name - first) & 1:
            return BAD
        seen |= 1 << (name - first)
        c = name - FIRST_COLUMN
        if is_null(body, k):
            k = BAD if about[c, REQUIRED] else k + 4
        else:
            k, value = value_at(body, k, about[c, KIND], words, at, about[c, CHOICE], about[c, CHOICE_END])
            cells[name - first, row] = value
        if k == BAD:
            return BAD
        k = after_space(body, k)
        if body[k] != COMMA:
            break
    for line in range(last - first):
        if about[first + line - FIRST_COLUMN, REQUIRED] and not seen >> line & 1:
            return BAD
    return k + 1 if body[k] == _CLOSE else BAD


@compiled
def _table(
    body: Ints, k: int, words: Ints, at: Ints, about: Ints, first: int, last: int, cells: Ints, row: int
) -> tuple[int, int]:
    """Read the list at k as a table whose first row is `row`; returns the places after it and after its last row."""
    k = after_space(body, k + 1) if body[k] == _LIST else BAD
    if k != BAD and body[k] != _END:
        while True:
            if body[k] != _OPEN or row >= cells.shape[1]:
                return BAD, row
            k = _row(body, k, words, at, about, first, last, cells, row)
            if k == BAD:
                return BAD, row
            row += 1
            k = after_space(body, k)
            if body[k] != COMMA:
                break
            k = after_space(body, k + 1)
        if body[k] != _END:
            return BAD, row
    return k + 1 if k != BAD else BAD, row


@compiled
def _all_tables(body: Ints, k: int, names: Names, cells: Ints, rows: Ints) -> int:
    """Read the object at k as the tables; returns the place after it."""
    words, at, columns_of, about = names
    row, name, seen = 0, FIRST_TABLE - 1, 0
    k = k if body[k] == _OPEN else BAD
    while k != BAD:
        name, k = _name(body, k + 1, words, at, FIRST_TABLE, FIRST_COLUMN, name + 1)
        table = name - FIRST_TABLE
        if name == BAD or seen >> table & 1:
            return BAD
        seen |= 1 << table
        if is_null(body, k):
            k += 4
        else:
            rows[table, 0] = row
            k, row = _table(body, k, words, at, about, columns_of[table], columns_of[table + 1], cells, row)
            rows[table, 1] = row
        if k != BAD:
            k = after_space(body, k)
            if body[k] != COMMA:
                return k + 1 if body[k] == _CLOSE else BAD
    return BAD


@compiled
def _scores(body: Ints, k: int, score: Ints) -> tuple[int, int]:
    """Read the list at k as the loans to score; returns the place after it and how many there are."""
    count = 0
    k = k if body[k] == _LIST else BAD
    while k != BAD and count < MOST_SCORED:
        k, score[count] = text(body, after_space(body, k + 1), False)
        count += 1
        if k != BAD:
            k = after_space(body, k)
            if body[k] != COMMA:
                return k + 1 if body[k] == _END else BAD, count
    return BAD, count


@compiled
def scan(body: Ints, names: Names, cells: Ints, rows: Ints, outside: Ints, score: Ints) -> bool:
    """Read a body that ends with `PADDING`; False where anything in it is not plain.

    `cells` (n_places, n_rows): rows of all tables one after the other, a column in the line of its place in its table.
    `rows` (n_tables, 2) get the first row of each table and the one after its last, and stay -1 where it is absent.
    `outside` (5,) get what stands beside the tables, of the loans to score, `score`, their number.
    """
    k, seen, field = after_space(body, 0), 0, -1
    k = k if body[k] == _OPEN else BAD
    while k != BAD:
        field, k = _name(body, k + 1, names.words, names.at, 0, FIRST_TABLE, field + 1)
        if field == BAD or seen >> field & 1:
            return False
        seen |= 1 << field
        if field == _TABLES:
            k = _all_tables(body, k, names, cells, rows)
        elif field == _SCORE:
            k, outside[field] = _scores(body, k, score)
        elif field == _AS_OF:
            k, outside[field] = day(body, k)
        elif field == _COMPLETE:
            k, outside[field] = truth(body, k)
        elif is_null(body, k):
            k += 4
        elif field == _CUTOFF:
            k, outside[field] = moment(body, k)
        else:
            k, outside[field] = text(body, k, False)
        if k != BAD:
            k = after_space(body, k)
            if body[k] != COMMA:
                whole = body[k] == _CLOSE and after_space(body, k + 1) == len(body) - _PADDED
                return bool(whole and seen & _NEEDED == _NEEDED)
    return False
