"""The rows of one table that one observation knows, as they stand in memory and as plain values."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from book.contract import TABLES
from book.contract.kinds import Column, Kind
from book.dossiers import Dossiers
from book.tables import MISSING_COUNT, MISSING_DAY, MISSING_MONEY, MISSING_STAMP, Array
from reports.loan.view import Feed

FEEDS = ("instalments", "payments", "loan_events", "cashflow", "external_debts", "public_events")
Value = int | float | str | None
_MISSING = {
    Kind.DATE: MISSING_DAY,
    Kind.COUNT: MISSING_COUNT,
    Kind.MONEY: MISSING_MONEY,
    Kind.STAMP: MISSING_STAMP,
    Kind.PERSON: 0,
    Kind.FLAG: -1,
}


class Known(Mapping[str, Array]):
    """Columns of `table` for observation `i`: rows of its loan or borrower with an event day up to as_of, by that day.

    Columns are cut out when asked for; without the table there are none, and no rows.
    """

    def __init__(self, dossiers: Dossiers, table: str, i: int) -> None:
        self._rows = dossiers.tables.get(table)
        self._table = TABLES[table]
        self._span = slice(0, 0)
        if self._rows is None:
            return
        whose = dossiers.loan[i : i + 1]
        owner = whose if self._table.owner == "loan" else dossiers.loans["borrower_id"][whose]
        segment = int(self._rows.segment(owner, dossiers.moment[i : i + 1])[0])
        first, stop = int(self._rows.offsets[segment]), int(self._rows.offsets[segment + 1])
        date = self._table.event_date
        if date is not None and date in self._rows and self._table.column(date).kind is Kind.DATE:
            day = int(dossiers.as_of[dossiers.moment[i]])
            stop = first + int(np.searchsorted(self._rows[date][first:stop], day, side="right"))
        self._span = slice(first, stop)

    @property
    def rows(self) -> int:
        """How many rows there are."""
        return self._span.stop - self._span.start

    def __getitem__(self, name: str) -> Array:
        if self._rows is None:
            raise KeyError(name)
        return self._rows[name][self._span]

    def __contains__(self, name: object) -> bool:
        return self._rows is not None and str(name) in self._rows

    def __iter__(self) -> Any:
        return iter(() if self._rows is None else self._rows.columns)

    def __len__(self) -> int:
        return 0 if self._rows is None else len(self._rows.columns)

    def plain(self, name: str, at: NDArray[np.integer] | slice = slice(None)) -> list[Value]:
        """The values of a column at some rows: words for codes, text for persons, None where missing."""
        if name not in self:
            return [None] * len(np.arange(self.rows)[at])
        values = self[name][at]
        return [_plain(self._table.column(name), one) for one in values.tolist()]

    def table(self, columns: tuple[str, ...], at: NDArray[np.integer] | slice = slice(None)) -> list[tuple[Value, ...]]:
        """Rows of plain values, one a row of `at`."""
        return list(zip(*(self.plain(name, at) for name in columns), strict=True))

    def among(self, name: str, *words: str) -> NDArray[np.bool_]:
        """Which rows hold one of the words of an enum column; none where it is not supplied."""
        if name not in self:
            return np.zeros(self.rows, np.bool_)
        choices = self._table.column(name).choices
        return np.isin(self[name], [choices.index(word) for word in words])


def _plain(column: Column, value: Any) -> Value:
    if value is None or value != value or value == _MISSING.get(column.kind):
        return None
    if column.kind is Kind.ENUM:
        return column.choices[value] if value >= 0 else None
    if column.kind is Kind.PERSON:
        return short(int(value))
    return value if isinstance(value, int | float) else str(value)


def short(person: int) -> str:
    """A person as pages name him: the first 8 hex digits of the pseudonym."""
    return f"{person & (2**64 - 1):016x}"[:8]


def known_rows(dossiers: Dossiers, table: str, i: int) -> Known:
    """The rows of `table` that observation `i` knows."""
    return Known(dossiers, table, i)


def latest(key: Callable[[int], Any], n: int, most: int) -> NDArray[np.intp]:
    """Positions of the `most` first of `n` rows by `key`, in that order."""
    return np.array(sorted(range(n), key=key)[:most], np.intp)


def feeds(dossiers: Dossiers, i: int) -> tuple[Feed, ...]:
    """How much of each table a reader asks about is known for observation `i`, and how recent it is."""
    return tuple(_feed(dossiers, table, i) for table in FEEDS)


def _feed(dossiers: Dossiers, table: str, i: int) -> Feed:
    if table not in dossiers.tables:
        return Feed(table, None, None)
    rows = Known(dossiers, table, i)
    dated = rows[TABLES[table].event_date or ""]
    return Feed(table, rows.rows, int(dated.max()) if rows.rows else None)
