"""A folder of results that appears whole or not at all."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from book.errors import Refusal


@contextmanager
def whole_folder(out: Path, marker: str) -> Iterator[Path]:
    """A new folder beside `out` to write into; it takes the place of `out` when the block ends without error.

    An `out` that holds files but no `marker` was not written here and is refused, not replaced.
    """
    if out.is_file() or (out.is_dir() and any(out.iterdir()) and not (out / marker).is_file()):
        raise Refusal(f"{out}: holds something else; allowed: a new or empty folder, or one written by this command")
    out.parent.mkdir(parents=True, exist_ok=True)
    new, old = _beside(out, "new"), _beside(out, "old")
    for left in (new, old):
        shutil.rmtree(left, ignore_errors=True)
    new.mkdir()
    try:
        yield new
        if out.exists():
            os.replace(out, old)
        os.replace(new, out)
    finally:
        shutil.rmtree(new, ignore_errors=True)
        shutil.rmtree(old, ignore_errors=True)


def _beside(out: Path, what: str) -> Path:
    return out.with_name(f".{out.name}.{what}-{os.getpid()}")
