"""DQ: how much is known and how fresh. Not inputs of models: a feed that stops speaks of us, not of risk."""

from __future__ import annotations

import numpy as np

from features.families.names import DQ
from features.faults import mismatched
from features.feature import EITHER, feature
from features.history import History
from features.measures import Values
from features.units import DAYS, FLAG
from features.units import MONTHS as IN_MONTHS


@feature(family=DQ, unit=IN_MONTHS, worse=EITHER, model_input=False, tables=("loans",), zh="可观察历史（月）")
def history_months(h: History) -> Values:
    """Months of observed history."""
    return h.history_months


def _age(h: History, table: str, day: str) -> Values:
    """Days since the latest row of a table; NaN where it is absent or empty."""
    rows = h.rows(table)
    if rows is None or not len(rows[day]):
        return np.full(h.n, np.nan)
    series = h.dated(table, day)
    end = series.position[:, -1]
    return np.where(end > series.first, h.as_of - rows[day][np.maximum(end - 1, 0)], np.nan)


@feature(family=DQ, unit=DAYS, worse=EITHER, model_input=False, tables=("cashflow",), zh="账户流水距今天数")
def cashflow_age_days(h: History) -> Values:
    """Days since the latest account transaction."""
    return _age(h, "cashflow", "booked_on")


@feature(family=DQ, unit=DAYS, worse=EITHER, model_input=False, tables=("external_debts",), zh="征信报告距今天数")
def bureau_age_days(h: History) -> Values:
    """Days since the latest bureau report."""
    return _age(h, "external_debts", "report_on")


@feature(
    family=DQ,
    unit=FLAG,
    worse=EITHER,
    model_input=False,
    tables=("loans", "instalments"),
    zh="来源数据是否不一致",
)
def data_mismatch(h: History) -> Values:
    """Sums of the source do not agree."""
    return mismatched(h).astype(float)
