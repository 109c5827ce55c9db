"""Chance for tables of many rows: one seed drawn by hypothesis, the rest thrown from it, which is quick."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from random import Random
from typing import Any, TypeVar

from hypothesis import strategies as st
from random_schedules import Calendar, Row, money

T = TypeVar("T")
LAGS = (None, None, None, None, 0, 1, 6, 45)


class Dice:
    """Throws for the rows of one borrower, around the days of one calendar."""

    def __init__(self, seed: int, calendar: Calendar) -> None:
        self._random, self.calendar = Random(seed), calendar

    @classmethod
    def drawn(cls, draw: st.DrawFn, calendar: Calendar) -> Dice:
        return cls(draw(st.integers(0, 2**32)), calendar)

    def one_of(self, *values: T) -> T:
        return self._random.choice(values)

    def some_of(self, values: Sequence[T]) -> T:
        return self._random.choice(values)

    def number(self, first: int, last: int) -> int:
        return self._random.randint(first, last)

    def chance(self, share: float) -> bool:
        return self._random.random() < share

    def day(self, first: int, last: int) -> date:
        """A day so many days after the base; month ends and leap days are as rare as they are."""
        return self.calendar.base + timedelta(self.number(first, last))

    def given(self, share: float, **columns: Any) -> Row:
        """Each optional column with some chance."""
        return {name: value for name, value in columns.items() if self.chance(share)}

    def posted(self, on: date) -> Row:
        """When the lender knew: not given, or some days later at some hour."""
        lag = self.some_of(LAGS)
        if lag is None:
            return {}
        return {"posted_at": f"{(on + timedelta(lag)).isoformat()}T{self.one_of(4, 10, 20):02d}:00:00+00:00"}

    def money(self, *units: int) -> str:
        return money(self.some_of(units))


def signed(units: int) -> str:
    return f"-{money(-units)}" if units < 0 else money(units)
