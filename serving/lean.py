"""A small server: LightGBM and Arrow without the optional companions they import wherever they are installed.

LightGBM imports pandas, scikit-learn and plotting at import time if it can find them, Arrow imports pandas with the
first value that it converts: 150 MB and seconds that answering a request never uses. Where they are installed the
server imports both with those hidden. And the C library gives memory back: it keeps two pools for all threads.
"""

from __future__ import annotations

import ctypes
import os
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from importlib import import_module
from importlib.abc import MetaPathFinder
from importlib.machinery import ModuleSpec
from types import ModuleType
from typing import Final

COMPANIONS = ("sklearn", "pandas", "matplotlib", "graphviz", "dask")
ARENAS: Final = 2
"""Pools of memory of the C library: by default eight for each core, and what threads free stays with theirs."""
_M_ARENA_MAX: Final = -8


def import_lightgbm() -> None:
    """Import LightGBM alone. Call it before anything else imports it; later calls change nothing."""
    if "lightgbm" not in sys.modules:
        with _hidden(COMPANIONS):
            import_module("lightgbm")


def import_arrow() -> None:
    """Import Arrow alone, with the C library's memory in place of a pool of its own. Later calls change nothing."""
    os.environ.setdefault("ARROW_DEFAULT_MEMORY_POOL", "system")
    arrow = import_module("pyarrow")
    with _hidden(("pandas",)):  # both places look for it once, and remember that there is none
        arrow.array([None, 1])
        bool(arrow.lib._pandas_api.have_pandas)


def few_arenas() -> None:
    """Limit the pools of memory of the C library, where it is GNU's and the environment does not say how many."""
    if "MALLOC_ARENA_MAX" not in os.environ and sys.platform == "linux":
        with suppress(OSError, AttributeError):
            ctypes.CDLL(None).mallopt(_M_ARENA_MAX, ARENAS)


def one_thread() -> None:
    """Have libraries begin no threads of their own while they are imported; what was imported can then be copied."""
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")


def give_back() -> None:
    """Give memory that was freed back to the system, where the C library is GNU's."""
    if sys.platform == "linux":
        with suppress(OSError, AttributeError):
            ctypes.CDLL(None).malloc_trim(0)


class _Hiding(MetaPathFinder):
    """Says of some modules that there are none."""

    def __init__(self, names: Sequence[str]) -> None:
        self._names = frozenset(names)

    def find_spec(self, name: str, path: Sequence[str] | None, target: ModuleType | None = None) -> ModuleSpec | None:
        """Nothing is found here; a hidden name is not looked for elsewhere. Raises ModuleNotFoundError."""
        if name in self._names:
            raise ModuleNotFoundError(f"{name} is hidden", name=name)
        return None


@contextmanager
def _hidden(names: tuple[str, ...]) -> Iterator[None]:
    """Make `import name` fail inside the block for those of `names` that are not imported yet."""
    hiding = _Hiding([name for name in names if name not in sys.modules])
    sys.meta_path.insert(0, hiding)
    try:
        yield
    finally:
        sys.meta_path.remove(hiding)
