"""COLL: what stands behind the loan."""

from __future__ import annotations

import numpy as np

from book.clock import months_between
from features.families.names import COLL
from features.feature import DIFFERENCE, HIGHER, LEVEL, feature
from features.history import History
from features.measures import Values
from features.security import collateral, guarantor_dpd
from features.units import CHANGE_OF, DAYS, SHARE
from features.units import MONTHS as IN_MONTHS

THINGS = ("collateral", "loans", "payments")


@feature(family=COLL, unit=SHARE, worse=HIGHER, bounds=LEVEL, tables=THINGS, zh="贷款余额与抵押物价值之比")
def ltv_now(h: History) -> Values:
    """Principal outstanding against the value of the collateral."""
    pledged = h.once(collateral)
    return np.full(h.n, np.nan) if pledged is None else pledged.ltv


@feature(
    family=COLL, unit=CHANGE_OF, worse=HIGHER, windows=(12,), bounds=DIFFERENCE, tables=THINGS,
    zh="最近{months}个月抵押率的变化",
)  # fmt: skip
def ltv_chg(h: History, months: int) -> Values:
    """Change of loan to value over {months} months."""
    pledged = h.once(collateral)
    return np.full(h.n, np.nan) if pledged is None else pledged.ltv - pledged.ltv_year_ago


@feature(family=COLL, unit=IN_MONTHS, worse=HIGHER, tables=("collateral",), zh="抵押物最近一次估值距今月数")
def valuation_age(h: History) -> Values:
    """Months since the collateral was last valued."""
    pledged = h.once(collateral)
    if pledged is None:
        return np.full(h.n, np.nan)
    oldest = pledged.at_as_of.oldest
    return np.where(oldest != 0, months_between(np.where(oldest != 0, oldest, h.as_of), h.as_of), np.nan)


@feature(family=COLL, unit=DAYS, worse=HIGHER, tables=("guarantees", "context"), zh="担保人在本机构贷款的最大逾期天数")
def guarantor_dpd_max(h: History) -> Values:
    """Worst days past due among the guarantors' own loans here."""
    return guarantor_dpd(h)
