"""Where a book's tables lie on disk."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Final

from book.contract import TABLES
from book.errors import Refusal, nearest
from book.load.settings_file import SETTINGS_FILE
from book.settings import Settings
from book.workers import cores

SUFFIXES: Final = (".parquet", ".csv")
_PART: Final = "part-*"
_BLOCK: Final = 1 << 20
_BESIDE: Final = ("truth",)
"""Folders that may lie beside the tables of a book and are never read."""


@dataclass(frozen=True)
class Part:
    """Some borrowers of a book: all files of each table, in order of name.

    `slice` (k, n) takes the k-th of n groups of borrowers where one set of files holds too many for one load.
    `unknown` are files and folders that are no table; `twice` tables that are given in two ways.
    """

    name: str
    files: Mapping[str, tuple[Path, ...]]
    slice: tuple[int, int] | None = None
    unknown: tuple[str, ...] = ()
    twice: tuple[str, ...] = ()


@dataclass(frozen=True)
class Book:
    """A book on disk: its settings and its parts, each with whole borrowers."""

    folder: Path
    settings: Settings
    parts: tuple[Part, ...]

    def hash(self) -> str:
        """SHA-256 in hex over the names and contents of all files of the book."""
        paths = {path for part in self.parts for files in part.files.values() for path in files}
        settings = self.folder / SETTINGS_FILE
        paths |= {settings} if settings.exists() else set()
        with ThreadPoolExecutor(cores()) as pool:  # hashing lets other threads run
            digests = dict(zip(paths, pool.map(_digest, paths), strict=True))
        return hash_of({path.relative_to(self.folder).as_posix(): digest for path, digest in digests.items()})


def hash_of(digests: Mapping[str, bytes]) -> str:
    """The hash of a book from the names of its files, relative to its folder, and the SHA-256 of each."""
    whole = hashlib.sha256()
    for name in sorted(digests, key=PurePosixPath):
        whole.update(name.encode() + b"\0" + digests[name])
    return whole.hexdigest()


def is_of_book(name: str) -> bool:
    """Whether a file, named relative to the folder of a book, is one of its tables or its settings."""
    path = PurePosixPath(name)
    folders = list(path.parts[:-1])
    if folders and PurePosixPath(folders[0]).match(_PART):
        folders.pop(0)
    table = folders[0] if folders else path.stem
    return name == SETTINGS_FILE or (path.suffix in SUFFIXES and table in TABLES and len(folders) < 2)


def _digest(path: Path) -> bytes:
    content = hashlib.sha256()
    with path.open("rb") as file:
        while block := file.read(_BLOCK):
            content.update(block)
    return content.digest()


def find_parts(folder: Path) -> tuple[Part, ...]:
    """The parts of a book folder: its part-* folders, or the folder itself.

    Raises Refusal where the folder is not there or holds no table.
    """
    if not folder.is_dir():
        raise Refusal(f"{folder}: the book is not there; got: no such folder; allowed: a folder of tables")
    folders = sorted(path for path in folder.glob(_PART) if path.is_dir())
    own = _part(folder, "", ignore={path.name for path in folders} | {SETTINGS_FILE, *_BESIDE})
    if folders and own.files:
        raise Refusal(
            f"{folder}: the book is given twice; got: tables ({', '.join(own.files)}) beside {_PART} folders; "
            "allowed: one or the other"
        )
    parts = tuple(_part(path, path.name, ignore=set()) for path in folders) or (own,)
    if not any(part.files for part in parts):
        raise Refusal(
            f"{folder}: the folder holds no table; got: {', '.join(own.unknown[:10]) or 'nothing'}; "
            f"allowed: {', '.join(TABLES)}, as .parquet or .csv files or folders of them"
        )
    return parts


def _part(folder: Path, name: str, ignore: set[str]) -> Part:
    files: dict[str, tuple[Path, ...]] = {}
    unknown, twice = [], []
    for path in sorted(folder.iterdir()):
        if path.name in ignore or path.name.startswith((".", "_")):
            continue
        table = path.name if path.is_dir() else path.stem
        held = _held(path)
        if table not in TABLES or not held:
            unknown.append(path.name)
        elif table in files:
            twice.append(table)
        else:
            files[table] = held
    ordered = {table: files[table] for table in TABLES if table in files}
    return Part(name, ordered, unknown=tuple(unknown), twice=tuple(twice))


def _held(path: Path) -> tuple[Path, ...]:
    if path.is_dir():
        return tuple(sorted(file for file in path.iterdir() if file.suffix in SUFFIXES))
    return (path,) if path.suffix in SUFFIXES else ()


def nearest_table(name: str) -> str:
    """The table whose name is most like that of a file."""
    return nearest(name.partition(".")[0], tuple(TABLES))
