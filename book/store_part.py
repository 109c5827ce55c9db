"""One part of a generation, mapped into memory when it is first asked for."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa

from book.contract import TABLES
from book.encoding.columns import Read
from book.store_rows import FAULTS, INDEX, LOANS, Int, Slices
from book.tables import Array


class StoredPart:
    """Borrowers by their place in the part (that of their pseudonym's order), loans by theirs."""

    def __init__(self, folder: Path) -> None:
        index = _batch(folder / INDEX)
        self._folder = folder
        self._names = index.column(0)
        self._offsets: dict[str, Int] = {
            name: index.column(name).to_numpy(zero_copy_only=True) for name in index.schema.names[1:]
        }
        self._loans = _batch(folder / LOANS).column(0)
        self._faults: Any = None
        self._slices: dict[str, Slices] = {}
        self._lock = threading.Lock()

    @property
    def tables(self) -> tuple[str, ...]:
        """The tables of the part, in the order of the contract."""
        return tuple(name for name in TABLES if name in self._offsets)

    def name(self, place: int) -> str:
        """The pseudonym of a borrower."""
        return str(self._names[place].as_py())

    def loan(self, place: int) -> str:
        """The id of a loan."""
        return str(self._loans[place].as_py())

    def loans_of(self, borrower: int) -> list[str]:
        """The ids of a borrower's loans."""
        first = self._offsets["#loans"]
        return [str(loan) for loan in self._loans[int(first[borrower]) : int(first[borrower + 1])].to_pylist()]

    def loan_words(self, column: str) -> list[tuple[str, str]]:
        """Loan ids, each with a text column of its contract; none where the source has no such column."""
        batch = _batch(self._folder / "loans.arrow")
        if column not in batch.schema.names:
            return []
        ids, words = batch.column("loan_id").to_pylist(), batch.column(column).to_pylist()
        return list(zip(ids, words, strict=True))

    def borrower_of(self, loan: int) -> int:
        """The place of a loan's borrower."""
        return int(np.searchsorted(self._offsets["#loans"], loan, "right")) - 1

    def reads(self, places: Sequence[int], tables: Sequence[str]) -> dict[str, Read]:
        """The rows of borrowers, by table; a table that the part has not stays absent."""
        names = [self.name(place) for place in places]
        return {name: self._table(name).read(places, names) for name in tables if name in self._offsets}

    def faults(self, borrower: int) -> tuple[Array, Array, Array]:
        """Faults that the load found in rows of a borrower's loans: which of its loans (from 0), day, moment known."""
        start, stop = self._offsets["#faults"][borrower : borrower + 2].tolist()
        if start == stop:
            return np.zeros(0, np.int32), np.zeros(0, np.int32), np.zeros(0, np.int64)
        if self._faults is None:
            self._faults = [column.to_numpy() for column in _batch(self._folder / FAULTS).columns]
        loan, on, posted = (column[start:stop] for column in self._faults)
        return (loan - self._offsets["#loans"][borrower]).astype(np.int32), on, posted

    def _table(self, name: str) -> Slices:
        found = self._slices.get(name)
        if found is None:
            with self._lock:
                found = self._slices.get(name)
                if found is None:
                    path = self._folder / f"{name}.arrow"
                    found = self._slices[name] = Slices(TABLES[name], path, self._offsets[name])
        return found


class Found:
    """A sorted index of a generation: keys of words, and the part and place of each."""

    def __init__(self, path: Path) -> None:
        batch = _batch(path)
        self.keys, self.part, self.place = (column.to_numpy(zero_copy_only=True) for column in batch.columns)


def _batch(path: Path) -> pa.RecordBatch:
    return pa.ipc.open_file(pa.memory_map(str(path))).get_batch(0)
