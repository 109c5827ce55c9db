"""The context: what cohorts, regions and guarantors looked like at month ends, from rows known then."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
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


def continued(old: Context | None, new: Context) -> Context:
    """`new`, and before its first month what `old` says of the months just before; `new` alone where there is a gap.

    Figures of a month are made from rows known at its end, so what was said of a month that is over stays.
    """
    if old is None or not len(new.months) or not len(old.months):
        return new
    kept = int(np.searchsorted(old.months, new.months[0]))
    if not kept or old.months[kept - 1] != new.months[0] - 1:
        return new
    cohorts = sorted(
        {*zip(old.products, old.quarters.tolist(), strict=True), *zip(new.products, new.quarters.tolist(), strict=True)}
    )
    regions = sorted({*old.regions, *new.regions})
    persons = sorted({*old.persons.tolist(), *new.persons.tolist()})

    def both(name: str, keys: list[Any], of: Callable[[Context], list[Any]]) -> Values:
        was, now = (_spread(getattr(one, name), of(one), keys) for one in (old, new))
        return np.concatenate([was[:, :kept], now], axis=1)

    def of_cohorts(one: Context) -> list[Any]:
        return list(zip(one.products, one.quarters.tolist(), strict=True))

    return Context(
        months=np.concatenate([old.months[:kept], new.months]),
        products=tuple(product for product, _ in cohorts),
        quarters=np.array([quarter for _, quarter in cohorts], np.int64),
        late_rate=both("late_rate", cohorts, of_cohorts),
        fpd_rate=both("fpd_rate", cohorts, of_cohorts),
        paid_edges=both("paid_edges", cohorts, of_cohorts),
        regions=tuple(regions),
        roll_rate=both("roll_rate", regions, lambda one: list(one.regions)),
        persons=np.array(persons, np.int64),
        dpd=both("dpd", persons, lambda one: one.persons.tolist()),
    )


def _spread(values: Values, keys: list[Any], wanted: list[Any]) -> Values:
    """The figures (k, ...) of `keys` in the order of `wanted`; NaN for those that are not among them."""
    out = np.full((len(wanted), *values.shape[1:]), np.nan)
    place = {key: row for row, key in enumerate(wanted)}
    out[[place[key] for key in keys]] = values
    return out


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
