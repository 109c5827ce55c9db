"""The collector that reading and checking write faults to; it ends as a report."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Mapping
from typing import Final

import numpy as np
from numpy.typing import NDArray

from book.check.codes import CODES, FOLLOW_ON, Effect
from book.check.report import CheckReport
from book.errors import Fault

LISTED: Final = 10_000
"""Most faults kept one by one per table, column and code; all of them are counted."""
QUARANTINE_LIMIT: Final = 0.01
"""Largest share of a table's rows that may be quarantined."""

Rows = NDArray[np.int64]
Text = str | Callable[[int], str]
"""A text for all rows of a fault, or one made for the k-th of them."""


class Findings:
    """Faults of one part of a book, or of one request.

    In a request faults get a path, and nothing is quarantined. `part` is the name of the part, "" if it is all.
    """

    def __init__(self, in_request: bool = False, part: str = "") -> None:
        self.in_request = in_request
        self.part = part
        self.rows: dict[str, int] = {}
        self.assumed: dict[str, int] = {}
        self.dropped: Counter[str] = Counter()
        self._faults: list[Fault] = []
        self._warnings: list[Fault] = []
        self._counts: Counter[tuple[str, str]] = Counter()
        self._listed: Counter[tuple[str, str, str]] = Counter()
        self._set_aside: defaultdict[str, list[tuple[str, Rows]]] = defaultdict(list)
        self._unread: defaultdict[str, list[Rows]] = defaultdict(list)

    def whole(
        self,
        code: str,
        table: str = "",
        column: str = "",
        *,
        got: str = "",
        allowed: str = "",
        nearest: str = "",
    ) -> None:
        """One fault about a whole book, table or column."""
        self._counts[table, code] += 1
        path = ".".join(part for part in ("tables", table, column) if part) if self.in_request else ""
        self._keep(Fault(code, CODES[code].what, table, None, column, got, allowed, nearest, path, self.part))

    def at(
        self,
        code: str,
        table: str,
        rows: Rows,
        column: str = "",
        *,
        got: Text = "",
        allowed: Text = "",
        nearest: Text = "",
    ) -> None:
        """The same fault at each of `rows` (source rows from 0); texts may be made row by row."""
        if not len(rows):
            return
        self._counts[table, code] += len(rows)
        if CODES[code].effect is Effect.QUARANTINE:
            self._set_aside[table].append((code, np.asarray(rows, np.int64)))
        elif CODES[code].effect is Effect.REFUSE:
            self._unread[table].append(np.asarray(rows, np.int64))
        room = LISTED - self._listed[table, column, code]
        self._listed[table, column, code] += min(room, len(rows))
        for k, row in enumerate(rows[:room].tolist()):
            texts = [text(k) if callable(text) else text for text in (got, allowed, nearest)]
            path = f"tables.{table}[{row}]{'.' + column if column else ''}" if self.in_request else ""
            self._keep(
                Fault(
                    code,
                    CODES[code].what,
                    table,
                    row + 1,
                    column,
                    texts[0],
                    texts[1],
                    texts[2],
                    path,
                    self.part,
                )
            )

    def _keep(self, fault: Fault) -> None:
        kept = self._warnings if CODES[fault.code].effect is Effect.WARN else self._faults
        kept.append(fault)

    def set_aside(self, table: str, follow_on: bool = True) -> Rows:
        """The source rows of a table that are quarantined, sorted, each once."""
        parts = [rows for code, rows in self._set_aside[table] if follow_on or code != FOLLOW_ON]
        return np.unique(np.concatenate(parts)) if parts else np.zeros(0, np.int64)

    def unread(self, table: str) -> Rows:
        """The source rows of a table with faults that refuse the batch, sorted, each once."""
        parts = self._unread[table]
        return np.unique(np.concatenate(parts)) if parts else np.zeros(0, np.int64)

    def reasons(self, table: str) -> Mapping[int, list[str]]:
        """The codes of each quarantined row of a table."""
        reasons: dict[int, list[str]] = {}
        for code, rows in self._set_aside[table]:
            for row in rows.tolist():
                codes = reasons.setdefault(row, [])
                if code not in codes:
                    codes.append(code)
        return reasons

    @property
    def faults(self) -> list[Fault]:
        """The faults so far, warnings not among them."""
        return self._faults

    @property
    def must_refuse(self) -> bool:
        """Whether something was found that refuses the batch."""
        return any(CODES[code].effect is Effect.REFUSE for _, code in self._counts)

    def limit(self) -> None:
        """Refuse where more than the allowed share of a table's rows is quarantined."""
        for table, n in self.rows.items():
            bad = len(self.set_aside(table, follow_on=False))
            if bad > QUARANTINE_LIMIT * n:
                self.whole("too_many_quarantined", table, got=f"{bad:,} of {n:,} rows ({bad / n:.1%})", allowed="1 %")

    def report(self) -> CheckReport:
        """Everything found so far."""
        return CheckReport(
            faults=tuple(sorted(self._faults, key=lambda fault: CODES[fault.code].effect is not Effect.REFUSE)),
            warnings=tuple(self._warnings),
            counts=dict(self._counts),
            rows=dict(self.rows),
            quarantined={table: len(self.set_aside(table)) for table in self.rows},
            dropped=dict(self.dropped),
            assumed=dict(self.assumed),
        )
