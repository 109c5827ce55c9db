"""Rows of borrowers as Arrow columns and back: values as they stand in memory, words as text, persons as numbers.

A file holds one table of one part as one record batch, rows by borrower and in source order for each.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from book.contract.kinds import Kind, Table
from book.encoding.columns import Coded, Read, Words, coded
from book.pseudonym import Pseudonyms
from book.tables import Array

Int = NDArray[np.int64]
_MASK: Final = (1 << 64) - 1
FORM: Final = 1
MANIFEST: Final = "manifest.json"
CURRENT: Final = "current"
INDEX: Final = "index.arrow"
LOANS: Final = "loan_ids.arrow"
FAULTS: Final = "faults.arrow"
OWNER: Final = "borrower_id"
"""Not kept in the rows: it is the borrower they were asked for."""


class Kept(Pseudonyms):
    """For words that are pseudonyms already: hex of the first bytes of their HMAC."""

    def __init__(self) -> None:
        super().__init__(b"")

    def numbers(self, words: Sequence[str]) -> NDArray[np.int64]:
        """The numbers that the words were made from."""
        return np.array([int(word[:16], 16) for word in words], np.uint64).view(np.int64)

    def names(self, words: Sequence[str]) -> list[str]:
        """The words themselves."""
        return list(words)


def number_word(number: int) -> str:
    """The word that stands for a person's number."""
    return f"{number & _MASK:016x}"


class Slices:
    """One table of a part, mapped into memory. `offsets` (n_borrowers + 1,) are the rows of each borrower."""

    def __init__(self, table: Table, path: Path, offsets: Int) -> None:
        batch = pa.ipc.open_file(pa.memory_map(str(path))).get_batch(0)
        self.table = table
        self._offsets = offsets
        self._texts: dict[str, Any] = {}
        self._values: dict[str, Array] = {}
        for name, found in zip(batch.schema.names, batch.columns, strict=True):
            if pa.types.is_large_string(found.type):
                self._texts[name] = found
            else:
                self._values[name] = found.to_numpy(zero_copy_only=True)

    def read(self, places: Sequence[int], names: Sequence[str]) -> Read:
        """The rows of the borrowers at `places`, called `names`, as if they had just been read from a book."""
        spans = [(int(self._offsets[place]), int(self._offsets[place + 1])) for place in places]
        counts = [stop - start for start, stop in spans]
        columns: dict[str, Array | Words] = {}
        for name, values in self._values.items():
            found = _joined([values[start:stop] for start, stop in spans])
            columns[name] = found if self.table.column(name).kind is not Kind.PERSON else persons(found)
        for name, texts in self._texts.items():
            columns[name] = coded([word for start, stop in spans for word in texts[start:stop].to_pylist()])
        if self.table.owner == "borrower" or self.table.name == "loans":
            columns[OWNER] = Coded(np.repeat(np.arange(len(places), dtype=np.int32), counts), list(names))
        return Read(self.table, columns, np.arange(-sum(counts), 0, dtype=np.int64))


def _joined(pieces: list[Array]) -> Array:
    return pieces[0] if len(pieces) == 1 else np.concatenate(pieces)


def persons(numbers: NDArray[np.int64]) -> Words:
    """Numbers of persons as words; 0 is missing."""
    found, inverse = np.unique(numbers, return_inverse=True)
    words = [number_word(number) for number in found.tolist()]
    codes = inverse.astype(np.int32)
    at = int(np.searchsorted(found, 0))
    if at < len(found) and found[at] == 0:
        words.pop(at)
        codes = np.where(codes == at, np.int32(-1), codes - (codes > at).astype(np.int32))
    return Coded(codes.astype(np.int32), words)
