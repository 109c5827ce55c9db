"""The folder: files under the hash of what they hold, written whole or not at all."""

from __future__ import annotations

import logging
import os
import secrets
import shutil
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path

from book.errors import Refusal
from serving.journal.database import database_url

log = logging.getLogger("loanwatch.archive")
VARIABLE = "LOANWATCH_ARCHIVE"
ELSEWHERE = Path("out/archive")


class Unkept(Refusal):
    """Something is not in the archive, or is not what its hash says; the message names the hash and the place."""


def archive_folder(journal: str, given: Path | None = None, environment: Mapping[str, str] = os.environ) -> Path:
    """Where the archive of a journal is: as given, as LOANWATCH_ARCHIVE says, else beside the database.

    Beside a SQLite database it is the folder of its name with "-archive"; of a PostgreSQL journal "out/archive".
    """
    if given is not None or environment.get(VARIABLE):
        return given or Path(environment[VARIABLE])
    url = database_url(journal)
    return Path(f"{url.database}-archive") if url.drivername == "sqlite" else ELSEWHERE


class Archive:
    """Files by name; each name ends in the hash of what the file holds, so that a file never changes.

    Several processes may write one name at once: each writes a file of its own and renames it, with the same bytes.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def path(self, name: str) -> Path:
        """Where a file is, or would be."""
        return self.folder / name

    def has(self, name: str) -> bool:
        """Whether a file is there."""
        return self.path(name).is_file()

    def read(self, name: str, what: str) -> bytes:
        """A file; `what` it is, in words. Raises Unkept where it is not there or cannot be read."""
        try:
            return self.path(name).read_bytes()
        except FileNotFoundError:
            raise Unkept(f"{what}: {self.path(name)} is not there") from None
        except OSError as error:
            raise Unkept(f"{what}: {self.path(name)} cannot be read: {error}") from None

    def put(self, name: str, content: bytes) -> None:
        """Keep a file; one that is there with these bytes stays, one with others (damaged) is put right.

        Raises OSError where it cannot be written (the disk is full); then nothing of it is there.
        """
        path = self.path(name)
        with suppress(OSError):
            if path.read_bytes() == content:
                return
            log.error("%s was not as it was written; it is put right", path)
        self._place(path, lambda new: _write(new, content))

    def link(self, name: str, source: Path) -> None:
        """Keep a file that nobody writes to again, without copying it where the file system allows that."""
        path = self.path(name)
        if not path.is_file():
            self._place(path, lambda new: _link(source, new))

    def drop(self, name: str) -> None:
        """Forget a file."""
        self.path(name).unlink(missing_ok=True)

    def _place(self, path: Path, make: Callable[[Path], None]) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        new = path.with_name(f".{path.name}.{os.getpid()}.{secrets.token_hex(4)}")
        try:
            make(new)
            os.replace(new, path)
        finally:
            new.unlink(missing_ok=True)
        for folder in (path.parent, self.folder, self.folder.parent):
            _sync(folder)


def _write(path: Path, content: bytes) -> None:
    with path.open("xb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())


def _link(source: Path, new: Path) -> None:
    try:
        os.link(source, new)
    except OSError:
        shutil.copyfile(source, new)
    _sync(new)


def _sync(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
