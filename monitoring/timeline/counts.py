"""Values of features counted into the cells of a reference, by month and bucket: adds up over the parts of a book."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from monitoring.csi import Reference
from monitoring.psi import Bins

ALL, CURRENT, LATE = BUCKETS = ("all", "current", "late")


@dataclass(frozen=True)
class Baseline:
    """What a model was judged on: by bucket the reference of its score (under `score`) and features.

    A bucket may lack features, or be absent, where the evidence is of an earlier version.
    """

    by_bucket: Mapping[str, Reference]
    score: str = "pd"

    @classmethod
    def of(cls, plain: Mapping[str, Any]) -> Baseline:
        """From `reference.json` beside a bundle."""
        found = {ALL: _reference(plain)}
        found |= {name: _reference(one) for name, one in plain.get("by_bucket", {}).items()}
        return cls(found)

    def cells(self, bucket: str, name: str) -> Bins | None:
        """The bins of a feature in a bucket: its own, else those of the whole."""
        own = self.by_bucket.get(bucket, self.by_bucket[ALL])
        return own.bins.get(name)


def _reference(plain: Mapping[str, Any]) -> Reference:
    bins = {name: Bins(tuple(one["edges"])) for name, one in plain["bins"].items()}
    return Reference(bins, {name: tuple(one) for name, one in plain["counts"].items()}, int(plain["borrowers"]))


@dataclass(frozen=True)
class Counts:
    """`cells` (months, buckets, features, cells): rows of each month end and bucket in the cells of each feature."""

    days: tuple[int, ...]
    names: tuple[str, ...]
    cells: NDArray[np.float64]

    @classmethod
    def none(cls, baseline: Baseline, days: Sequence[int], names: Sequence[str]) -> Counts:
        """Counts of no rows."""
        most = max((one.cells for ref in baseline.by_bucket.values() for one in ref.bins.values()), default=2)
        return cls(tuple(days), tuple(names), np.zeros((len(days), len(BUCKETS), len(names), most)))

    def add(
        self, baseline: Baseline, x: NDArray[np.float32], as_of: NDArray[np.integer], late: NDArray[np.bool_]
    ) -> None:
        """Count rows of features x (n, k) on their days (n,)."""
        at = np.searchsorted(self.days, as_of)
        for position, (bucket, chosen) in enumerate(zip(BUCKETS, (late | True, ~late, late), strict=True)):
            rows = np.flatnonzero(chosen)
            for column, name in enumerate(self.names):
                bins = baseline.cells(bucket, name)
                if bins is not None and len(rows):
                    self._put(at[rows], position, column, _cell(bins, x[rows, column]))

    def _put(self, month: NDArray[np.integer], bucket: int, column: int, cell: NDArray[np.integer]) -> None:
        months, most = self.cells.shape[0], self.cells.shape[-1]
        found = np.bincount(month * most + cell, minlength=months * most)
        self.cells[:, bucket, column] += found.reshape(months, most)

    def plus(self, other: Counts) -> Counts:
        """Both together."""
        return Counts(self.days, self.names, self.cells + other.cells)


def _cell(bins: Bins, values: NDArray[np.float32]) -> NDArray[np.int64]:
    cell = np.searchsorted(np.array(bins.edges, values.dtype), values, side="right")
    return np.where(np.isnan(values), bins.cells - 1, cell).astype(np.int64)
