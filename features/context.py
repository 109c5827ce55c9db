"""The context: what cohorts, regions and guarantors looked like at month ends, from rows known then."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from book.clock import month_of
from features.measures import Values

Int = NDArray[np.int64]
EDGES = 21
"""Percentiles kept of a cohort's paid ratio: 0, 5, ... 100 %."""


@dataclass(frozen=True)
class Context:
    """Figures of `months` (m,), months since 1970-01, consecutive; NaN = absent.

    Cohort i is the loans of `products[i]` disbursed in quarter `quarters[i]` (quarters since 1970): `late_rate` and
    `fpd_rate` (c, m), `paid_edges` (c, m, 21) percentiles. `roll_rate` (r, m) is by `regions`, `dpd` (p, m) in days by
    `persons`, sorted ids of guarantors as they stand in memory.
    """

    months: Int
    products: tuple[str, ...]
    quarters: Int
    late_rate: Values
    fpd_rate: Values
    paid_edges: Values
    regions: tuple[str, ...]
    roll_rate: Values
    persons: Int
    dpd: Values

    @cached_property
    def hash(self) -> str:
        """SHA-256 in hex of all figures."""
        whole = hashlib.sha256("\x1f".join((*self.products, "", *self.regions)).encode())
        for values in (
            self.months, self.quarters, self.late_rate, self.fpd_rate, self.paid_edges, self.roll_rate,
            self.persons, self.dpd,
        ):  # fmt: skip
            whole.update(np.ascontiguousarray(values).tobytes() + str(values.shape).encode())
        return whole.hexdigest()

    def month_before(self, as_of: Int) -> Int:
        """Position in `months` of the month before that of each as_of (n,); -1 where the context does not have it."""
        if not len(self.months):
            return np.full(len(as_of), -1)
        at = month_of(as_of).astype(np.int64) - 1 - self.months[0]
        return np.where((at >= 0) & (at < len(self.months)), at, -1)

    def cohort(self, product: NDArray[Any], disbursed_on: Int) -> Int:
        """Position of each loan's cohort (n,), -1 where it is absent. `product` (n,) text, `disbursed_on` (n,) days."""
        names, at = np.unique(np.array(self.products, str), return_inverse=True)
        key = at * _SPAN + self.quarters
        order = np.argsort(key)
        found = _place(np.asarray(product).astype(str), names)
        wanted = np.where(found >= 0, found * _SPAN + quarter_of(disbursed_on), -1)
        place = _place(wanted, key[order])
        return np.where(place >= 0, np.append(order, -1)[place], -1)

    def region(self, region: NDArray[Any]) -> Int:
        """Position of each region (n,) text, -1 where it is absent or not given."""
        order = np.argsort(np.array(self.regions, str))
        place = _place(np.asarray(region).astype(str), np.array(self.regions, str)[order])
        return np.where((place >= 0) & (np.asarray(region) != None), np.append(order, -1)[place], -1)  # noqa: E711

    def person(self, person: Int) -> Int:
        """Position of each guarantor (n,), -1 where the context does not have them."""
        return _place(person, self.persons)


_SPAN = 1 << 20


def quarter_of(days: NDArray[Any]) -> Int:
    """Quarters since 1970 of each day."""
    return (month_of(days) // 3).astype(np.int64)


def _place(wanted: NDArray[Any], ordered: NDArray[Any]) -> Int:
    """Position of each of `wanted` in `ordered`, -1 where it is not there."""
    if not len(ordered):
        return np.full(len(wanted), -1)
    at = np.minimum(np.searchsorted(ordered, wanted), len(ordered) - 1)
    return np.where(ordered[at] == wanted, at, -1)


def figure(values: Values, row: Int, month: Int) -> Values:
    """`values[row, month]` (n, ...), NaN where either is -1."""
    if not len(values):
        return np.full((len(row), *values.shape[2:]), np.nan)
    there = (row >= 0) & (month >= 0)
    found = values[np.where(there, row, 0), np.where(there, month, 0)]
    return np.where(there.reshape(-1, *[1] * (found.ndim - 1)), found, np.nan)
