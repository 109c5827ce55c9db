"""Account movements by month, worked by hand."""

from __future__ import annotations

from datetime import date

import numpy as np

from book.tables import MISSING_MONEY
from reports.loan.cash import cash_months
from reports.loan.view import InstalmentView


def _day(month: int, day: int) -> int:
    return (date(2024, month, day) - date(1970, 1, 1)).days


def _rows(*rows: tuple[int, int, int, int]) -> dict[str, np.ndarray]:
    booked, amount, account, balance = (np.array(column, np.int64) for column in zip(*rows, strict=True))
    days = booked.astype(np.int32)
    return {"booked_on": days, "amount": amount, "account_id": account, "balance_after": balance}


def test_in_out_and_balances_are_summed_by_month_and_over_accounts() -> None:
    rows = _rows(
        (_day(4, 3), 5_000, 1, 9_000),
        (_day(4, 20), -2_000, 1, 7_000),
        (_day(5, 2), 1_000, 2, 1_000),
        (_day(6, 9), -300, 1, 6_700),
    )
    due = InstalmentView(1, _day(5, 15), 800, 800, _day(5, 15), 0)
    april, may, june = cash_months(rows, [due], _day(6, 30))
    assert (april.inflow, april.outflow, april.balance) == (5_000, 2_000, None), "account 2 has no balance yet"
    assert (may.inflow, may.outflow, may.balance) == (1_000, 0, 8_000)
    assert (may.due_on, may.due) == ((_day(5, 15),), 800)
    assert (june.inflow, june.outflow, june.balance, june.due_on) == (0, 300, 7_700, ())


def test_a_missing_balance_is_not_read_as_zero() -> None:
    rows = _rows((_day(5, 1), 100, 1, MISSING_MONEY))
    assert [month.balance for month in cash_months(rows, [], _day(6, 30))] == [None, None]


def test_only_the_latest_months_are_shown() -> None:
    rows = _rows((_day(1, 1), 100, 1, 100), (_day(6, 1), 100, 1, 200))
    months = cash_months(rows, [], _day(6, 30), months=3)
    assert [month.inflow for month in months] == [0, 0, 100]
    assert [month.balance for month in months] == [100, 100, 200]


def test_no_movement_gives_no_months() -> None:
    empty = {name: np.zeros(0, np.int64) for name in ("booked_on", "amount", "account_id", "balance_after")}
    assert cash_months(empty, [], _day(6, 30)) == ()
