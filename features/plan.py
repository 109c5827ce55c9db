"""The dues in force at as_of: what was due before, what is to come."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from features import dues
from features.kept import kept
from features.ledger import Ledger
from features.measures import Values

Int = NDArray[np.int64]


class InForce:
    """The version in force at each as_of (n,): rows of the ledger's plan with due > 0, by due date."""

    def __init__(self, book: Ledger, as_of: Int) -> None:
        self.book = book
        self.as_of = as_of

    @kept
    def _range(self) -> tuple[Int, Int]:
        """First and last + 1 plan row of the version in force; empty where none is."""
        first, end = dues.in_force(self.book.plan.since, self.book.plan_at, self.book.unit, self.as_of)
        return first, end

    def _total(self, values: Int, position: Int) -> Int:
        """The version's running total before `position`."""
        return np.asarray(dues.total_before(values, self._range[0], position))

    def _after(self, day: Int) -> Int:
        """First plan row due after `day` (n,)."""
        return np.asarray(dues.place_after(self.book.plan.due_on, *self._range, day))

    @kept
    def _now(self) -> Int:
        """First plan row due on or after as_of."""
        return self._after(self.as_of - 1)

    @kept
    def due_before(self) -> Int:
        """Dues in force before as_of, minor units, (n,)."""
        return self._total(self.book.plan.total, self._now)

    @kept
    def due_in_all(self) -> Int:
        """All dues in force, minor units, (n,)."""
        return self._total(self.book.plan.total, self._range[1])

    @kept
    def principal_to_come(self) -> Int:
        """Principal of dues in force on or after as_of, minor units, (n,)."""
        principal = self.book.plan.principal
        return self._total(principal, self._range[1]) - self._total(principal, self._now)

    @kept
    def last_due_on(self) -> Values:
        """The last due date in force with something due, days, (n,); NaN where there is none."""
        plan = self.book.plan
        return np.asarray(dues.last_with_a_due(plan.total, plan.due_on, *self._range, self.due_in_all))

    @kept
    def last_due(self) -> Int:
        """What falls due on the last due date in force, minor units, (n,)."""
        on = np.where(self.due_in_all > 0, self.last_due_on, 0).astype(np.int64)
        return self.due_in_all - self._total(self.book.plan.total, self._after(on - 1))

    def due_until(self, day: Int) -> Int:
        """Dues in force on or after as_of, up to and on `day` (n,), minor units, (n,)."""
        return self._total(self.book.plan.total, self._after(np.asarray(day, np.int64))) - self.due_before

    def next_dues(self, k: int) -> Values:
        """The next k dues above zero on or after as_of, minor units, (n, k); NaN where fewer are to come."""
        return np.asarray(dues.next_above_zero(self.book.plan.total, *self._range, self.due_before, k))

    def principal_met(self, money: Int) -> Values:
        """Principal of the dues in force that `money` (n,) covers in order, a part in proportion; minor units, (n,)."""
        plan = self.book.plan
        return np.asarray(dues.principal_covered(plan.total, plan.principal, *self._range, money))

    def coming(self, i: int) -> list[tuple[int, int]]:
        """Due day and amount (minor units) of every due above zero of observation `i` on or after as_of, next first."""
        at, end = int(self._now[i]), int(self._range[1][i])
        running = np.append(int(self.due_before[i]), self.book.plan.total[at:end])
        days = self.book.plan.due_on[at:end].tolist()
        return [(day, due) for day, due in zip(days, np.diff(running).tolist(), strict=True) if due > 0]
