"""One question: a loan at a moment, with everything known of it and of its borrower."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from reading.days import months_before
from reading.repayment import Repayment
from reading.rows import Row, Tables, cents, event_day, known, posted

from book.settings import Settings

Context = Mapping[tuple[Any, ...], Any]


@dataclass(frozen=True)
class Case:
    """`end` is the cut-off (UTC microseconds); `others` are the borrower's other loans as known then."""

    rows: Tables
    settings: Settings
    end: int
    repayment: Repayment
    others: list[Repayment] = field(default_factory=list)
    complete: bool = True
    context: Context | None = None

    @property
    def as_of(self) -> date:
        return self.repayment.loan.as_of

    @property
    def loan(self) -> Row:
        return self.repayment.loan.row

    def edge(self, months: int) -> date:
        return months_before(self.as_of, months)

    def of_borrower(self, table: str) -> list[Row] | None:
        """Rows known of the borrower; None where the table is absent."""
        return self._known(table, "borrower_id")

    def of_loan(self, table: str) -> list[Row] | None:
        return self._known(table, "loan_id")

    def _known(self, table: str, owner: str) -> list[Row] | None:
        there = known(self.rows, table, self.settings, self.as_of, self.end)
        return None if there is None else [row for row in there if row[owner] == self.loan[owner]]

    def day(self, table: str, row: Row) -> date:
        return event_day(table, row, self.settings)

    def posted(self, table: str, row: Row) -> int:
        return posted(table, row, self.settings)

    def within(self, table: str, rows: list[Row], newest: int, oldest: int) -> list[Row]:
        """The rows of the months from edge(oldest) to edge(newest), the older edge left out."""
        first, last = self.edge(oldest), self.edge(newest)
        return [row for row in rows if first < self.day(table, row) <= last]

    def feed_observed(self, table: str, rows: list[Row], months: int) -> bool:
        """Is at least half of a window covered since the first row known?"""
        if not rows:
            return False
        first = min(self.day(table, row) for row in rows)
        return half_covered(self.as_of, first, self.edge(months))


def half_covered(last: date, first: date, opens: date) -> bool:
    return 2 * (last - first).days >= (last - opens).days


def money(rows: list[Row], column: str = "amount") -> int:
    """Sum of a money column, minor units."""
    return sum(cents(row.get(column)) for row in rows)
