"""Two features of one's own for credit cards: what the catalogue, made for loans with a schedule, does not have."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from book.contract import TABLES
from book.dossiers import Rows
from features.families.names import AMT, EXPO
from features.feature import EITHER, LOWER, feature
from features.history import History
from features.measures import Values
from features.raw import monthly
from features.units import MONEY

_MONEY = TABLES["payments"].column("purpose").choices.index("partial_prepay")


def _amount(rows: Rows) -> NDArray[np.integer]:
    """Minor units really paid (benchmarks/taiwan_book.py: the scheduled rows are units, not money)."""
    return rows["amount"] * (rows["purpose"] == _MONEY)


@feature(family=AMT, unit=MONEY, worse=LOWER, windows=(1, 3, 6), tables=("payments",), zh="近{months}个月月均还款金额")
def paid_a_month(h: History, months: int) -> Values:
    """Money paid a month in the last {months} months."""
    return monthly(h, "payments", _amount).last(months).sum() / (100 * months)


@feature(family=EXPO, unit=MONEY, worse=EITHER, tables=("loans",), zh="授信额度")
def credit_limit(h: History) -> Values:
    """Credit limit."""
    return h.of_loan("principal") / 100
