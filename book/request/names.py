"""The contract as flat arrays, for the compiled reading of a body."""

from __future__ import annotations

from functools import cache
from itertools import accumulate
from typing import Any, Final, NamedTuple

import numpy as np

from book.contract import TABLES, Kind
from book.contract.kinds import Column
from book.encoding.columns import DTYPES, MISSING
from book.tables import MISSING_MONEY

Ints = Any
NOTHING: Final = MISSING_MONEY
"""A text or a number that is not there."""
ORDER: Final = (
    *(Kind.ID, Kind.PERSON, Kind.TEXT, Kind.DATE, Kind.STAMP),
    *(Kind.MONEY, Kind.NUMBER, Kind.COUNT, Kind.FLAG, Kind.ENUM),
)
"""Kinds by the number that stands for them."""
OUTSIDE: Final = ("as_of", "cutoff", "book_complete", "model", "score", "tables")
COLUMNS: Final = tuple(column for table in TABLES.values() for column in table.columns)
WIDEST: Final = max(len(table.columns) for table in TABLES.values())
FIRST_TABLE: Final = len(OUTSIDE)
FIRST_COLUMN: Final = FIRST_TABLE + len(TABLES)
_FIRST_CHOICE: Final = FIRST_COLUMN + len(COLUMNS)
KIND, REQUIRED, MISSING_AS, CHOICE, CHOICE_END = range(5)


class Names(NamedTuple):
    """All names as bytes one after the other: fields beside the tables, tables, columns, choices.

    `at` (n + 1,) is where each begins, `columns_of` (n_tables + 1,) the first column of each table, `about`
    (n_columns, 5) what there is to know of a column: kind, whether required, how a gap is held, its choices.
    """

    words: Ints
    at: Ints
    columns_of: Ints
    about: Ints


@cache
def names() -> Names:
    """The names of the contract."""
    choices = [choice for column in COLUMNS for choice in column.choices]
    written = [word.encode() for word in (*OUTSIDE, *TABLES, *(column.name for column in COLUMNS), *choices)]
    ends = _FIRST_CHOICE + np.array([*accumulate(len(column.choices) for column in COLUMNS)])
    about = [
        (ORDER.index(column.kind), column.required, _missing(column), end - len(column.choices), end)
        for column, end in zip(COLUMNS, ends.tolist(), strict=True)
    ]
    return Names(
        np.frombuffer(b"".join(written), np.uint8).copy(),
        np.array([0, *accumulate(map(len, written))]),
        FIRST_COLUMN + np.array([0, *accumulate(len(table.columns) for table in TABLES.values())]),
        np.array(about, np.int64),
    )


def _missing(column: Column) -> int:
    whole = column.kind in DTYPES and column.kind is not Kind.NUMBER
    return int(MISSING[column.kind]) if whole else NOTHING
