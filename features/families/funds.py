"""FUND: where the money lent went, and whether the borrower's receipts run through our accounts."""

from __future__ import annotations

import numpy as np

from features.families.names import FUND
from features.feature import CHANGE, DIFFERENCE, HIGHER, LEVEL, LOWER, feature
from features.history import History
from features.measures import Values
from features.proceeds import Proceeds
from features.ratios import change, part
from features.receipts import receipts, sales
from features.units import CHANGE_OF, RATIO, SHARE

PAID_OUT = ("disbursements",)
ACCOUNTS = ("cashflow",)
INVOICES = ("invoices",)


@feature(
    family=FUND, unit=SHARE, worse=HIGHER, bounds=LEVEL, tables=("fund_trace", "parties", "disbursements"),
    zh="放款后90天内资金回流占比",
)  # fmt: skip
def proceeds_return_ratio_90d(h: History) -> Values:
    """Share of the loan that came back to the borrower or related parties within 90 days."""
    money = h.once(Proceeds)
    return np.where(money.judged, np.minimum(part(money.back, money.paid_out), 1), np.nan)


@feature(
    family=FUND, unit=SHARE, worse=HIGHER, bounds=LEVEL, tables=("disbursements", "fund_trace"), zh="资金去向不明占比"
)
def proceeds_unknown_share(h: History) -> Values:
    """Share of the loan whose use is not known."""
    money = h.once(Proceeds)
    return part(money.unknown, money.payouts)


@feature(family=FUND, unit=SHARE, worse=HIGHER, bounds=LEVEL, tables=PAID_OUT, zh="放款支付给个人的占比")
def proceeds_to_individual_share(h: History) -> Values:
    """Share of the loan paid out to private persons."""
    money = h.once(Proceeds)
    return part(money.to_individuals, money.payouts)


@feature(
    family=FUND, unit=SHARE, worse=HIGHER, bounds=LEVEL, tables=("cashflow", "disbursements"),
    zh="放款后90天内流入证券、房产、理财或博彩的占比",
)  # fmt: skip
def proceeds_restricted_share(h: History) -> Values:
    """Spending on securities, property, wealth products or gambling within 90 days, as a share of the loan."""
    money = h.once(Proceeds)
    return np.where(money.judged, np.minimum(part(money.restricted, money.paid_out), 1), np.nan)


@feature(
    family=FUND, unit=SHARE, worse=LOWER, windows=(3, 6), bounds=LEVEL, tables=("cashflow", "invoices"),
    zh="最近{months}个月经营回款在本行结算的占比",
)  # fmt: skip
def settlement_share(h: History, months: int) -> Values:
    """Share of the receipts of the last {months} months that came in on accounts here."""
    came, sold = h.once(receipts), h.once(sales)
    if came is None:
        return np.full(h.n, np.nan)
    share = np.full(h.n, np.nan)
    if sold is not None:
        share = np.where(sold.feed.seen(months), part(came.here(months), sold.total(months)), np.nan)
    share = np.where(came.elsewhere, part(came.here(months), came.total(months)), share)
    return np.where(came.seen(months), share, np.nan)


@feature(
    family=FUND, unit=RATIO, worse=LOWER, windows=(3,), bounds=LEVEL, tables=ACCOUNTS,
    zh="最近{months}个月本行结算回款与贷款本金之比",
)  # fmt: skip
def settlement_to_loan(h: History, months: int) -> Values:
    """Receipts on accounts here in the last {months} months against the amount lent."""
    came = h.once(receipts)
    if came is None:
        return np.full(h.n, np.nan)
    return np.where(came.seen(months), came.here(months) / h.of_loan("principal"), np.nan)


@feature(
    family=FUND, unit=CHANGE_OF, worse=LOWER, bounds=CHANGE, tables=ACCOUNTS, zh="近3个月本行结算回款较前3个月变化"
)
def settlement_chg_3v3(h: History) -> Values:
    """Receipts on accounts here, last 3 months against the 3 before."""
    came = h.once(receipts)
    if came is None:
        return np.full(h.n, np.nan)
    return np.where(came.seen(6), change(came.here(3), came.here(6) - came.here(3)), np.nan)


@feature(family=FUND, unit=RATIO, worse=LOWER, bounds=LEVEL, tables=INVOICES, zh="近3个月销售开票额与贷款本金之比")
def invoice_cover_ratio(h: History) -> Values:
    """Sales invoiced in the last 3 months against the amount lent."""
    sold = h.once(sales)
    if sold is None:
        return np.full(h.n, np.nan)
    return np.where(sold.feed.seen(3), sold.free / h.of_loan("principal"), np.nan)


@feature(family=FUND, unit=CHANGE_OF, worse=LOWER, bounds=CHANGE, tables=INVOICES, zh="近3个月销售开票额较前3个月变化")
def invoice_sales_chg_3v3(h: History) -> Values:
    """Sales invoiced, last 3 months against the 3 before."""
    sold = h.once(sales)
    if sold is None:
        return np.full(h.n, np.nan)
    return np.where(sold.feed.seen(6), change(sold.total(3), sold.total(6) - sold.total(3)), np.nan)


@feature(
    family=FUND, unit=SHARE, worse=HIGHER, bounds=DIFFERENCE, tables=("invoices", "cashflow"),
    zh="近3个月已开票未见回款的占比",
)  # fmt: skip
def invoice_receipt_gap(h: History) -> Values:
    """Share of the sales invoiced in the last 3 months that is not seen coming in."""
    came, sold = h.once(receipts), h.once(sales)
    if came is None or sold is None:
        return np.full(h.n, np.nan)
    gap = part(sold.total(3) - came.total(3), sold.total(3))
    return np.where(came.seen(3) & sold.feed.seen(3), gap, np.nan)
