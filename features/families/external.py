"""EXT: what the borrower owes elsewhere, by the bureau's reports."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from features.external import INQUIRIES, NEW_WITHIN, Reports, reports
from features.families.names import EXT
from features.feature import CHANGE, HIGHER, LEVEL, LOWER, feature
from features.history import History
from features.measures import Values
from features.ratios import part, ratio
from features.units import CHANGE_OF, COUNT, DAYS, LENDERS, LOANS, POINTS, SHARE
from features.units import MONTHS as IN_MONTHS

TABLES = ("external_debts",)
FLOOR = 1_000_00  # minor units: growth of a debt smaller than this is not measured against it


def _told(h: History, read: Callable[[Reports], Values]) -> Values:
    """What `read` finds in the reports; NaN without reports."""
    found = h.once(reports)
    return np.full(h.n, np.nan) if found is None else read(found)


@feature(family=EXT, unit=LENDERS, worse=HIGHER, tables=TABLES, zh="在其他机构有余额的机构数")
def ext_n_lenders(h: History) -> Values:
    """Lenders elsewhere with a balance."""
    return _told(h, lambda r: r.at_as_of.told(r.at_as_of.read.lenders))


@feature(
    family=EXT, unit=LOANS, worse=HIGHER, windows=NEW_WITHIN, tables=TABLES,
    zh="报告前{months}个月在其他机构新增借款笔数",
)  # fmt: skip
def ext_new_loans(h: History, months: int) -> Values:
    """Debts begun elsewhere in the {months} months before the report."""
    return _told(h, lambda r: r.at_as_of.told(r.at_as_of.read.opened[:, NEW_WITHIN.index(months)]))


@feature(
    family=EXT, unit=CHANGE_OF, worse=HIGHER, windows=(3, 6), bounds=CHANGE, tables=TABLES,
    zh="最近{months}个月外部短期借款增长",
)  # fmt: skip
def ext_debt_growth(h: History, months: int) -> Values:
    """Growth over {months} months of debt elsewhere due within a year."""

    def growth(r: Reports) -> Values:
        then = r.earlier(months).short
        return (r.at_as_of.short - then) / np.maximum(then, FLOOR)

    return _told(h, growth)


@feature(family=EXT, unit=SHARE, worse=HIGHER, bounds=LEVEL, tables=TABLES, zh="外部负债中一年内到期的占比")
def ext_short_share(h: History) -> Values:
    """Share of debt elsewhere due within a year."""
    return _told(h, lambda r: part(r.at_as_of.short, r.at_as_of.debt))


@feature(
    family=EXT, unit=COUNT, worse=HIGHER, windows=INQUIRIES, tables=TABLES, zh="报告前{months}个月贷款审批查询次数"
)
def ext_inquiries(h: History, months: int) -> Values:
    """Loan applications looked up at the bureau in the {months} months before the report."""
    return _told(h, lambda r: r.at_as_of.told(r.at_as_of.read.inquiries[:, INQUIRIES.index(months)]))


@feature(family=EXT, unit=DAYS, worse=HIGHER, tables=TABLES, zh="外部负债当前最大逾期天数")
def ext_dpd_now(h: History) -> Values:
    """Worst days past due elsewhere on the latest report."""
    return _told(h, lambda r: r.at_as_of.told(r.at_as_of.read.dpd))


@feature(family=EXT, unit=DAYS, worse=HIGHER, windows=(12,), tables=TABLES, zh="最近{months}个月外部负债最大逾期天数")
def ext_dpd_max(h: History, months: int) -> Values:
    """Worst days past due elsewhere on the reports of the last {months} months."""
    return _told(h, lambda r: r.at_as_of.told(r.worst_dpd(months)))


@feature(family=EXT, unit=SHARE, worse=HIGHER, bounds=LEVEL, tables=TABLES, zh="外部负债中逾期超过90天的占比")
def ext_over90_share(h: History) -> Values:
    """Share of debt elsewhere more than 90 days past due."""
    return _told(h, lambda r: part(r.at_as_of.told(r.at_as_of.read.over90), r.at_as_of.debt))


@feature(family=EXT, unit=SHARE, worse=HIGHER, bounds=LEVEL, tables=TABLES, zh="外部授信额度使用率")
def ext_card_util(h: History) -> Values:
    """Use of credit limits elsewhere."""
    return _told(
        h, lambda r: r.at_as_of.told(ratio(r.at_as_of.read.card_balance, r.at_as_of.read.card_limit, adverse=10))
    )


@feature(family=EXT, unit=POINTS, worse=LOWER, windows=(6,), tables=TABLES, zh="最近{months}个月征信评分变化")
def ext_score_chg(h: History, months: int) -> Values:
    """Change of the bureau score over {months} months."""
    return _told(h, lambda r: r.at_as_of.score - r.earlier(months).score)


@feature(family=EXT, unit=IN_MONTHS, worse=LOWER, tables=TABLES, zh="距最近一笔外部新增借款的月数")
def months_since_new_loan(h: History) -> Values:
    """Months since the latest debt begun elsewhere."""
    return _told(h, lambda r: r.months_since_opening)
