"""A column of a file while it is read, and how its faults are told."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl

from book.check.findings import Findings, Rows
from book.check.show import clipped
from book.contract.kinds import Column, Kind
from book.encoding.columns import DTYPES, MISSING
from book.encoding.words import allowed
from book.tables import Array


@dataclass(frozen=True)
class Cells:
    """A column of one table while it is read; `rows` are the source rows of its values."""

    table: str
    column: Column
    series: pl.Series
    rows: Rows
    findings: Findings

    def fault(self, code: str, bad: Array) -> None:
        """The fault `code` where the mask `bad` is set."""
        at = np.flatnonzero(bad)
        if len(at):
            held, hidden = self.series, self.column.kind is Kind.PERSON
            self.findings.at(
                code,
                self.table,
                self.rows[at],
                self.column.name,
                got=lambda k: "(not shown)" if hidden else _written(held[int(at[k])]),
                allowed=allowed(self.column),
            )

    def mistyped(self) -> None:
        """The fault that the whole column has a type that cannot be read."""
        self.findings.whole(
            "wrong_type",
            self.table,
            self.column.name,
            got=f"a column of {self.series.dtype}",
            allowed=allowed(self.column),
        )

    def nothing(self) -> Array:
        """A column of missing values."""
        return np.full(len(self.series), MISSING[self.column.kind], DTYPES[self.column.kind])


def _written(value: object) -> str:
    return clipped(value if isinstance(value, str) else str(value))
