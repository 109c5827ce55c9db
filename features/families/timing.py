"""TIME: when the borrower pays, measured against the due date."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from book.dossiers import Rows
from features.calendar import day_of_month
from features.families.names import TIME
from features.feature import EITHER, HIGHER, LEVEL, LOWER, feature
from features.history import History
from features.ledger import among, code, posted, scheduled
from features.measures import Values, Window
from features.ratios import part
from features.units import COUNT, DAYS, DAYS_PER_INSTALMENT, SHARE
from features.windows import again_within

RETRY_DAYS = 7


def _lateness(h: History, k: int) -> Window:
    """max(0, days late) of the k latest."""
    return h.days_late.last(k).map(lambda v: np.maximum(v, 0))


@feature(
    family=TIME,
    unit=DAYS,
    worse=HIGHER,
    instalments=(1, 3, 6, 12),
    zh="最近{k}期平均还款偏离天数（负数为提前）",
)
def days_late_mean(h: History, k: int) -> Values:
    """Average days late over the latest {k} instalments (early counts below zero)."""
    return h.days_late.last(k).mean()


@feature(family=TIME, unit=DAYS, worse=HIGHER, instalments=(6,), zh="最近{k}期最大迟还天数")
def days_late_max(h: History, k: int) -> Values:
    """Most days late among the latest {k} instalments."""
    return _lateness(h, k).max()


@feature(family=TIME, unit=DAYS, worse=HIGHER, instalments=(6, 12), zh="最近{k}期迟还天数的波动")
def days_late_std(h: History, k: int) -> Values:
    """Spread of days late over the latest {k} instalments."""
    return _lateness(h, k).std()


@feature(family=TIME, unit=DAYS_PER_INSTALMENT, worse=HIGHER, instalments=(6, 12), zh="最近{k}期迟还天数的趋势")
def days_late_slope(h: History, k: int) -> Values:
    """Trend of days late over the latest {k} instalments."""
    return h.days_late.last(k).theil_sen()


@feature(family=TIME, unit=DAYS, worse=HIGHER, zh="近期加权的平均还款偏离天数")
def days_late_ewm(h: History) -> Values:
    """Average days late, recent instalments counting most."""
    return h.days_late.last(12).ewm(half_life=3)


@feature(family=TIME, unit=DAYS, worse=HIGHER, zh="最近3期比最近12期平均多迟还的天数")
def days_late_last3_minus_12(h: History) -> Values:
    """Days late of the latest 3 instalments less those of the latest 12."""
    return h.days_late.last(3).mean() - h.days_late.last(12).mean()


@feature(family=TIME, unit=SHARE, worse=LOWER, instalments=(6,), zh="最近{k}期提前还款的占比")
def early_share(h: History, k: int) -> Values:
    """Share of the latest {k} instalments paid before the due date."""
    late = h.days_late.last(k)
    return late.share(late.values < 0)


@feature(family=TIME, unit=SHARE, worse=HIGHER, instalments=(6,), zh="最近{k}期在宽限期内还款的占比")
def grace_use_share(h: History, k: int) -> Values:
    """Share of the latest {k} instalments paid within the grace days."""
    grace = h.latest(h.ledger.judged.grace).last(k).values
    late = h.days_late.last(k)
    known = late.map(lambda v: np.where(grace >= 0, v, np.nan))
    none = np.isnan(known.values).all(axis=1)
    return np.where(none, np.nan, known.share((late.values >= 1) & (late.values <= grace)))


def _modal(days: NDArray[np.int32]) -> NDArray[np.int32]:
    """The most frequent of three days, ties to the last, (n,)."""
    return np.where(days[:, 0] == days[:, 1], days[:, 0], days[:, 2])


@feature(family=TIME, unit=DAYS, worse=EITHER, instalments=(6,), zh="最近{k}期习惯还款日的变动天数")
def payday_shift(h: History, k: int) -> Values:
    """Shift of the usual day of the month of paying, within the latest {k} instalments."""
    if h.settings.precision == "month":
        return np.full(h.n, np.nan)
    settled = h.settled_on[:, -k:]
    known = np.asarray(np.isfinite(settled).all(axis=1))
    of_month = day_of_month(np.where(known[:, None], settled, 0)).astype(float)
    gap = np.abs(_modal(of_month[:, 3:]) - _modal(of_month[:, :3]))
    return np.where(known, np.minimum(gap, 31 - gap), np.nan)


def _failed(h: History, *reasons: str) -> NDArray[np.bool_]:
    """Failed payment rows, with one of `reasons` where given."""
    return h.dossiers.tables["payments"].once(_failed_rows, *reasons)


def _failed_rows(rows: Rows, *reasons: str) -> NDArray[np.bool_]:
    failed = among(rows["status"], "payments", "status", "failed")
    if not reasons:
        return failed
    if "fail_reason" not in rows:
        return np.zeros(len(failed), bool)
    return failed & among(rows["fail_reason"], "payments", "fail_reason", *reasons)


def _attempts(h: History) -> NDArray[np.bool_]:
    """Failed rows and posted scheduled autopay rows."""
    return h.dossiers.tables["payments"].once(_attempted_rows)


def _attempted_rows(rows: Rows) -> NDArray[np.bool_]:
    auto = np.zeros(len(rows["paid_on"]), bool)
    if "method" in rows:
        auto = rows["method"] == code("payments", "method", "autopay")[0]
    return rows.once(_failed_rows) | (scheduled(rows) & posted(rows) & auto)


def _no_debits(h: History) -> bool:
    return "status" not in h.dossiers.tables["payments"] or h.settings.precision == "month"


@feature(
    family=TIME,
    unit=SHARE,
    worse=HIGHER,
    windows=(3, 6),
    bounds=LEVEL,
    zh="最近{months}个月因余额不足扣款失败的占比",
)
def debit_fail_rate(h: History, months: int) -> Values:
    """Share of debits of the last {months} months that failed for lack of money."""
    if _no_debits(h):
        return np.full(h.n, np.nan)
    insufficient = _failed(h, "insufficient")
    told = _attempts(h) & (~_failed(h) | insufficient)
    tried = h.payment_months(told).last(months).sum()
    return part(h.payment_months(insufficient).last(months).sum(), tried)


@feature(family=TIME, unit=COUNT, worse=HIGHER, windows=(3,), zh="最近{months}个月因余额不足扣款失败的次数")
def n_insufficient(h: History, months: int) -> Values:
    """Debits of the last {months} months that failed for lack of money."""
    if _no_debits(h):
        return np.full(h.n, np.nan)
    return h.payment_months(_failed(h, "insufficient")).last(months).sum()


@feature(family=TIME, unit=COUNT, worse=EITHER, windows=(3,), zh="最近{months}个月扣款失败后重试的次数")
def n_retry(h: History, months: int) -> Values:
    """Debits of the last {months} months tried again within 7 days of a failed one."""
    if _no_debits(h):
        return np.full(h.n, np.nan)
    return h.payment_months(_retries(h)).last(months).sum()


def _retries(h: History) -> NDArray[np.bool_]:
    """Attempts within 7 days after a failed attempt of an earlier day, per payment row."""
    return h.dossiers.tables["payments"].once(_tried_again)


def _tried_again(rows: Rows) -> NDArray[np.bool_]:
    attempts = rows.once(_attempted_rows)
    return again_within(RETRY_DAYS, rows["paid_on"], rows.at, rows.once(_failed_rows), attempts)


@feature(family=TIME, unit=COUNT, worse=EITHER, windows=(3,), zh="最近{months}个月因技术或授权原因扣款失败的次数")
def n_technical_fail(h: History, months: int) -> Values:
    """Debits of the last {months} months that failed for technical reasons or a lapsed mandate."""
    if _no_debits(h):
        return np.full(h.n, np.nan)
    return h.payment_months(_failed(h, "technical", "mandate")).last(months).sum()
