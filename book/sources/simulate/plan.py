"""What is to be simulated, and its calendar."""

from __future__ import annotations

import re
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from book.clock import end_of_day
from book.errors import Refusal

SPARE_MONTHS = 132  # schedules run past the window


@dataclass(frozen=True)
class Plan:
    """A simulated book: how many loans, over which months, from which seed.

    `start` is the first month as "YYYY-MM"; `part_loans` is the number of loans of one partition, so that
    a full part is the same however many parts are made. `late_share` of the rows are posted 1 to 20 days
    late. Loans are paid out in the first `lent_months` months only, where that is given; `shortest_term` lengthens
    the terms of those that would run for fewer months.
    """

    loans: int = 20_000
    months: int = 48
    seed: int = 7
    start: str = "2021-01"
    part_loans: int = 2_500
    late_share: float = 0.05
    timezone: str = "Asia/Shanghai"
    currency: str = "CNY"
    lent_months: int | None = None
    shortest_term: int = 0

    def __post_init__(self) -> None:
        faults = [
            f"simulate, {name}: got: {got}; allowed: {low} to {high}"
            for name, got, low, high in (
                ("loans", self.loans, 1, 100_000_000),
                ("months", self.months, 6, 240),
                ("seed", self.seed, 0, 2**63 - 1),
                ("part_loans", self.part_loans, 1, 1_000_000),
                ("late_share", self.late_share, 0, 0.5),
                ("lent_months", self.lending_months, 1, self.months),
                ("shortest_term", self.shortest_term, 0, 60),
            )
            if not low <= got <= high
        ]
        if not re.fullmatch(r"(19[7-9]\d|20\d\d)-(0[1-9]|1[0-2])", self.start):
            faults.append(f"simulate, start: got: {self.start!r}; allowed: a month as YYYY-MM")
        if faults:
            raise Refusal("\n".join(faults))

    @property
    def parts(self) -> int:
        """How many partitions the book has."""
        return -(-self.loans // self.part_loans)

    @property
    def lending_months(self) -> int:
        """In how many months, from the first, loans are paid out."""
        return self.months if self.lent_months is None else self.lent_months

    def loans_of(self, part: int) -> int:
        """How many loans a partition holds."""
        return min(self.part_loans, self.loans - part * self.part_loans)

    @property
    def first_month(self) -> int:
        """The first month, in months since 1970-01."""
        return int(np.datetime64(self.start, "M").astype(np.int64))


class Calendar:
    """Days of the plan: `starts[t]` is the first day of month t (t = 0 is the plan's first month)."""

    def __init__(self, plan: Plan) -> None:
        months = plan.first_month + np.arange(plan.months + SPARE_MONTHS)
        self.starts: NDArray[np.int64] = months.astype("datetime64[M]").astype("datetime64[D]").astype(np.int64)
        self.first_day = int(self.starts[0])
        self.last_day = int(self.starts[plan.months]) - 1
        self._offset = self.first_day - 1
        span = np.arange(self._offset, self.last_day + 400)
        self._ends = end_of_day(span, plan.timezone)
        self.received_at = int(self._ends[self.last_day - self._offset])

    def day(self, month: NDArray[np.int64], day_of_month: NDArray[np.int64]) -> NDArray[np.int64]:
        """The day number of a day (1 to 28) of month t."""
        return self.starts[month] + day_of_month - 1

    def midnight(self, day: NDArray[np.int64]) -> NDArray[np.int64]:
        """The first microsecond of each day in the book's time zone, UTC."""
        return self._ends[day - 1 - self._offset] + 1
