"""Features of a run read from a panel of `loanwatch features`, in place of measuring them again."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow.parquet as pq
from numpy.typing import NDArray

from book.errors import Refusal
from features.panel import MANIFEST
from training.data import Rows, numbers_of
from training.split import iso
from training.spool import BATCH, Matrix, room


@dataclass(frozen=True)
class Measured:
    """A panel on disk: its folder, and the columns a run reads from it."""

    folder: Path
    names: tuple[str, ...]

    @classmethod
    def of(cls, folder: Path, names: tuple[str, ...], expected: dict[str, str]) -> Measured:
        """The panel in `folder`, made of the `expected` book, catalogue and context (hashes); else Refusal."""
        path = folder / MANIFEST
        if not path.is_file():
            raise Refusal(f"{folder}: holds no panel; got no {MANIFEST}; make one with `loanwatch features BOOK`")
        told: dict[str, Any] = json.loads(path.read_text("utf-8"))
        wrong = [
            f"{name} is {str(told.get(name))[:12]}, must be {wanted[:12]}"
            for name, wanted in expected.items()
            if told.get(name) != wanted
        ]
        if wrong:
            raise Refusal(
                f"{folder}: this panel cannot train here: {'; '.join(wrong)} "
                "(a panel to train from is made with --context, the context.json of an earlier run on this book)"
            )
        return cls(folder, names)

    def fill(self, rows: Rows) -> Rows:
        """The rows with their features; Refusal where the panel lacks some of them."""
        x = room(len(rows), len(self.names))
        found = np.zeros(len(rows), bool)
        for day in np.unique(rows.as_of):
            at = np.flatnonzero(rows.as_of == day)
            at = at[np.argsort(rows.loan[at], kind="stable")]
            for ids, values in self._batches(iso(int(day))):
                loan = numbers_of(ids)
                place = np.minimum(np.searchsorted(rows.loan[at], loan), len(at) - 1)
                hit = np.flatnonzero(rows.loan[at[place]] == loan)
                x[at[place[hit]]] = values[hit]
                found[at[place[hit]]] = True
        if not found.all():
            days = ", ".join(iso(int(day)) for day in np.unique(rows.as_of[~found]))
            raise Refusal(f"{self.folder}: lacks {int((~found).sum()):,} of {len(rows):,} rows, at {days}")
        return replace(rows, x=x)

    def _batches(self, day: str) -> Iterator[tuple[NDArray[np.object_], Matrix]]:
        """Loan ids (n,) and features (n, k) of a month, some thousand rows at a time."""
        for path in sorted((self.folder / f"as_of={day}").glob("*.parquet")):
            yield from batches(path, self.names)


def batches(path: Path, names: tuple[str, ...]) -> Iterator[tuple[NDArray[np.object_], Matrix]]:
    """Loan ids (n,) and the columns `names` (n, k) of one file of a panel, some thousand rows at a time."""
    with pq.ParquetFile(path) as file:
        for batch in file.iter_batches(BATCH, columns=["loan_id", *names]):
            columns = np.stack([batch.column(name).to_numpy(zero_copy_only=False) for name in names])
            yield batch.column("loan_id").to_numpy(zero_copy_only=False), np.ascontiguousarray(columns.T)
