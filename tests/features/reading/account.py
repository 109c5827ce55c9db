"""Balances of the borrower's accounts by day, from the balances that the rows show."""

from __future__ import annotations

from collections import defaultdict
from datetime import date
from functools import cached_property

from reading.case import half_covered
from reading.days import DAY, each_day
from reading.feed import Feed
from reading.rows import Row, cents, day_of


class Balances:
    """Sum of the accounts of a feed at the end of each day; minor units."""

    def __init__(self, feed: Feed) -> None:
        self.feed = feed

    @cached_property
    def closings(self) -> list[dict[date, int]]:
        """For each account its closing balance on the days that show one."""
        accounts: dict[str, dict[date, list[Row]]] = defaultdict(lambda: defaultdict(list))
        for row in self.feed.rows:
            if row.get("balance_after") is not None:
                accounts[row["account_id"]][day_of(row["booked_on"])].append(row)
        return [_closings(days) for days in accounts.values()]

    @property
    def first(self) -> date | None:
        """B: the day of the first balance known of any account."""
        return min((min(account) for account in self.closings), default=None)

    def on(self, day: date) -> int | None:
        """None before the first balance known."""
        known = [max(d for d in account if d <= day) for account in self.closings if min(account) <= day]
        begun = [account for account in self.closings if min(account) <= day]
        return sum(account[d] for account, d in zip(begun, known, strict=True)) if begun else None

    def daily(self, months: int) -> list[int] | None:
        """Balance of each day of the window from B on; None where less than half is observed."""
        first, opens = self.first, self.feed.edge(months)
        if first is None or not half_covered(self.feed.as_of, first, opens):
            return None
        found = [self.on(day) for day in each_day(max(opens + DAY, first), self.feed.as_of)]
        return [balance for balance in found if balance is not None]


def _closings(days: dict[date, list[Row]]) -> dict[date, int]:
    closing: dict[date, int] = {}
    before: int | None = None
    for day in sorted(days):
        shown = [cents(row["balance_after"]) for row in days[day]]
        after = None if before is None else before + sum(cents(row["amount"]) for row in days[day])
        before = closing[day] = after if after is not None and after in shown and len(shown) > 1 else min(shown)
    return closing
