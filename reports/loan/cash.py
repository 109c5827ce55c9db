"""Account movements by month: money in, money out and the balance the month ended with."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from book.clock import month_end, month_of
from book.tables import MISSING_MONEY, Array
from reports.loan.view import CashMonth, InstalmentView

MONTHS = 24


def cash_months(
    rows: Mapping[str, Array],
    instalments: Sequence[InstalmentView],
    as_of: int,
    months: int = MONTHS,
    income: NDArray[np.bool_] | None = None,
) -> tuple[CashMonth, ...]:
    """The last `months` months up to as_of, oldest first, from the first with a movement; () without any.

    `rows` are the cashflow columns booked_on, amount (minor units, + in), account_id and balance_after,
    ordered by day. Balances are summed over accounts; a month in which one is not known has none. `income` marks the
    rows that are income.
    """
    if not len(rows["booked_on"]):
        return ()
    month = month_of(rows["booked_on"])
    last = int(month_of(np.array([as_of]))[0])
    first = max(last - months + 1, int(month.min()))
    ends = month_end(np.arange(first, last + 1))
    amount = np.asarray(rows["amount"], np.int64)
    flows = [_by_month(month, amount * sign, first, last) for sign in (1, -1)]
    earned = np.where(income, amount, 0) if income is not None else np.zeros_like(amount)
    incomes = _by_month(month, earned, first, last)
    balances = _balances(rows, ends)
    of_month = _by_month_of_due(instalments)
    dues = [of_month.get(one, []) for one in range(first, last + 1)]
    return tuple(
        CashMonth(
            int(end),
            int(flows[0][k]),
            int(flows[1][k]),
            balances[k],
            tuple(i.due_on for i in dues[k]),
            sum(i.due for i in dues[k]),
            int(incomes[k]),
        )
        for k, end in enumerate(ends)
    )


def _by_month(month: NDArray[np.int32], amount: NDArray[np.int64], first: int, last: int) -> NDArray[np.int64]:
    """Sum of the positive amounts in each month from `first` to `last`, exact."""
    sums = np.zeros(last - first + 1, np.int64)
    there = (month >= first) & (month <= last) & (amount > 0)
    np.add.at(sums, month[there] - first, amount[there])
    return sums


def _balances(rows: Mapping[str, Array], ends: NDArray[np.int32]) -> list[int | None]:
    """The sum of every account's last known balance at each month end; None while one has none yet."""
    if "balance_after" not in rows:
        return [None] * len(ends)
    balance, account = rows["balance_after"], rows["account_id"]
    totals: list[int | None] = [0] * len(ends)
    for one in np.unique(account):
        mine = (account == one) & (balance != MISSING_MONEY)
        at = np.searchsorted(rows["booked_on"][mine], ends, side="right")
        for k, position in enumerate(at.tolist()):
            so_far = totals[k]
            totals[k] = None if so_far is None or position == 0 else so_far + int(balance[mine][position - 1])
    return totals


def _by_month_of_due(instalments: Sequence[InstalmentView]) -> dict[int, list[InstalmentView]]:
    found: dict[int, list[InstalmentView]] = {}
    if instalments:
        for one, month in zip(instalments, month_of(np.array([i.due_on for i in instalments])).tolist(), strict=True):
            found.setdefault(month, []).append(one)
    return found
