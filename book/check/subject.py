"""One table under check: its frame, how it was read, and where its faults go."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from book.check.findings import Findings, Text
from book.check.show import got as text_of
from book.contract.kinds import Table
from book.encoding.columns import Read
from book.tables import Array, Frame


@dataclass(frozen=True)
class Subject:
    """`frame` holds all rows that were read, in its own order; `read` the same rows in source order."""

    frame: Frame
    read: Read
    findings: Findings

    @property
    def table(self) -> Table:
        """The declaration of the table."""
        return self.read.table

    def fault(self, code: str, where: Array, column: str = "", *, allowed: Text = "", got: Text | None = None) -> None:
        """The fault `code` at the frame's rows `where` (mask or positions).

        `got` is read from `column` if not given; texts made row by row get k, the place in `where`.
        """
        index = np.flatnonzero(where) if where.dtype == np.bool_ else where
        if not len(index):
            return
        order = np.argsort(self.frame.rows[index], kind="stable")
        rows = self.frame.rows[index[order]]
        if got is None:
            got = text_of(self.read, column, np.searchsorted(self.read.rows, rows)) if column else ""
        elif callable(got):
            got = _reordered(got, order)
        if callable(allowed):
            allowed = _reordered(allowed, order)
        self.findings.at(code, self.table.name, rows, column, got=got, allowed=allowed)


def _reordered(text: Text, order: Array) -> Text:
    return (lambda k: text(int(order[k]))) if callable(text) else text
