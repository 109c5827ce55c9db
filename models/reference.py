"""What is usual: figures of the training population that reasons, reports and drift are read against."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

Medians = tuple[float | None, ...]
ENOUGH = 200  # training rows of a product that give it typical values of its own


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


def medians(x: NDArray[np.float32]) -> Medians:
    """The median of the observed values of every column of a feature matrix (n, k); None where there are none."""
    return tuple(one.median for one in population(x))


class Referred(Protocol):
    """What `Typical` reads of a bundle."""

    @property
    def reference(self) -> tuple[Usual, ...]: ...

    @property
    def products(self) -> Mapping[str, Medians]: ...


@dataclass(frozen=True)
class Typical:
    """Typical values: row 0 of `values` (1 + products, k) those of all training rows, then those of each product.

    NaN where a feature was never observed. A product without values of its own has those of all.
    """

    values: NDArray[np.float64]
    place: Mapping[str, int]

    @classmethod
    def of(cls, bundle: Referred) -> Typical:
        """The typical values that a bundle holds."""
        rows = [tuple(one.median for one in bundle.reference), *bundle.products.values()]
        return cls(np.array(rows, np.float64), {name: at for at, name in enumerate(bundle.products, 1)})

    def rows(self, products: Sequence[str]) -> NDArray[np.intp]:
        """The row of `values` for each product."""
        return np.array([self.place.get(product, 0) for product in products], np.intp)
