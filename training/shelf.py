"""Parts of a book kept in memory between two readings, as far as a budget goes."""

from __future__ import annotations

from book.load import Book, Part, load
from book.tables import Tables

KEPT = 1 << 28  # bytes of files whose tables are kept: a few times as much in memory


class Shelf:
    """Reads the parts of a book; those of the first `KEPT` bytes of files are read once, the others each time."""

    def __init__(self, book: Book, kept: int = KEPT) -> None:
        self._book = book
        self._left = kept
        self._tables: dict[tuple[str, tuple[int, int] | None], Tables] = {}

    def tables(self, part: Part) -> Tables:
        """The tables of a part."""
        key = part.name, part.slice
        if key in self._tables:
            return self._tables[key]
        tables = load(part, self._book.settings).tables
        size = sum(path.stat().st_size for paths in part.files.values() for path in paths)
        size //= part.slice[1] if part.slice else 1
        if size <= self._left:
            self._left -= size
            self._tables[key] = tables
        return tables
