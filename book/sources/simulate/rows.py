"""Rows collected month by month, joined once at the end."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

Columns = dict[str, NDArray[np.int64]]


class Rows:
    """Whole-number columns of one length, appended in blocks."""

    def __init__(self, *names: str, **defaults: int) -> None:
        self._blocks: dict[str, list[NDArray[np.int64]]] = {name: [] for name in (*names, *defaults)}
        self._defaults = defaults

    def add(self, **columns: ArrayLike) -> None:
        """Append one block; scalars are repeated, columns with a default may be left out.

        Raises ValueError where a column is unknown or one without a default is missing.
        """
        given = self._defaults | columns
        if given.keys() != self._blocks.keys():
            raise ValueError(f"rows: got columns {sorted(given)}, allowed {sorted(self._blocks)}")
        shape = np.broadcast_shapes(*(np.shape(values) for values in given.values()))
        for name, values in given.items():
            self._blocks[name].append(np.broadcast_to(np.asarray(values, np.int64), shape).ravel())

    def columns(self) -> Columns:
        """All blocks joined."""
        empty = np.zeros(0, np.int64)
        return {name: np.concatenate([empty, *blocks]) for name, blocks in self._blocks.items()}


def take(columns: Columns, index: ArrayLike) -> Columns:
    """The rows at `index` (positions or a mask)."""
    return {name: values[np.asarray(index)] for name, values in columns.items()}
