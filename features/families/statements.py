"""FIN: accounts and tax returns of firms."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from features.families.names import FIN
from features.feature import CHANGE, DIFFERENCE, HIGHER, LEVEL, LOWER, feature
from features.filings import Accounts, Filings, filings, statements
from features.history import History
from features.measures import Values
from features.ratios import change, part, ratio
from features.units import CHANGE_OF, DAYS, RATIO, SHARE

BOOKS = ("financials",)
TAXES = ("tax_filings",)
YEAR = 365


def _accounts(h: History, read: Callable[[Accounts], Values]) -> Values:
    """What `read` finds in the accounts in hand; NaN without financials."""
    found = h.once(statements)
    return np.full(h.n, np.nan) if found is None else read(found.at_as_of)


def _both_years(h: History, read: Callable[[Accounts, Accounts], Values]) -> Values:
    """What `read` finds in the accounts in hand and those a year before; NaN without financials."""
    found = h.once(statements)
    return np.full(h.n, np.nan) if found is None else read(found.at_as_of, found.year_before)


def _filed(h: History, read: Callable[[Filings], Values]) -> Values:
    """What `read` finds in the tax returns; NaN without them, and where their year is not observed."""
    found = h.once(filings)
    return np.full(h.n, np.nan) if found is None else np.where(found.feed.seen(12), read(found), np.nan)


@feature(family=FIN, unit=CHANGE_OF, worse=LOWER, bounds=CHANGE, tables=BOOKS, zh="营业收入同比变化")
def sales_chg_yoy(h: History) -> Values:
    """Sales against a year before."""
    return _both_years(h, lambda now, then: change(now.money("sales"), then.money("sales")))


@feature(family=FIN, unit=RATIO, worse=HIGHER, bounds=LEVEL, tables=BOOKS, zh="资产负债率")
def leverage(h: History) -> Values:
    """Liabilities against assets."""
    return _accounts(h, lambda a: ratio(a.money("total_liabilities"), a.money("total_assets"), adverse=10))


@feature(family=FIN, unit=RATIO, worse=LOWER, bounds=LEVEL, tables=BOOKS, zh="流动比率")
def current_ratio(h: History) -> Values:
    """Current assets against current liabilities."""
    return _accounts(h, lambda a: ratio(a.money("current_assets"), a.money("current_liabilities"), adverse=10))


@feature(family=FIN, unit=RATIO, worse=LOWER, bounds=DIFFERENCE, tables=BOOKS, zh="利息保障倍数")
def interest_cover(h: History) -> Values:
    """Earnings before interest and tax against interest."""
    return _accounts(h, lambda a: ratio(a.money("ebit"), a.money("interest_expense"), adverse=10))


@feature(family=FIN, unit=DAYS, worse=HIGHER, tables=BOOKS, zh="应收账款周转天数同比变化")
def receivable_days_chg(h: History) -> Values:
    """Days of sales in receivables, against a year before."""

    def days(a: Accounts) -> Values:
        return YEAR * part(a.money("receivables"), a.money("sales"))

    return _both_years(h, lambda now, then: days(now) - days(then))


@feature(family=FIN, unit=RATIO, worse=LOWER, bounds=DIFFERENCE, tables=BOOKS, zh="经营现金流与总负债之比")
def op_cashflow_to_debt(h: History) -> Values:
    """Cash from operations against liabilities."""
    return _accounts(h, lambda a: ratio(a.money("operating_cashflow"), a.money("total_liabilities"), adverse=10))


@feature(family=FIN, unit=CHANGE_OF, worse=LOWER, bounds=CHANGE, tables=TAXES, zh="申报销售额同比变化")
def tax_sales_chg_yoy(h: History) -> Values:
    """Sales declared for tax in the last 12 months against the same months a year before."""

    def declared(f: Filings) -> Values:
        now, then, pairs, filed = f.sales
        return np.where((2 * pairs >= filed) & (pairs > 0), change(now, then), np.nan)

    return _filed(h, declared)


@feature(family=FIN, unit=SHARE, worse=HIGHER, bounds=LEVEL, tables=TAXES, zh="最近12个月应缴税款中未缴的占比")
def tax_overdue_share(h: History) -> Values:
    """Share of the tax due in the last 12 months that is not paid."""
    return _filed(h, lambda f: part(np.maximum(f.of_year("tax_due") - f.of_year("tax_paid"), 0), f.of_year("tax_due")))
