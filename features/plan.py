"""The dues in force at as_of: what was due before, what is to come."""

from __future__ import annotations

from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from features.ledger import Ledger
from features.measures import Values
from features.windows import locate

Int = NDArray[np.int64]


class InForce:
    """The version in force at each as_of (n,): rows of the ledger's plan with due > 0, by due date."""

    def __init__(self, book: Ledger, as_of: Int) -> None:
        self.book = book
        self.as_of = as_of

    @cached_property
    def _range(self) -> tuple[Int, Int]:
        """First and last + 1 plan row of the version in force; empty where none is."""
        plan, unit = self.book.plan, self.book.unit
        end = locate(plan.since, self.book.plan_at, unit, self.as_of[:, None])[:, 0]
        start = self.book.plan_at[unit, 0]
        some = end > start
        since = np.where(some, np.append(plan.since, 0)[end - 1], 0)
        first = locate(plan.since, self.book.plan_at, unit, (since - 1)[:, None])[:, 0]
        return np.where(some, first, end), end

    def _total(self, values: Int, position: Int) -> Int:
        """The version's running total before `position`."""
        first, _ = self._range
        return np.where(position > first, np.append(values, 0)[position - 1], 0)

    @cached_property
    def _now(self) -> Int:
        """First plan row due on or after as_of."""
        return self._after(self.as_of - 1)

    @cached_property
    def due_before(self) -> Int:
        """Dues in force before as_of, minor units, (n,)."""
        return self._total(self.book.plan.total, self._now)

    @cached_property
    def due_in_all(self) -> Int:
        """All dues in force, minor units, (n,)."""
        return self._total(self.book.plan.total, self._range[1])

    @cached_property
    def principal_to_come(self) -> Int:
        """Principal of dues in force on or after as_of, minor units, (n,)."""
        principal = self.book.plan.principal
        return self._total(principal, self._range[1]) - self._total(principal, self._now)

    @cached_property
    def last_due_on(self) -> Values:
        """The last due date in force with something due, days, (n,); NaN where there is none."""
        first, end = self._range
        at = np.stack([first, end], axis=1)
        total = self.book.plan.total
        full = locate(total, at, np.arange(len(first)), (self.due_in_all - 1)[:, None])[:, 0]
        return np.where(self.due_in_all > 0, np.append(self.book.plan.due_on, 0)[np.minimum(full, len(total))], np.nan)

    @cached_property
    def last_due(self) -> Int:
        """What falls due on the last due date in force, minor units, (n,)."""
        on = np.where(self.due_in_all > 0, self.last_due_on, 0).astype(np.int64)
        return self.due_in_all - self._total(self.book.plan.total, self._after(on - 1))

    def due_until(self, day: Int) -> Int:
        """Dues in force on or after as_of, up to and on `day` (n,), minor units, (n,)."""
        return self._total(self.book.plan.total, self._after(np.asarray(day, np.int64))) - self.due_before

    def _after(self, day: Int) -> Int:
        """First plan row due after `day` (n,)."""
        first, end = self._range
        at = np.stack([first, end], axis=1)
        return locate(self.book.plan.due_on, at, np.arange(len(first)), day[:, None])[:, 0]

    def next_dues(self, k: int) -> Values:
        """The next k dues above zero on or after as_of, minor units, (n, k); NaN where fewer are to come."""
        first, end = self._range
        at = np.stack([first, end], axis=1)
        row = np.arange(len(first))
        out = np.full((len(first), k), np.nan)
        reached = self.due_before
        for j in range(k):
            place = locate(self.book.plan.total, at, row, reached[:, None])[:, 0]
            there = place < end
            total = np.append(self.book.plan.total, 0)[np.where(there, place, len(self.book.plan.total))]
            out[:, j] = np.where(there, total - reached, np.nan)
            reached = np.where(there, total, reached)
        return out

    def principal_met(self, money: Int) -> Values:
        """Principal of the dues in force that `money` (n,) covers in order, a part in proportion; minor units, (n,)."""
        first, end = self._range
        at = np.stack([first, end], axis=1)
        plan = self.book.plan
        place = locate(plan.total, at, np.arange(len(first)), money[:, None])[:, 0]
        whole = self._total(plan.principal, place)
        covered = self._total(plan.total, place)
        after = np.minimum(place + 1, np.maximum(end, 0))
        due = self._total(plan.total, after) - covered
        principal = self._total(plan.principal, after) - whole
        share = np.where((place < end) & (due > 0), (money - covered) / np.maximum(due, 1), 0.0)
        return whole + principal * share
