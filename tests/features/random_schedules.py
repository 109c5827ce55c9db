"""Random schedules: the first version, and up to two that rewrite parts of it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from hypothesis import strategies as st
from random_themes import Theme
from reading.days import months_before

Row = dict[str, Any]
LAGS = st.sampled_from([None, None, None, 0, 1, 6, 45])


@dataclass(frozen=True)
class Calendar:
    """Days counted from `base`; where the source dates by month, every one of them is a month end."""

    base: date
    monthly: bool

    def day(self, offset: int) -> date:
        return self.snap(self.base + timedelta(offset))

    def snap(self, day: date) -> date:
        if not self.monthly:
            return day
        return (day.replace(day=1) + timedelta(32)).replace(day=1) - timedelta(1)

    def rising(self, offset: int, step: int, count: int) -> list[date]:
        """`count` rising days: by calendar months where `step` is 0, else every `step` days."""
        first = self.day(offset)
        if step == 0 or self.monthly:
            return [months_before(first, -place) for place in range(count)]
        return [first + timedelta(step * place) for place in range(count)]


def posted(draw: st.DrawFn, on: date) -> dict[str, str]:
    """When the lender knew: at the end of the day (not given), or some days later at some hour."""
    lag = draw(LAGS)
    if lag is None:
        return {}
    hour = draw(st.sampled_from([4, 10, 20]))
    return {"posted_at": f"{(on + timedelta(lag)).isoformat()}T{hour:02d}:00:00+00:00"}


def money(units: int) -> str:
    return f"{units // 100}.{units % 100:02d}"


@st.composite
def instalment_rows(draw: st.DrawFn, loan_id: str, calendar: Calendar, theme: Theme) -> list[Row]:
    """All versions of one loan's schedule; none at all at times."""
    count = draw(st.sampled_from(theme.dues))
    amount = draw(st.sampled_from([10_000, 33_333, 100_001]))
    days = calendar.rising(draw(st.sampled_from([31, 30, 1, 60])), draw(st.sampled_from([0, 0, 14])), count)
    grace = draw(st.sampled_from(theme.grace))
    rows = [
        _row(loan_id, number, 1, calendar.base, on, _amount(draw, amount), grace) for number, on in enumerate(days, 1)
    ]
    for version in range(2, 2 + draw(st.sampled_from(theme.rewrites)) if rows else 2):
        rows += draw(_rewritten(loan_id, calendar, version, count, amount, grace))
    return rows


def _amount(draw: st.DrawFn, amount: int) -> int:
    return amount * draw(st.sampled_from([2, 2, 2, 2, 2, 1, 3, 0])) // 2


@st.composite
def _rewritten(
    draw: st.DrawFn,
    loan_id: str,
    calendar: Calendar,
    version: int,
    count: int,
    amount: int,
    grace: int | None,
) -> list[Row]:
    """Some numbers re-issued, some of them with nothing to pay, perhaps new ones after the last."""
    offset = draw(st.integers(1, 400))
    valid_from = calendar.day(offset)
    numbers = sorted(draw(st.sets(st.integers(1, count + 2), max_size=count + 2)))
    gap, step = draw(st.sampled_from([0, 1, 20, 45])), draw(st.sampled_from([0, 0, 7]))
    days = calendar.rising(offset + gap, step, len(numbers))
    when = posted(draw, valid_from)
    capitalised = draw(st.booleans())
    return [
        _row(
            loan_id,
            number,
            version,
            valid_from,
            on,
            0 if capitalised and on < valid_from + timedelta(60) else _amount(draw, amount),
            grace,
        )
        | when
        for number, on in zip(numbers, days, strict=True)
    ]


def _row(
    loan_id: str, number: int, version: int, valid_from: date, due_on: date, amount: int, grace: int | None
) -> Row:
    interest, fee = amount // 5, amount // 100
    row: Row = {
        "loan_id": loan_id,
        "instalment_no": number,
        "schedule_version": version,
        "valid_from": valid_from.isoformat(),
        "due_on": due_on.isoformat(),
        "principal_due": money(amount - interest - fee),
        "interest_due": money(interest),
        "fee_due": money(fee),
    }
    return row if grace is None else row | {"grace_days": grace}
