"""Feature rows as they come: in memory while few, in a temporary file beyond; read back a few thousand at a time."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from typing import IO, Any

import lightgbm
import numpy as np
from numpy.typing import NDArray

Matrix = NDArray[np.float32]

IN_MEMORY = 1 << 30  # bytes kept in memory before rows go to disk
BATCH = 32_768  # rows read at a time


class Spool:
    """Gathers rows of `width` columns into one matrix; beyond `limit` bytes they lie in an unnamed temporary file."""

    def __init__(self, width: int, limit: int = IN_MEMORY) -> None:
        self._width = width
        self._limit = limit
        self._held: list[Matrix] = []
        self._file: IO[bytes] | None = None
        self._bytes = 0

    def add(self, rows: Matrix) -> None:
        """Append rows (n, width)."""
        self._held.append(np.ascontiguousarray(rows, np.float32))
        self._bytes += self._held[-1].nbytes
        if self._file is None and self._bytes > self._limit:
            self._file = tempfile.TemporaryFile(prefix="loanwatch-rows-")  # noqa: SIM115  closed when mapped
        if self._file is not None:
            for one in self._held:
                self._file.write(one.data)
            self._held.clear()

    def matrix(self) -> Matrix:
        """All rows in their order; on disk it is a read-only map of the file, which goes when the matrix does."""
        if self._file is None:
            return np.concatenate([np.empty((0, self._width), np.float32), *self._held])
        self._file.flush()
        found = np.memmap(self._file, np.float32, "r")
        self._file.close()  # the map holds the file
        return found.reshape(-1, self._width)


def room(rows: int, width: int, limit: int = IN_MEMORY) -> Matrix:
    """Room for a matrix, to be written: in memory up to `limit` bytes, beyond in an unnamed temporary file."""
    if rows * width * 4 <= limit:
        return np.empty((rows, width), np.float32)
    with tempfile.TemporaryFile(prefix="loanwatch-rows-") as file:
        return np.memmap(file, np.float32, "w+", shape=(rows, width))


class Batches(lightgbm.Sequence):  # type: ignore[misc]  # untyped
    """Rows `index` of a matrix for LightGBM, which bins them batch by batch and keeps only the bins."""

    def __init__(self, x: Matrix, index: NDArray[np.intp]) -> None:
        self._x = x
        self._index = index
        self.batch_size = BATCH

    def __len__(self) -> int:
        return len(self._index)

    def __getitem__(self, at: Any) -> NDArray[np.floating]:
        rows = np.asarray(self._x[self._index[at]])
        return rows.astype(np.float64) if rows.ndim == 1 else rows  # LightGBM takes its sample row by row, as doubles


def in_batches(answer: Callable[[Matrix], NDArray[np.float64]], x: Matrix, batch: int = BATCH) -> NDArray[np.float64]:
    """`answer` of every row of x (n, k), asked a batch at a time, shape (n,)."""
    parts = [answer(np.asarray(x[start : start + batch])) for start in range(0, len(x), batch)]
    return np.concatenate([np.empty(0), *parts])


def spread(x: Matrix, index: NDArray[np.intp], most: int) -> Matrix:
    """At most `most` of the rows `index`, evenly spread over them, in memory."""
    if len(index) > most:
        index = index[np.linspace(0, len(index) - 1, most).astype(np.intp)]
    return np.asarray(x[index])
