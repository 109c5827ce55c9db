"""EXPO: the loan itself, what is left of it, and the borrower's other loans here."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from features.calendar import month_ends_after
from features.families.names import EXPO
from features.feature import EITHER, HIGHER, LEVEL, LOWER, feature
from features.history import MONTHS, History
from features.ledger import among, code
from features.measures import Values
from features.ratios import part, ratio
from features.units import COUNT, DAYS, FLAG, LOANS, LOG_MONEY, RATE, RATIO, SHARE
from features.units import MONTHS as IN_MONTHS


def months_on_book(h: History) -> Values:
    """Month ends after the disbursement month up to as_of, (n,)."""
    return h.once(_months_on_book)


def _months_on_book(h: History) -> Values:
    return month_ends_after(h.of_loan("disbursed_on").astype(np.int64), h.as_of)


@feature(family=EXPO, unit=IN_MONTHS, worse=EITHER, tables=("loans",), zh="账龄（月）")
def mob(h: History) -> Values:
    """Months on book."""
    return months_on_book(h)


@feature(family=EXPO, unit=SHARE, worse=EITHER, zh="剩余期限占比")
def remaining_term_share(h: History) -> Values:
    """Share of the term still to run."""
    last, start = h.plan.last_due_on, h.of_loan("disbursed_on")
    return part(np.maximum(last - h.as_of, 0), last - start)


@feature(family=EXPO, unit=LOG_MONEY, worse=EITHER, zh="每期应还金额")
def log_instalment(h: History) -> Values:
    """Size of the instalment."""
    return np.log1p(h.instalment / 100)


@feature(family=EXPO, unit=RATIO, worse=HIGHER, bounds=LEVEL, zh="实际剩余本金与计划剩余本金之比")
def balance_vs_schedule(h: History) -> Values:
    """Principal outstanding against what the schedule foresees."""
    coming = np.where(h.plan.due_in_all > 0, h.plan.principal_to_come, np.nan)
    return ratio(h.principal_outstanding, coming, adverse=10)


@feature(family=EXPO, unit=RATE, worse=HIGHER, tables=("loans", "loan_events"), show_borrower=False, zh="年利率")
def annual_rate(h: History) -> Values:
    """Interest rate a year."""
    rate = h.of_loan("annual_rate").astype(float)
    rows = h.rows("loan_events")
    if rows is None or "new_rate" not in rows:
        return rate
    changes = (rows["event_type"] == code("loan_events", "event_type", "rate_change")[0]) & ~np.isnan(rows["new_rate"])
    place = np.maximum.accumulate(np.where(changes, np.arange(len(changes)), -1)) if len(changes) else np.array([-1])
    series = h.dated("loan_events", "event_on")
    end = series.position[:, -1]
    latest = np.where(end > series.first, place[np.maximum(end - 1, 0)], -1)
    changed = latest >= series.first
    return np.where(changed & (latest >= 0), np.append(rows["new_rate"], np.nan)[latest], rate)


@feature(family=EXPO, unit=RATIO, worse=HIGHER, bounds=LEVEL, zh="未来三期平均应还与当前每期应还之比")
def step_up_ratio_next3(h: History) -> Values:
    """Mean of the next three dues against the current instalment."""
    coming = h.plan.next_dues(3)
    count = (~np.isnan(coming)).sum(axis=1)
    total = np.where(np.isnan(coming), 0, coming).sum(axis=1)
    return ratio(part(total, count), h.instalment, adverse=10)


@feature(family=EXPO, unit=SHARE, worse=LOWER, tables=("loans", "payments"), bounds=LEVEL, zh="已还本金占比")
def principal_paid_share(h: History) -> Values:
    """Share of the principal repaid."""
    return 1 - part(h.principal_outstanding, h.of_loan("principal").astype(float))


@feature(family=EXPO, unit=LOANS, worse=EITHER, zh="本机构未结清贷款笔数")
def n_active_loans(h: History) -> Values:
    """Loans of the borrower here that are not closed."""
    from features.standing import closed

    open_ones, of = h.of_others(lambda others: ~others.once(closed))
    count = (~h.once(closed)).astype(float) + np.bincount(of, open_ones, minlength=h.n)
    return np.where(h.book_complete, count, np.nan)


@feature(family=EXPO, unit=DAYS, worse=HIGHER, zh="借款人其他贷款当前最大逾期天数")
def other_loan_dpd_max(h: History) -> Values:
    """Worst days past due now among the borrower's other loans here."""
    from features.standing import closed

    dpd, of = h.of_others(lambda others: np.where(others.once(closed), 0, others.dpd_now))
    return np.where(h.book_complete, h.over_others(dpd, of), np.nan)


@feature(family=EXPO, unit=FLAG, worse=HIGHER, windows=(6,), zh="最近{months}个月借款人其他贷款是否逾期超过30天")
def other_loan_dpd30(h: History, months: int) -> Values:
    """Another loan of the borrower here more than 30 days past due in the last {months} months."""
    from features.standing import closed

    def over_30(others: History) -> Values:
        peak = others.dpd_peak.values[:, MONTHS - months :]
        return ((peak > 30).any(axis=1) & ~others.once(closed)).astype(float)

    return np.where(h.book_complete & h.seen(months), h.over_others(*h.of_others(over_30)), np.nan)


@feature(
    family=EXPO,
    unit=COUNT,
    worse=HIGHER,
    windows=(12,),
    tables=("loan_events",),
    zh="最近{months}个月展期次数",
)
def n_extensions(h: History, months: int) -> Values:
    """Extensions, deferrals and grace granted in the last {months} months."""
    rows = h.rows("loan_events")
    if rows is None:
        return np.full(h.n, np.nan)
    granted = among(rows["event_type"], "loan_events", "event_type", "extension", "deferral", "grace")
    counted = h.dated("loan_events", "event_on").months(granted)[:, MONTHS - months :].sum(axis=1)
    return np.where(h.seen(months), counted, np.nan)


def _restructured(h: History) -> tuple[NDArray[Any], NDArray[np.bool_]] | None:
    """Day of the latest restructure by as_of and whether there was one, (n,); None without events."""
    rows = h.rows("loan_events")
    if rows is None:
        return None
    holds = rows["event_type"] == code("loan_events", "event_type", "restructure")[0]
    place = np.maximum.accumulate(np.where(holds, np.arange(len(holds)), -1)) if len(holds) else np.array([-1])
    series = h.dated("loan_events", "event_on")
    end = series.position[:, -1]
    latest = np.where(end > series.first, place[np.maximum(end - 1, 0)], -1)
    there = (latest >= series.first) & (latest >= 0)
    return np.where(there, np.append(rows["event_on"], 0)[latest], 0), there


@feature(family=EXPO, unit=FLAG, worse=HIGHER, tables=("loan_events",), zh="最近12个月是否重组")
def restructured_now(h: History) -> Values:
    """Restructured in the last 12 months."""
    found = _restructured(h)
    if found is None:
        return np.full(h.n, np.nan)
    day, there = found
    return (there & (day > h.edges[:, 0])).astype(float)


@feature(family=EXPO, unit=IN_MONTHS, worse=EITHER, tables=("loan_events",), zh="距上次重组的月数")
def months_since_restructure(h: History) -> Values:
    """Months since the latest restructure."""
    found = _restructured(h)
    return np.full(h.n, np.nan) if found is None else h.months_since(*found)
