"""What evidence is looked for in: one observation, the window of the feature, and which rows are wanted."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from book.clock import months_before
from features.history import History
from reports.loan.known_rows import Known
from reports.loan.rows import RowsView
from reports.loan.view import InstalmentView

FEW = 4
"""Rows shown behind one reason."""


@dataclass(frozen=True)
class Wanted:
    """`only` narrows the rows down ("" = all), `order` says which come first ("" = latest), `most` are shown.

    The window is `months` back or the `latest` instalments; 0 = no limit.
    """

    only: str = ""
    order: str = ""
    most: int = FEW
    months: int = 0
    latest: int = 0


@dataclass(frozen=True)
class Case:
    """Observation `i` of `h` on the day `as_of`, with its judged instalments, oldest first."""

    h: History
    i: int
    as_of: int
    instalments: tuple[InstalmentView, ...]

    def known(self, table: str) -> Known:
        """The rows of a table that the observation knows."""
        return Known(self.h.dossiers, table, self.i)

    def since(self, months: int) -> int:
        """The day so many months before as_of; long ago for 0."""
        return int(months_before(np.array([self.as_of]), months)[0]) if months else -(1 << 30)


Source = Callable[[Case, Wanted], RowsView]


def shown(
    known: Known, columns: tuple[str, ...], kept: NDArray[np.bool_], key: NDArray[Any] | None, wanted: Wanted
) -> RowsView:
    """The `kept` rows, latest first, or by falling `key` (one a row) where it is given."""
    at = np.flatnonzero(kept)
    at = at[::-1] if key is None else at[np.argsort(-key[at], kind="stable")]
    return RowsView(columns, tuple(known.table(columns, at[: wanted.most])), len(at))


def picked(columns: tuple[str, ...], rows: Sequence[tuple[Any, ...]], most: int) -> RowsView:
    """The first `most` of `rows`."""
    return RowsView(columns, tuple(rows[:most]), len(rows))
