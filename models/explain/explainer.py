"""Contributions of a model's rows: from tables once they are built, from the booster until then, or for good."""

from __future__ import annotations

import logging
import os
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from models.explain.kernels import log_odds, many_rows, one_row
from models.explain.shapley import Floats
from models.explain.tables import Tables, build
from models.explain.trees import NotCovered

log = logging.getLogger("loanwatch.explain")

TABLES = "treeshap tables"
BOOSTER = "lightgbm pred_contrib"
AGREE = 1e-10  # log-odds: tables further from the booster than this are not used
ALLOWANCE = 100  # times what pred_contrib itself misses the raw score by: it loses digits on very long paths
BLOCK = 2_048  # rows that go through the tables together
SHARE = 4 * BLOCK  # rows a thread takes at a time


class Slow(Protocol):
    """The booster itself: `raw` (n,) and `contributions` (n, k + 1) of rows (n, k)."""

    def raw(self, x: NDArray[np.floating]) -> Floats: ...

    def contributions(self, x: NDArray[np.floating]) -> Floats: ...


class Explainer:
    """Explains rows with whatever is ready. Safe to ask from any thread while the tables are built in another.

    Tables are used only if they agree with the `booster` on `rows` (m, k). Where there are none, `refused` says why.
    """

    def __init__(self, model_text: str, booster: Slow, rows: NDArray[np.floating], threads: int = 1) -> None:
        self.refused = "not asked for"
        self._text = model_text
        self._booster = booster
        self._rows = np.ascontiguousarray(rows, np.float64)
        self._threads = threads or os.cpu_count() or 1
        self._tables: Tables | None = None
        self._once = threading.Lock()

    @property
    def name(self) -> str:
        """What explains at this moment."""
        return TABLES if self._tables else BOOSTER

    @property
    def bytes(self) -> int:
        """Memory of the tables; 0 while there are none."""
        return self._tables.bytes if self._tables else 0

    def build(self) -> None:
        """Build the tables, once; returns when they are ready, or refused for good."""
        with self._once:
            if self._tables or not self._text:
                return
            try:
                tables = build(self._text)
            except NotCovered as reason:
                self.refused = f"{reason}; explained by {BOOSTER}"
            else:
                self._adopt(tables)
            self._text = ""
        if self.refused:
            log.warning("no tables: %s", self.refused)

    def build_in_background(self) -> threading.Thread:
        """Build the tables in a thread of its own, while rows are explained by the booster."""
        self.refused = "being built"
        thread = threading.Thread(target=self.build, name="explanation tables", daemon=True)
        thread.start()
        return thread

    def _adopt(self, tables: Tables) -> None:
        """Use `tables` if they agree with the booster; the first rows also compile the kernels."""
        rows = self._rows if len(self._rows) > 1 else np.zeros((2, self._rows.shape[1]))
        raw, slow = self._booster.raw(rows), self._booster.contributions(rows)
        many = _explain(tables, rows)
        one = np.concatenate([_explain(tables, rows[[i]]) for i in range(len(rows))])
        short = _furthest(many.sum(axis=1), raw)
        far = _furthest(many, slow) - ALLOWANCE * _furthest(slow.sum(axis=1), raw)
        if not (
            max(short, far) <= AGREE and np.array_equal(one, many) and np.array_equal(raw, _log_odds(tables, rows))
        ):
            self.refused = f"tables are {max(short, far):.2g} away from {BOOSTER}; allowed: {AGREE:.0e}"
            return
        self.refused = ""
        self._tables = tables

    def contributions(self, x: NDArray[np.floating]) -> tuple[Floats, str]:
        """Contributions (n, k + 1) of `x` (n, k) in log-odds, the base last, and what made them."""
        tables = self._tables
        if tables is None:
            return self._booster.contributions(x), BOOSTER
        return np.concatenate(self._shared(lambda rows: _explain(tables, rows), x)), TABLES

    def log_odds(self, x: NDArray[np.floating]) -> Floats | None:
        """The raw scores (n,) of `x` (n, k), bit for bit those of the booster; None while there are no tables."""
        tables = self._tables
        if tables is None:
            return None
        return np.concatenate(self._shared(lambda rows: _log_odds(tables, rows), x))

    def _shared(self, work: Callable[[Floats], Floats], x: NDArray[np.floating]) -> list[Floats]:
        """`work` on the rows of `x`, many at a time in several threads; what a row gets does not depend on it."""
        starts = range(0, max(len(x), 1), SHARE)
        if len(starts) == 1 or self._threads == 1:
            return [work(_rows(x, start)) for start in starts]
        with ThreadPoolExecutor(self._threads) as pool:
            return list(pool.map(lambda start: work(_rows(x, start)), starts))


def _furthest(got: Floats, expected: Floats) -> float:
    return float(np.abs(got - expected).max())


def _rows(x: NDArray[np.floating], start: int) -> Floats:
    return np.ascontiguousarray(x[start : start + SHARE], np.float64)


def _explain(tables: Tables, rows: Floats) -> Floats:
    found = np.zeros((len(rows), rows.shape[1] + 1))
    if len(rows) == 1:
        one_row(rows[0], tables, found[0])
    else:
        many_rows(rows, tables, min(BLOCK, max(len(rows), 1)), found)
    found[:, -1] = tables.base
    return found


def _log_odds(tables: Tables, rows: Floats) -> Floats:
    found = np.zeros(len(rows))
    log_odds(rows, tables, min(BLOCK, max(len(rows), 1)), found)
    return found
