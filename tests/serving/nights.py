"""Where tests of nights leave things, and what is in a folder."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path

from book.load import Book
from serving.nightly import Order


@dataclass(frozen=True)
class Place:
    """Where a night leaves things."""

    folder: Path

    @property
    def url(self) -> str:
        return f"sqlite:///{self.folder / 'journal.db'}"

    def order(self, book: Book, as_of: int, models_dir: Path, **other: object) -> Order:
        folders = {"out": self.folder / "night", "segments": self.folder / "segments", "store": self.folder / "store"}
        return Order(book, as_of, models_dir, **{**folders, "workers": 1, "refresh": False, **other})  # type: ignore[arg-type]


def contents(folder: Path) -> dict[str, str]:
    return {
        path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }
