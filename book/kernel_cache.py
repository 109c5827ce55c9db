"""Where compiled loops are kept: a folder of their own for each content of the sources they are made from.

numba keeps what it compiled by the one file a function stands in; a change of a function called from another file
would leave it standing. Every room with compiled loops imports this module first.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable
from hashlib import sha256
from pathlib import Path

VARIABLE = "NUMBA_CACHE_DIR"
ROOMS = ("book", "features", "models", "policy")
_MARKS = (b"numba", b"compiled")


def sources(root: Path) -> list[Path]:
    """The files below the rooms of `root` that hold or use compiled loops, in order."""
    found = (path for room in ROOMS for path in (root / room).rglob("*.py"))
    return sorted(path for path in found if any(mark in path.read_bytes() for mark in _MARKS))


def stamp(files: Iterable[Path], root: Path) -> str:
    """A short name for the contents of `files`: 16 hexadecimal digits."""
    whole = sha256()
    for path in files:
        whole.update(f"{path.relative_to(root).as_posix()}\n".encode() + sha256(path.read_bytes()).digest())
    return whole.hexdigest()[:16]


def choose(root: Path) -> None:
    """Point numba to the folder of the present sources: below NUMBA_CACHE_DIR where it is set, else beside them.

    Where the sources cannot be looked at (packed as a zip), or the folder cannot be written, numba keeps to its ways.
    """
    if not (root / "book").is_dir():
        return
    name = f"kernels-{stamp(sources(root), root)}"
    given = os.environ.get(VARIABLE, "")
    base = Path(given) if given else root / "book" / "__pycache__"
    if base.name.startswith("kernels-"):  # a process begun by one of ours
        base = base.parent
    os.environ[VARIABLE] = str(base / name)
    if "numba" in sys.modules:
        sys.modules["numba"].config.CACHE_DIR = os.environ[VARIABLE]


choose(Path(__file__).resolve().parents[1])
