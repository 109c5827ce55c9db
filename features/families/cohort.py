"""REL: against similar loans, by the context of the month before as_of."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from features.context import Context, figure
from features.families.amount import paid_ratio
from features.families.dpd import late_rate
from features.families.names import REL
from features.feature import DIFFERENCE, HIGHER, LEVEL, LOWER, feature
from features.history import History
from features.ledger import code
from features.measures import Values
from features.units import CHANGE_OF, SHARE

TABLES = ("loans", "instalments", "payments", "context")
LATE_MONTHS = 6
PAID_MONTHS = 3


def hundredths(paid: Values) -> Values:
    """A paid ratio rounded to hundredths, halves up, as a whole number; NaN stays."""
    return np.floor(paid * 100 + 0.5)


def _place(h: History) -> tuple[NDArray[np.int64], NDArray[np.int64]] | None:
    """Cohort and month of each observation in the context; None without one."""
    context = h.context
    if context is None:
        return None
    return context.cohort(h.of_loan("product"), h.of_loan("disbursed_on")), context.month_before(h.as_of)


def _of_cohort(h: History, name: str) -> Values | None:
    """A figure of the cohort, (n, ...); None without a context."""
    at = h.once(_place)
    return None if at is None else figure(getattr(h.context, name), *at)


@feature(family=REL, unit=CHANGE_OF, worse=HIGHER, bounds=DIFFERENCE, tables=TABLES, zh="近6个月逾期率与同批次贷款之差")
def late_rate_vs_cohort(h: History) -> Values:
    """Share of late instalments over 6 months, less that of loans of the same product and quarter."""
    usual = _of_cohort(h, "late_rate")
    return np.full(h.n, np.nan) if usual is None else late_rate(h, LATE_MONTHS) - usual


@feature(family=REL, unit=SHARE, worse=LOWER, bounds=LEVEL, tables=TABLES, zh="近3个月还款比例在同批次贷款中的位置")
def paid_ratio_rank(h: History) -> Values:
    """Place of the share paid over 3 months among loans of the same product and quarter."""
    edges = _of_cohort(h, "paid_edges")
    if edges is None:
        return np.full(h.n, np.nan)
    paid = hundredths(paid_ratio(h, PAID_MONTHS))[:, None]
    rank = ((edges < paid).sum(axis=1) + (edges <= paid).sum(axis=1)) / (2 * edges.shape[1])
    return np.where(np.isnan(paid[:, 0]) | np.isnan(edges[:, 0]), np.nan, rank)


@feature(family=REL, unit=SHARE, worse=HIGHER, bounds=LEVEL, tables=TABLES, zh="同批次贷款的首期逾期率")
def vintage_fpd_rate(h: History) -> Values:
    """Share of loans of the same product and quarter that missed the first payment."""
    rate = _of_cohort(h, "fpd_rate")
    return np.full(h.n, np.nan) if rate is None else rate


def _roll(h: History, context: Context) -> Values:
    return figure(context.roll_rate, context.region(h.of_loan("region")), context.month_before(h.as_of))


@feature(family=REL, unit=SHARE, worse=HIGHER, bounds=LEVEL, tables=TABLES, zh="所在地区上月正常转逾期的占比")
def region_roll_lag1(h: History) -> Values:
    """Share of current loans of the region that fell into arrears in the month before."""
    if h.context is None:
        return np.full(h.n, np.nan)
    firm = h.of_loan("borrower_type") == code("loans", "borrower_type", "firm")[0]
    return np.where(firm, _roll(h, h.context), np.nan)
