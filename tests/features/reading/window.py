"""Windows of months and of instalments, and when they count as observed."""

from __future__ import annotations

from datetime import date

from reading.days import months_before, months_since
from reading.repayment import Judged, Repayment
from reading.rows import Row, day_of


class Window:
    """The last W months of a loan: days after `opens` up to as_of."""

    def __init__(self, repayment: Repayment, months: int) -> None:
        self.repayment, self.months = repayment, months
        self.start, self.as_of = repayment.loan.start, repayment.loan.as_of
        self.opens = months_before(self.as_of, months)

    @property
    def observed(self) -> bool:
        return 2 * (self.as_of - self.start).days >= (self.as_of - self.opens).days

    def __contains__(self, day: date) -> bool:
        return self.opens < day <= self.as_of

    @property
    def judged(self) -> list[Judged]:
        return [one for one in self.repayment.judged if one.due.due_on in self]

    @property
    def dpd(self) -> list[int]:
        """DPD of the days read in the window after the start day."""
        return [dpd for day, dpd in self.repayment.dpd_by_day.items() if day in self and day > self.start]

    @property
    def money(self) -> int:
        return self.repayment.paid_between(self.opens, self.as_of)

    @property
    def dues(self) -> int:
        return sum(one.due.amount for one in self.judged)

    def edge_dpd(self, first: int, last: int) -> list[int | None]:
        """DPD at edge(first) .. edge(last); None before the start."""
        edges = [months_before(self.as_of, back) for back in range(first, last + 1)]
        return [self.repayment.dpd(edge) if edge >= self.start else None for edge in edges]

    def rows(self, rows: list[Row], column: str) -> list[Row]:
        return [row for row in rows if day_of(row[column]) in self]


def latest(repayment: Repayment, count: int) -> list[Judged] | None:
    """The latest judged instalments, oldest first; None with fewer than half of `count` (rounded up)."""
    last = repayment.judged[-count:]
    return last if 2 * len(last) >= count else None


def months_since_or_never(repayment: Repayment, day: date | None) -> float:
    """Months since a day; history months + 1 where it never came."""
    as_of = repayment.loan.as_of
    return float(months_since(day, as_of) if day else months_since(repayment.loan.start, as_of) + 1)
