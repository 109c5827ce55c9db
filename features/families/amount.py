"""AMT: how much is paid of what is due."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from features.families.names import AMT
from features.feature import CHANGE, DIFFERENCE, EITHER, HIGHER, LEVEL, LOWER, feature
from features.history import MONTHS, History
from features.ledger import among, code, posted
from features.measures import Latest, Values
from features.ratios import part, ratio
from features.units import CHANGE_OF, FLAG, INSTALMENTS, RATIO, SHARE

CAP = 1.5


def _share_paid(h: History) -> Latest:
    """P of the latest instalments: money since the due date before, against the due, at most 1.5."""
    return h.once(_shares)


def _shares(h: History) -> Latest:
    judged = h.ledger.judged
    with np.errstate(invalid="ignore", divide="ignore"):
        return h.latest(np.minimum(judged.paid / judged.due, CAP))


def _dues(h: History, months: int) -> Values:
    return h.months(h.ledger.judged.due).last(months).sum()


@feature(family=AMT, unit=SHARE, worse=LOWER, windows=(3, 6, 12), bounds=LEVEL, zh="最近{months}个月实还与应还之比")
def paid_ratio(h: History, months: int) -> Values:
    """Paid against due in the last {months} months."""
    return np.minimum(part(h.paid.last(months).sum(), _dues(h, months)), CAP)


@feature(family=AMT, unit=SHARE, worse=LOWER, bounds=LEVEL, zh="最近一期到期日及之前实还与应还之比")
def paid_ratio_last1(h: History) -> Values:
    """Paid by its due date, against due, for the latest instalment."""
    return _share_paid(h).last(1).mean()


@feature(family=AMT, unit=SHARE, worse=HIGHER, instalments=(6,), zh="最近{k}期部分还款的占比")
def partial_share(h: History, k: int) -> Values:
    """Share of the latest {k} instalments paid only in part on the due date."""
    judged = h.ledger.judged
    window = h.latest((judged.covered > 0) & h.late).last(k)
    return window.mean()


@feature(
    family=AMT,
    unit=RATIO,
    worse=HIGHER,
    windows=(6,),
    bounds=LEVEL,
    zh="最近{months}个月累计少还相当于几期应还",
)
def shortfall_cum(h: History, months: int) -> Values:
    """Due less paid in the last {months} months, in instalments."""
    short = np.maximum(_dues(h, months) - h.paid.last(months).sum(), 0)
    return ratio(short, h.instalment, adverse=10)


@feature(
    family=AMT,
    unit=CHANGE_OF,
    worse=LOWER,
    instalments=(6,),
    bounds=CHANGE,
    zh="最近{k}期每期实还占比的变化趋势",
)
def pay_amt_slope(h: History, k: int) -> Values:
    """Trend of the share paid over the latest {k} instalments."""
    window = _share_paid(h).last(k)
    slope, mean = window.theil_sen(), window.mean()
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.where(np.isnan(slope), np.nan, np.where(mean > 0, slope / mean, -1.0))


@feature(family=AMT, unit=CHANGE_OF, worse=LOWER, bounds=DIFFERENCE, zh="近3个月与近12个月实还占比之差")
def paid_ratio_3v12(h: History) -> Values:
    """Paid against due, last 3 months less last 12."""
    return paid_ratio(h, 3) - paid_ratio(h, 12)


@feature(family=AMT, unit=INSTALMENTS, worse=HIGHER, zh="实还占比连续下降的期数")
def n_consec_declining(h: History) -> Values:
    """Instalments in a row with a smaller share paid than the one before."""
    p = _share_paid(h).values
    falls = p[:, 1:] < p[:, :-1]
    run = np.cumprod(falls[:, ::-1], axis=1).sum(axis=1)
    return np.where(np.isnan(p[:, -1]), np.nan, run)


def _purposes_given(h: History) -> NDArray[np.bool_]:
    """Whether a posted payment known by as_of gives a purpose, (n,)."""
    return h.once(_any_purpose)


def _any_purpose(h: History) -> NDArray[np.bool_]:
    rows = h.dossiers.tables["payments"]
    if "purpose" not in rows:
        return np.zeros(h.n, bool)
    return h.payments.so_far(posted(rows) & (rows["purpose"] >= 0) & h.observed_rows) > 0


@feature(family=AMT, unit=SHARE, worse=EITHER, windows=(12,), zh="最近{months}个月多还期数的占比")
def overpay_share(h: History, months: int) -> Values:
    """Share of the instalments of the last {months} months paid with more than was due."""
    judged = h.ledger.judged
    slack = np.maximum(h.settings.tolerance, np.floor(h.settings.tolerance_share * judged.due))
    over = (judged.paid > judged.due) & (judged.paid - judged.due > slack)
    share = part(h.months(over).last(months).sum(), h.months(np.ones(len(over), np.int64)).last(months).sum())
    return np.where(_purposes_given(h), share, np.nan)


@feature(family=AMT, unit=SHARE, worse=EITHER, windows=(12,), bounds=LEVEL, zh="最近{months}个月提前还款与应还之比")
def prepay_ratio(h: History, months: int) -> Values:
    """Prepayments of the last {months} months against what was due."""
    rows = h.dossiers.tables["payments"]
    if "purpose" not in rows:
        return np.full(h.n, np.nan)
    ahead = posted(rows) & among(rows["purpose"], "payments", "purpose", "partial_prepay", "full_prepay")
    paid = h.payment_months(np.where(ahead, rows["amount"], 0)).last(months).sum()
    return np.where(_purposes_given(h), part(paid, _dues(h, months)), np.nan)


@feature(family=AMT, unit=RATIO, worse=EITHER, instalments=(6,), zh="最近{k}期平均每期还款笔数")
def splits_per_due(h: History, k: int) -> Values:
    """Payments per instalment over the latest {k} instalments."""
    due_on = h.latest(h.ledger.judged.due_on).values
    window = h.latest(h.ledger.judged.due_on).last(k)
    count = (~np.isnan(window.values)).sum(axis=1)
    start = np.where(np.isnan(due_on[:, -k - 1]), h.start - 1, due_on[:, -k - 1])
    edges = np.stack([start, np.where(window.seen, due_on[:, -1], start)], axis=1).astype(np.int64)
    series = type(h.money)(h.ledger.money.on, h.ledger.money_at, h.ledger.unit, edges)
    some = h.ledger.money.amount > 0
    return np.where(window.seen, part(series.months(some)[:, 0], count), np.nan)


@feature(family=AMT, unit=SHARE, worse=EITHER, windows=(6,), zh="最近{months}个月由他人代还的金额占比")
def third_party_share(h: History, months: int) -> Values:
    """Share of the money of the last {months} months paid by someone other than the borrower."""
    rows = h.dossiers.tables["payments"]
    if "payer" not in rows:
        return np.full(h.n, np.nan)
    told = posted(rows) & (rows["payer"] >= 0)
    other = told & (rows["payer"] != code("payments", "payer", "borrower")[0])
    total = h.payment_months(np.where(told, rows["amount"], 0)).last(months).sum()
    return part(h.payment_months(np.where(other, rows["amount"], 0)).last(months).sum(), total)


@feature(
    family=AMT,
    unit=FLAG,
    worse=EITHER,
    windows=(3,),
    tables=("loan_events",),
    zh="最近{months}个月是否取消自动扣款",
)
def autopay_cancelled(h: History, months: int) -> Values:
    """Autopay mandate ended in the last {months} months."""
    rows = h.rows("loan_events")
    if rows is None:
        return np.full(h.n, np.nan)
    ended = rows["event_type"] == code("loan_events", "event_type", "mandate_off")[0]
    counted = h.dated("loan_events", "event_on").months(ended)[:, MONTHS - months :].sum(axis=1)
    return np.where(h.seen(months), counted > 0, np.nan)


@feature(family=AMT, unit=CHANGE_OF, worse=EITHER, bounds=DIFFERENCE, zh="手动还款占比的变化（近3个月比前3个月）")
def manual_share_chg(h: History) -> Values:
    """Share of payments made by hand, last 3 months less the 3 before."""
    rows = h.dossiers.tables["payments"]
    if "method" not in rows:
        return np.full(h.n, np.nan)
    told = h.scheduled_rows() & (rows["method"] >= 0)
    by_hand = h.payment_months(told & (rows["method"] != code("payments", "method", "autopay")[0]))
    told_months = h.payment_months(told)
    now = part(by_hand.last(3).sum(), told_months.last(3).sum())
    before = part(by_hand.before(3, skip=3).sum(), told_months.before(3, skip=3).sum())
    return now - before
