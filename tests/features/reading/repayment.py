"""Arrears by day, and the judged instalments: when each was settled, how late, how much of it in time."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from functools import cached_property

from reading.days import DAY, each_day, last_of_month
from reading.loan import Due, Loan, status
from reading.money import money_by_day, money_by_end_of, oldest_short, short
from reading.rows import day_of


@dataclass(frozen=True)
class Judged:
    """An instalment whose due date has passed. `missing` is the part unpaid at the end of the due day."""

    due: Due
    settled_on: date | None
    days_late: int
    missing: int
    partial: bool
    ratio: Fraction
    money: int


class Repayment:
    """How one loan was repaid up to as_of."""

    def __init__(self, loan: Loan) -> None:
        self.loan = loan

    @cached_property
    def money(self) -> Counter[date]:
        return money_by_day(self.loan)

    @cached_property
    def paid(self) -> dict[date, int]:
        return money_by_end_of(self.loan, self.money)

    def paid_by(self, day: date) -> int:
        return self.paid.get(day, 0)

    def paid_between(self, after: date, until: date) -> int:
        """Scheduled money dated after one day, up to and including another."""
        return sum(amount for day, amount in self.money.items() if after < day <= until)

    @cached_property
    def dpd_by_day(self) -> dict[date, int]:
        """DPD of every day since the start, or of its month ends where the source dates by month."""
        monthly = self.loan.settings.precision == "month"
        return {
            day: self.dpd(day)
            for day in each_day(self.loan.start, self.loan.as_of)
            if not monthly or last_of_month(day)
        }

    def dpd(self, day: date) -> int:
        oldest = oldest_short(self.loan, day, self.paid_by(day))
        return 0 if oldest is None else (day - oldest.due_on).days

    def unpaid(self, day: date) -> int:
        owed = sum(due.amount for due in self.loan.schedule(day) if due.due_on < day)
        return max(0, owed - self.paid_by(day))

    @cached_property
    def judged(self) -> list[Judged]:
        """Judged instalments, by due date, then number."""
        passed = []
        for day in each_day(self.loan.start, self.loan.as_of - DAY):
            passed += [due for due in self.loan.schedule(day) if due.due_on == day and due.amount > 0]
        judged: list[Judged] = []
        for due in passed:
            after = judged[-1].due.due_on if judged else self.loan.start - DAY
            judged.append(self._judge(due, after))
        return judged

    def _judge(self, due: Due, after: date) -> Judged:
        settled_on = self._settled_on(due)
        owed = sum(other.amount for other in self._up_to(due, due.due_on))
        missing = min(due.amount, max(0, owed - self.paid_by(due.due_on)))
        money = self.paid_between(after, due.due_on)
        return Judged(
            due=due,
            settled_on=settled_on,
            days_late=((settled_on or self.loan.as_of) - due.due_on).days,
            missing=missing,
            partial=missing < due.amount and short(self.loan, due, owed, self.paid_by(due.due_on)),
            ratio=min(Fraction(3, 2), Fraction(money, due.amount)),
            money=money,
        )

    def _up_to(self, due: Due, day: date) -> list[Due]:
        """The dues in force on the day up to this instalment number; empty where it is not in force."""
        in_force = self.loan.schedule(day)
        for place, other in enumerate(in_force):
            if other.number == due.number:
                return in_force[: place + 1]
        return []

    def _covered(self, due: Due, day: date) -> bool:
        up_to = self._up_to(due, day)
        if not up_to or up_to[-1].amount == 0:
            return False
        return not short(self.loan, up_to[-1], sum(other.amount for other in up_to), self.paid_by(day))

    def _capitalised(self, due: Due, day: date) -> bool:
        up_to = self._up_to(due, day)
        return bool(up_to) and up_to[-1].amount == 0

    def _settled_on(self, due: Due) -> date | None:
        """Covered on its due day: since when without a break. Else the first day covered or capitalised."""
        if self._covered(due, due.due_on):
            day = due.due_on
            while day > self.loan.start and self._covered(due, day - DAY):
                day -= DAY
            return day
        for day in each_day(due.due_on + DAY, self.loan.as_of):
            if self._covered(due, day) or self._capitalised(due, day):
                return day
        return None

    def last_arrears(self, over: int) -> date | None:
        """The last day read with DPD over a threshold."""
        return max((day for day, dpd in self.dpd_by_day.items() if dpd > over), default=None)

    @cached_property
    def instalment(self) -> int | None:
        """The amount of the latest judged instalment, before that the first to come. Minor units."""
        if self.judged:
            return self.judged[-1].due.amount
        to_come = self.to_come
        return to_come[0].amount if to_come else None

    @cached_property
    def to_come(self) -> list[Due]:
        """Dues in force at as_of that are not judged yet, the as_of day's own included."""
        as_of = self.loan.as_of
        return [due for due in self.loan.schedule(as_of) if due.due_on >= as_of and due.amount > 0]

    def attempts(self) -> list[tuple[date, str | None]]:
        """Debits tried: (day, None) where the money came, (day, reason) where it did not."""
        tried: list[tuple[date, str | None]] = []
        for row in self.loan.payments:
            if status(row) == "failed":
                tried.append((day_of(row["paid_on"]), row.get("fail_reason") or "unknown"))
        for row in self.loan.scheduled_rows:
            if row.get("method") == "autopay":
                tried.append((day_of(row["paid_on"]), None))
        return tried
