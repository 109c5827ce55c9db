"""Loading a book from a folder of Parquet or CSV files."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Final

from book.load.database_url import is_database
from book.load.layout import Book, Part, find_parts
from book.load.part import Loaded, load, load_frames
from book.load.regroup import about_rows, can_be_cut
from book.load.settings_file import read_settings
from book.settings import Settings

MOST_ROWS: Final = 4_000_000
"""Most rows in one part, of all tables; a book in one piece with more is read in groups of borrowers."""


def open_book(folder: Path | str, settings: Settings | None = None, copy_to: Path | None = None) -> Book:
    """The book in `folder`; settings from its book.toml unless given. Nothing but file names and footers is read yet.

    A URL of PostgreSQL or SQLite names a book in a database; it is copied first, to `copy_to` (a new folder) or to a
    temporary one. Raises Refusal where there is no book or its settings cannot be used.
    """
    place = Path(folder)
    if is_database(folder):
        from book.load.database import copied  # brings in SQLAlchemy, which a book of files never needs

        place = copied(folder, copy_to)
    parts = find_parts(place)
    if len(parts) == 1 and not parts[0].name:
        parts = _grouped(parts[0])
    return Book(place, settings or read_settings(place), parts)


def _grouped(part: Part) -> tuple[Part, ...]:
    n = -(-about_rows(part) // MOST_ROWS)
    if n <= 1 or not can_be_cut(part):
        return (part,)
    first = replace(part, name="group-00000", slice=(0, n))
    later = replace(part, unknown=(), twice=())
    return (first, *(replace(later, name=f"group-{k:05d}", slice=(k, n)) for k in range(1, n)))


__all__ = ["MOST_ROWS", "Book", "Loaded", "Part", "load", "load_frames", "open_book", "read_settings"]
