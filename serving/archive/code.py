"""Which program made a score: its version, the hash of its sources, and the libraries whose arithmetic it uses."""

from __future__ import annotations

import platform
from functools import cache
from hashlib import sha256
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

ROOMS = ("book", "features", "models", "policy", "serving")
"""The rooms whose sources decide what a score is."""
KINDS = (".py", ".toml")
LIBRARIES = ("numpy", "numba", "lightgbm")


@cache
def code_hash() -> str:
    """SHA-256 over the names and contents of all sources of `ROOMS`."""
    root, whole = Path(__file__).parents[2], sha256()
    for room in ROOMS:
        for path in sorted(path for path in (root / room).rglob("*") if path.suffix in KINDS):
            whole.update(f"{path.relative_to(root).as_posix()}\n".encode())
            whole.update(sha256(path.read_bytes()).digest())
    return whole.hexdigest()


@cache
def program() -> str:
    """The version of Loanwatch."""
    return _version("loanwatch")


@cache
def libraries() -> str:
    """Python and the libraries, with their versions, and the kind of processor."""
    named = ", ".join(f"{name} {_version(name)}" for name in LIBRARIES)
    return f"python {platform.python_version()}, {named}, {platform.machine()}"


def _version(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:
        return "unknown"
