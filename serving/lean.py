"""A small server: LightGBM without the optional companions it imports wherever they are installed.

LightGBM imports pandas, scikit-learn and plotting at import time if it can find them: 150 MB and seconds
that answering a request never uses. Where they are installed the server imports it with those hidden.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module

COMPANIONS = ("sklearn", "pandas", "matplotlib", "graphviz", "dask")


def import_lightgbm() -> None:
    """Import LightGBM alone. Call it before anything else imports it; later calls change nothing."""
    if "lightgbm" not in sys.modules:
        with _hidden(COMPANIONS):
            import_module("lightgbm")


@contextmanager
def _hidden(names: tuple[str, ...]) -> Iterator[None]:
    """Make `import name` fail inside the block for those of `names` that are not imported yet."""
    absent = [name for name in names if name not in sys.modules]
    sys.modules.update(dict.fromkeys(absent))  # type: ignore[arg-type]  # None means "cannot be imported"
    try:
        yield
    finally:
        for name in absent:
            del sys.modules[name]
