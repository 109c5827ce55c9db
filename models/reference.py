"""What is usual: figures of the training population that reasons, reports and drift are read against."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True)
class Usual:
    """One feature in the training population, in its own unit; None where it was never observed.

    `missing` is the share of rows where the feature was not observed; the rest describe the observed rows.
    """

    median: float | None
    p05: float | None
    p95: float | None
    mean: float | None
    missing: float

    @classmethod
    def read(cls, data: Mapping[str, float | None]) -> Usual:
        """From the plain data of `plain`."""
        missing = data["missing"]
        if missing is None:
            raise ValueError("reference: missing share is absent")
        return cls(data["median"], data["p05"], data["p95"], data["mean"], missing)


def usual(values: NDArray[np.float32]) -> Usual:
    """The figures of one column, NaN = not observed."""
    seen = values[~np.isnan(values)].astype(np.float64)
    missing = 1.0 - len(seen) / len(values) if len(values) else 1.0
    if not len(seen):
        return Usual(None, None, None, None, missing)
    p05, median, p95 = (float(q) for q in np.quantile(seen, (0.05, 0.5, 0.95)))
    return Usual(median, p05, p95, float(seen.mean()), missing)


def population(x: NDArray[np.float32]) -> tuple[Usual, ...]:
    """The figures of every column of a feature matrix (n, k)."""
    return tuple(usual(x[:, column]) for column in range(x.shape[1]))


def plain(reference: Sequence[Usual]) -> list[dict[str, float | None]]:
    """As plain data for `bundle.json`."""
    return [asdict(one) for one in reference]
