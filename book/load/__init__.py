"""Loading a book from a folder of Parquet or CSV files."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Final

import polars as pl

from book.load.layout import Book, Part, find_parts
from book.load.part import Loaded, load, load_frames
from book.load.settings_file import read_settings
from book.settings import Settings

MOST_LOANS: Final = 200_000
"""Most loans in one part; a book in one piece with more is read in groups of borrowers."""


def open_book(folder: Path | str, settings: Settings | None = None) -> Book:
    """The book in `folder`; settings from its book.toml unless given. Nothing but file names is read yet.

    Raises Refusal where the folder holds no book or its settings cannot be used.
    """
    place = Path(folder)
    parts = find_parts(place)
    if len(parts) == 1 and not parts[0].name:
        parts = _grouped(parts[0])
    return Book(place, settings or read_settings(place), parts)


def _grouped(part: Part) -> tuple[Part, ...]:
    loans = sum(_length(path) for path in part.files.get("loans", ()))
    n = -(-loans // MOST_LOANS)
    if n <= 1:
        return (part,)
    first = replace(part, name="group-00000", slice=(0, n))
    later = replace(part, unknown=(), twice=())
    return (first, *(replace(later, name=f"group-{k:05d}", slice=(k, n)) for k in range(1, n)))


def _length(path: Path) -> int:
    """Rows of a file, 0 where it cannot be read (loading will say so)."""
    scan = pl.scan_csv(path, infer_schema=False) if path.suffix == ".csv" else pl.scan_parquet(path)
    try:
        return int(scan.select(pl.len()).collect().item())
    except (pl.exceptions.PolarsError, OSError):
        return 0


__all__ = ["MOST_LOANS", "Book", "Loaded", "Part", "load", "load_frames", "open_book", "read_settings"]
