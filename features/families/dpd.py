"""DPD: how deep, how often and how recently the loan was in arrears."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from features.families.names import DPD
from features.feature import EITHER, HIGHER, LEVEL, LOWER, feature
from features.history import MONTHS, History
from features.measures import Values
from features.ratios import part, ratio
from features.units import BUCKET, COUNT, DAYS, DAYS_PER_MONTH, FLAG, INSTALMENTS, RATIO, SHARE
from features.units import MONTHS as IN_MONTHS

FPD_DAYS = 7


def bucket(dpd: Values) -> Values:
    """Bucket code of days past due: C 0, M1 1 (1-30), ... M6 6 (151-180), M7+ 7."""
    return np.minimum(np.ceil(dpd / 30), 7)


@feature(family=DPD, unit=DAYS, worse=HIGHER, zh="当前逾期天数")
def dpd_now(h: History) -> Values:
    """Days past due now."""
    return h.dpd_now


@feature(family=DPD, unit=RATIO, worse=HIGHER, bounds=LEVEL, zh="逾期金额与每期应还之比")
def arrears_to_instalment(h: History) -> Values:
    """Unpaid due against one instalment."""
    return ratio(h.unpaid_due, h.instalment, adverse=10)


@feature(family=DPD, unit=SHARE, worse=HIGHER, bounds=LEVEL, zh="逾期金额与剩余本金之比")
def arrears_to_balance(h: History) -> Values:
    """Unpaid due against the principal outstanding."""
    return ratio(h.unpaid_due, h.principal_outstanding, adverse=10)


@feature(family=DPD, unit=BUCKET, worse=HIGHER, zh="当前逾期档")
def bucket_now(h: History) -> Values:
    """Arrears bucket now."""
    return bucket(h.dpd_now)


@feature(family=DPD, unit=DAYS, worse=HIGHER, windows=(1, 3, 6, 12), zh="最近{months}个月最大逾期天数")
def dpd_max(h: History, months: int) -> Values:
    """Worst days past due in the last {months} months."""
    return h.dpd_peak.last(months).max()


@feature(family=DPD, unit=DAYS, worse=HIGHER, windows=(3, 6, 12), zh="最近{months}个月平均逾期天数")
def dpd_mean(h: History, months: int) -> Values:
    """Average days past due over the last {months} months."""
    if h.settings.precision == "month":
        return h.dpd_peak.last(months).mean()
    days = h.as_of - np.maximum(h.edges[:, MONTHS - months], h.start)
    return part(h.dpd_days.last(months).sum(), days)


@feature(family=DPD, unit=COUNT, worse=HIGHER, windows=(6, 12), zh="最近{months}个月月末逾期超30天的次数")
def months_dpd30(h: History, months: int) -> Values:
    """Month ends more than 30 days past due in the last {months} months."""
    return h.dpd_end.last(months).count_over(30)


@feature(family=DPD, unit=COUNT, worse=HIGHER, windows=(12,), zh="最近{months}个月月末逾期超60天的次数")
def months_dpd60(h: History, months: int) -> Values:
    """Month ends more than 60 days past due in the last {months} months."""
    return h.dpd_end.last(months).count_over(60)


@feature(family=DPD, unit=SHARE, worse=HIGHER, windows=(3, 6, 12), zh="最近{months}个月逾期率（逾期期数/应还期数）")
def late_rate(h: History, months: int) -> Values:
    """Share of instalments of the last {months} months paid late or still open."""
    judged = h.months(np.ones(len(h.late), np.int64)).last(months).sum()
    return part(h.months(h.late).last(months).sum(), judged)


@feature(family=DPD, unit=SHARE, worse=HIGHER, windows=(12,), zh="最近{months}个月到期日未还金额占比")
def late_amt_rate(h: History, months: int) -> Values:
    """Share of the amounts due in the last {months} months left unpaid on their due date."""
    judged = h.ledger.judged
    return part(h.months(judged.due - judged.covered).last(months).sum(), h.months(judged.due).last(months).sum())


def _whole_life(h: History, values: NDArray[Any]) -> Values:
    return np.where(h.observed_late, np.nan, values)


@feature(family=DPD, unit=DAYS, worse=HIGHER, zh="历史最大逾期天数")
def dpd_worst_ever(h: History) -> Values:
    """Worst days past due since the loan was paid out."""
    return _whole_life(h, h.dpd_life(30)[0])


@feature(family=DPD, unit=FLAG, worse=HIGHER, zh="是否曾经逾期")
def ever_late(h: History) -> Values:
    """Ever in arrears."""
    return _whole_life(h, h.dpd_life(30)[0] > 0)


@feature(family=DPD, unit=FLAG, worse=HIGHER, zh="是否曾逾期超过30天")
def ever_dpd30(h: History) -> Values:
    """Ever more than 30 days past due."""
    return _whole_life(h, h.dpd_life(30)[0] > 30)


@feature(family=DPD, unit=INSTALMENTS, worse=EITHER, zh="首次逾期发生在第几期")
def first_late_no(h: History) -> Values:
    """Which instalment was the first to be late."""
    first = h.judged.find(h.late)
    return _whole_life(h, np.where(first >= 0, first + 1.0, np.nan))


def _fails(h: History, k: int) -> tuple[Values, NDArray[np.bool_]]:
    """Whether the k-th judged instalment was unpaid 7 days after its due date, and whether that can be told yet."""
    return h.once(_failed_by, k)


def _failed_by(h: History, k: int) -> tuple[Values, NDArray[np.bool_]]:
    due_on, settled = h.first_judged(k)
    return (settled > due_on + FPD_DAYS).astype(float), h.as_of >= due_on + FPD_DAYS


@feature(family=DPD, unit=FLAG, worse=HIGHER, zh="首期逾期（到期7天后仍未还）")
def fpd_flag(h: History) -> Values:
    """First instalment unpaid 7 days after its due date."""
    fails, told = _fails(h, 0)
    return np.where(told, fails, np.nan)


@feature(family=DPD, unit=FLAG, worse=HIGHER, zh="首期正常而第二期逾期")
def spd_flag(h: History) -> Values:
    """First instalment paid, second unpaid 7 days after its due date."""
    (one, _), (two, told) = _fails(h, 0), _fails(h, 1)
    return np.where(told, (one == 0) & (two == 1), np.nan)


@feature(family=DPD, unit=FLAG, worse=HIGHER, zh="前两期正常而第三期逾期")
def tpd_flag(h: History) -> Values:
    """First two instalments paid, third unpaid 7 days after its due date."""
    (one, _), (two, _), (three, told) = _fails(h, 0), _fails(h, 1), _fails(h, 2)
    return np.where(told, (one == 0) & (two == 0) & (three == 1), np.nan)


@feature(family=DPD, unit=DAYS, worse=HIGHER, zh="首期还款晚于到期日的天数")
def fpd_days(h: History) -> Values:
    """Days the first instalment was late."""
    due_on, settled = h.first_judged(0)
    return np.maximum(np.minimum(settled, h.as_of) - due_on, 0)


@feature(family=DPD, unit=IN_MONTHS, worse=LOWER, zh="距上次逾期的月数")
def months_since_late(h: History) -> Values:
    """Months since the loan was last in arrears."""
    day = h.dpd_life(30)[1]
    return h.months_since(day, day >= 0)


@feature(family=DPD, unit=IN_MONTHS, worse=LOWER, zh="距上次逾期超30天的月数")
def months_since_dpd30(h: History) -> Values:
    """Months since the loan was last more than 30 days past due."""
    day = h.dpd_life(30)[2]
    return h.months_since(day, day >= 0)


def _judged_any(h: History, values: NDArray[Any]) -> Values:
    return np.where(h.judged.position[:, -1] > h.judged.first, values, np.nan)


@feature(family=DPD, unit=INSTALMENTS, worse=LOWER, zh="最近连续按时还款期数")
def clean_streak(h: History) -> Values:
    """Latest instalments in a row paid on time."""
    return _judged_any(h, h.judged.run(~h.late))


@feature(family=DPD, unit=INSTALMENTS, worse=HIGHER, zh="最近连续逾期期数")
def late_streak(h: History) -> Values:
    """Latest instalments in a row paid late or open."""
    return _judged_any(h, h.judged.run(h.late))


def _steps(h: History, months: int) -> tuple[Values, Values, NDArray[np.bool_]]:
    """Bucket before and after each of the last `months` monthly steps, (n, months), and whether the window is seen."""
    codes = bucket(h.dpd_end.values[:, MONTHS - months :])
    return codes[:, :-1], codes[:, 1:], h.seen(months)


@feature(family=DPD, unit=COUNT, worse=HIGHER, windows=(6,), zh="最近{months}个月逾期档恶化次数")
def n_rollforward(h: History, months: int) -> Values:
    """Months in the last {months} in which the arrears bucket got worse."""
    before, after, seen = _steps(h, months)
    return np.where(seen, (after > before).sum(axis=1), np.nan)


@feature(family=DPD, unit=DAYS_PER_MONTH, worse=HIGHER, windows=(6,), zh="最近{months}个月逾期天数趋势")
def dpd_slope(h: History, months: int) -> Values:
    """Trend of month-end days past due over the last {months} months."""
    return h.dpd_end.last(months).slope()


@feature(family=DPD, unit=COUNT, worse=EITHER, windows=(12,), zh="最近{months}个月恢复正常的次数")
def n_cures(h: History, months: int) -> Values:
    """Times in the last {months} months that arrears were made good."""
    before, after, seen = _steps(h, months)
    return np.where(seen, ((before > 0) & (after == 0)).sum(axis=1), np.nan)
