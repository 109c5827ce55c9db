"""EXPO of revolving loans: how much of the limit is drawn, and how it is paid back."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from features.families.names import EXPO
from features.feature import DIFFERENCE, HIGHER, LEVEL, feature
from features.history import History
from features.measures import Values
from features.revolving import Account, account
from features.units import CHANGE_OF, SHARE
from features.units import MONTHS as IN_MONTHS

TABLES = ("balances",)


def _read(h: History, read: Callable[[Account], Values]) -> Values:
    found = h.once(account)
    return np.full(h.n, np.nan) if found is None else read(found)


@feature(family=EXPO, unit=SHARE, worse=HIGHER, bounds=LEVEL, tables=TABLES, zh="循环额度使用率")
def utilisation_now(h: History) -> Values:
    """Share of the credit limit drawn."""
    return _read(h, lambda a: a.utilisation(0))


@feature(
    family=EXPO, unit=CHANGE_OF, worse=HIGHER, windows=(3,), bounds=DIFFERENCE, tables=TABLES,
    zh="最近{months}个月额度使用率的变化",
)  # fmt: skip
def utilisation_chg(h: History, months: int) -> Values:
    """Change of the share of the limit drawn over {months} months."""
    return _read(h, lambda a: a.utilisation(0) - a.utilisation(months))


@feature(family=EXPO, unit=IN_MONTHS, worse=HIGHER, windows=(6,), tables=TABLES, zh="最近{months}个月末超限额的月数")
def overlimit_months(h: History, months: int) -> Values:
    """Month ends of the last {months} months with more drawn than the limit."""
    return _read(h, lambda a: a.overlimit_months)


@feature(
    family=EXPO, unit=SHARE, worse=HIGHER, windows=(6,), bounds=LEVEL, tables=("balances", "payments"),
    zh="最近{months}个月账单中只还最低额的占比",
)  # fmt: skip
def min_pay_share(h: History, months: int) -> Values:
    """Share of the statements of the last {months} months paid with no more than the minimum."""
    return _read(h, lambda a: a.min_pay_share(months))
