"""Facts of paying: arrears without tolerance, how long all was paid in full, shrinking payments, failed debits."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from book.clock import months_between
from features.history import LATEST, History
from features.ledger import among
from features.loans_and_accounts import liquid_at_dues
from features.windows import locate
from policy.facts_loan import retail
from policy.rows import Bools, Floats, Int, since, unknown

CAP = 1.5
SPAN = 60


def arrears_facts(h: History) -> dict[str, Floats]:
    """Every fact of group `arrears` in `facts.toml`, each (n,)."""
    overdue, last_day, happened = _strict(h)
    shrinking, ratio = _shrinking(h)
    at_dues = _liquidity(h)
    full_months = h.history_months
    if happened.any():
        full_months = np.where(happened, months_between(last_day, h.as_of), full_months).astype(float)
    return {
        "overdue_days": overdue,
        "full_months": full_months,
        "full_periods": _judged_after(h, np.where(happened, last_day, h.start - 1)),
        "clean_before_late": _clean_before(h),
        "shrinking_instalments": shrinking,
        "shrinking_ratio": ratio,
        "failed_insufficient_60d": _failed(h, "insufficient"),
        "failed_technical_60d": _failed(h, "technical", "mandate"),
        "due_liquidity_last": at_dues[:, -1],
        "due_liquidity_before": at_dues[:, -2],
        "late_liquid_last3": _late_liquid(h, at_dues[:, -3:]),
    }


def without_tolerance(h: History, rows: NDArray[Any]) -> History:
    """The observations `rows` of `h`, judged with no tolerance at all, as the five classes are."""
    d = h.dossiers
    settings = replace(h.settings, tolerance=0, tolerance_share=0.0)
    return History(replace(d, loan=d.loan[rows], moment=d.moment[rows]), settings)


def _strict(h: History) -> tuple[Floats, Int, Bools]:
    """Days overdue, the last day overdue and whether there was one, (n,), without tolerance.

    Only where something is unpaid, or the loan may have to stay non-performing until it was paid in full, can that
    differ from the book's tolerance; only those are settled again.
    """
    overdue = h.dpd_now.astype(float)
    last = h.dpd_life(0)[1]
    rows = np.flatnonzero((h.unpaid_due > 0) | (retail(h) != 1))
    if len(rows):
        strict = without_tolerance(h, rows)
        overdue[rows] = strict.dpd_now
        last[rows] = strict.dpd_life(0)[1]
    return overdue, last, last >= 0


def _judged_after(h: History, day: NDArray[Any]) -> Floats:
    """Judged instalments due after `day` (n,)."""
    judged = h.judged
    after = locate(judged.days, judged.at, judged.segment, day.astype(np.int64)[:, None])[:, 0]
    return np.maximum(judged.position[:, -1] - after, 0).astype(float)


def _clean_before(h: History) -> Floats:
    """Instalments on time in a row just before the run of late ones at the end; NaN where none is judged."""
    judged, late = h.judged, h.late
    end = judged.position[:, -1]
    if not len(late):
        return unknown(h)
    last_late = np.maximum.accumulate(np.where(late, np.arange(len(late)), -1))
    last_clean = np.maximum.accumulate(np.where(late, -1, np.arange(len(late))))
    turn = np.maximum(np.append(last_clean, -1)[end - 1], judged.first - 1)
    before = np.where(turn >= judged.first, last_late[np.maximum(turn, 0)], -1)
    run = turn - np.maximum(before, judged.first - 1)
    return np.where(end > judged.first, run, np.nan).astype(float)


def _shares_paid(h: History) -> Floats:
    """Paid up to its due date against the due of the 12 latest, at most 1.5, (n, 12), newest last; NaN not there."""
    judged = h.ledger.judged
    if not len(judged.due):
        return np.full((h.n, LATEST), np.nan)
    share = np.minimum(judged.paid / np.maximum(judged.due, 1), CAP)
    return h.latest(share).values


def _shrinking(h: History) -> tuple[Floats, Floats]:
    """How many of the latest instalments paid no more than the one before (the first counts too), and last / first.

    With the first of the longest such run the ratio is smallest: if any K >= 3 instalments shrink by a fifth, it does.
    """
    p = _shares_paid(h)
    falls = np.nan_to_num(p[:, 1:], nan=np.inf) <= np.nan_to_num(p[:, :-1], nan=-np.inf)
    steps = np.cumprod(falls[:, ::-1], axis=1).sum(axis=1)
    first = p[np.arange(h.n), LATEST - 1 - steps]
    ratio = np.where(first > 0, p[:, -1] / np.where(first > 0, first, 1), np.where(np.isnan(first), np.nan, 1.0))
    return np.where(np.isnan(p[:, -1]), np.nan, steps + 1.0), ratio


def _failed(h: History, *reasons: str) -> Floats:
    """Failed debits for one of the reasons in the 60 days up to as_of; NaN where the source does not tell."""
    rows = h.dossiers.tables["payments"]
    if "status" not in rows or "fail_reason" not in rows or h.settings.precision == "month":
        return unknown(h)
    if not (rows["status"] >= 0).any():
        return unknown(h)
    failed = among(rows["status"], "payments", "status", "failed")
    failed &= among(rows["fail_reason"], "payments", "fail_reason", *reasons)
    return since(h.payments, failed & h.observed_rows, h.as_of - SPAN).astype(float)


def _liquidity(h: History) -> Floats:
    """Balance on the eve of each of the 12 latest dues against the due, (n, 12), newest last; NaN unknown."""
    if h.rows("cashflow") is None:
        return np.full((h.n, LATEST), np.nan)
    due = h.latest(h.ledger.judged.due).values
    return np.asarray(h.once(liquid_at_dues) / due)


def _late_liquid(h: History, at_dues: Floats) -> Floats:
    """Of the latest 3 instalments those paid late though the balance reached the due; NaN unless all 3 are known."""
    late = h.latest(h.late).values[:, -3:]
    known = ~(np.isnan(at_dues) | np.isnan(late)).any(axis=1)
    return np.where(known, ((late == 1) & (at_dues >= 1)).sum(axis=1), np.nan)
