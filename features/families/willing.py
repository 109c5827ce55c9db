"""WILL: whether the borrower pays when able to. What contacts tell serves the willingness index, not the model."""

from __future__ import annotations

import numpy as np

from features.external import reports
from features.families.names import WILL
from features.feature import HIGHER, LOWER, feature
from features.history import History
from features.loans_and_accounts import liquid_at_dues
from features.measures import Values
from features.promises import contacts
from features.ratios import part
from features.units import COUNT, FLAG, SHARE

GRACE_OF_REPORTS = 30
CALLS = ("contacts",)


@feature(
    family=WILL, unit=SHARE, worse=HIGHER, instalments=(12,), tables=("cashflow", "instalments", "payments"),
    zh="最近{k}期有钱而未按时还款的占比",
)  # fmt: skip
def late_when_liquid_rate(h: History, k: int) -> Values:
    """Share paid late, of the latest {k} instalments with enough on the accounts on the eve of the due date."""
    balance = h.once(liquid_at_dues)[:, -k:]
    liquid = balance >= h.latest(h.ledger.judged.due).values[:, -k:]
    late = h.latest(h.late).values[:, -k:] == 1
    known = (~np.isnan(balance)).sum(axis=1) >= (k + 1) // 2
    return np.where(known, part((late & liquid).sum(axis=1), liquid.sum(axis=1)), np.nan)


@feature(
    family=WILL, unit=FLAG, worse=HIGHER, tables=("external_debts", "instalments", "payments"),
    zh="在本机构逾期而在外部机构正常还款",
)  # fmt: skip
def selective_default(h: History) -> Values:
    """In arrears here but nowhere else."""
    known = h.once(reports)
    if known is None:
        return np.full(h.n, np.nan)
    report = known.at_as_of
    told = report.fresh & (report.read.owing > 0) & (report.report_on >= h.as_of - h.dpd_now + GRACE_OF_REPORTS)
    return np.where(h.dpd_now == 0, 0.0, np.where(told, report.read.dpd == 0, np.nan))


@feature(
    family=WILL,
    unit=COUNT,
    worse=HIGHER,
    windows=(6,),
    tables=(*CALLS, "payments"),
    model_input=False,
    zh="近{months}个月失约的还款承诺次数",
)
def ptp_broken(h: History, months: int) -> Values:
    """Promises to pay broken in the last {months} months."""
    known = h.once(contacts)
    return np.full(h.n, np.nan) if known is None else known.promises(months)[1]


@feature(
    family=WILL,
    unit=SHARE,
    worse=LOWER,
    windows=(6,),
    tables=(*CALLS, "payments"),
    model_input=False,
    zh="近{months}个月还款承诺的履约率",
)
def ptp_kept_rate(h: History, months: int) -> Values:
    """Share of the promises to pay of the last {months} months that were kept."""
    known = h.once(contacts)
    if known is None:
        return np.full(h.n, np.nan)
    kept, broken = known.promises(months)
    return part(kept, kept + broken)


@feature(
    family=WILL, unit=SHARE, worse=LOWER, windows=(3,), tables=CALLS, model_input=False, zh="近{months}个月联系接通率"
)
def reach_rate(h: History, months: int) -> Values:
    """Share of the attempts of the last {months} months that reached the borrower."""
    known = h.once(contacts)
    if known is None:
        return np.full(h.n, np.nan)
    reached = known.tried & known.outcome("reached", "ptp", "refused")
    return part(known.count(reached, months), known.count(known.tried, months))


@feature(family=WILL, unit=FLAG, worse=HIGHER, tables=CALLS, model_input=False, zh="最近一次联系方式是否失效")
def contact_invalid(h: History) -> Values:
    """The latest attempt could not get through: the number or address is not valid."""
    known = h.once(contacts)
    return np.full(h.n, np.nan) if known is None else known.latest_invalid()


@feature(
    family=WILL,
    unit=FLAG,
    worse=HIGHER,
    windows=(6,),
    tables=CALLS,
    model_input=False,
    zh="近{months}个月联系方式是否更换",
)
def phone_changed(h: History, months: int) -> Values:
    """Another number or address in use than before the last {months} months."""
    known = h.once(contacts)
    return np.full(h.n, np.nan) if known is None else known.new_point(months)
