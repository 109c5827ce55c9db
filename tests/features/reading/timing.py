"""Family TIME, column by column."""

from __future__ import annotations

from collections import Counter
from datetime import date, timedelta
from fractions import Fraction
from math import sqrt

from reading.ratios import NAN, mean, ratio, theil_sen
from reading.repayment import Judged, Repayment
from reading.window import Window, latest

WEEK = timedelta(days=7)
TECHNICAL = ("technical", "mandate")


def time_family(repayment: Repayment) -> dict[str, float]:
    columns = _days_late(repayment) | _habits(repayment) | _debits(repayment)
    if repayment.loan.settings.precision == "month":
        return dict.fromkeys(columns, NAN)
    return columns


def _days_late(repayment: Repayment) -> dict[str, float]:
    columns: dict[str, float] = {}
    for count in (1, 3, 6, 12):
        last = latest(repayment, count)
        columns[f"days_late_mean_{count}n"] = float(_mean(last)) if last else NAN
    for count in (6, 12):
        last = latest(repayment, count)
        columns[f"days_late_std_{count}n"] = _spread([max(0, one.days_late) for one in last]) if last else NAN
        slope = theil_sen([one.days_late for one in last]) if last and len(last) >= 3 else NAN
        columns[f"days_late_slope_{count}n"] = float(slope)
    six, three, twelve = latest(repayment, 6), latest(repayment, 3), latest(repayment, 12)
    columns["days_late_max_6n"] = max(0, *(one.days_late for one in six)) if six else NAN
    columns["days_late_ewm"] = _faded(latest(repayment, 12) or [])
    columns["days_late_last3_minus_12"] = float(_mean(three) - _mean(twelve)) if three and twelve else NAN
    return columns


def _mean(judged: list[Judged]) -> Fraction:
    return mean([one.days_late for one in judged])


def _spread(values: list[int]) -> float:
    middle = mean(values)
    return sqrt(sum((value - middle) ** 2 for value in values) / len(values))


def _faded(judged: list[Judged]) -> float:
    """Weight halves every three instalments back."""
    if not judged:
        return NAN
    weights = [0.5 ** (age / 3) for age in range(len(judged))][::-1]
    faded = sum(w * one.days_late for w, one in zip(weights, judged, strict=True))
    return float(faded / sum(weights))


def _habits(repayment: Repayment) -> dict[str, float]:
    six = latest(repayment, 6)
    if not six:
        return dict.fromkeys(("early_share_6n", "grace_use_share_6n", "payday_shift_6n"), NAN)
    stated = [one for one in six if one.due.grace_days is not None]
    in_grace = sum(1 <= one.days_late <= (one.due.grace_days or 0) for one in stated)
    return {
        "early_share_6n": sum(one.days_late < 0 for one in six) / len(six),
        "grace_use_share_6n": in_grace / len(stated) if stated else NAN,
        "payday_shift_6n": _payday_shift(six),
    }


def _payday_shift(six: list[Judged]) -> float:
    days = [one.settled_on.day for one in six if one.settled_on]
    if len(days) < 6:
        return NAN
    shift = abs(_payday(days[3:]) - _payday(days[:3]))
    return float(min(shift, 31 - shift))


def _payday(days: list[int]) -> int:
    """The most frequent day of the month, ties to the later instalment."""
    often = Counter(days)
    return max(days[::-1], key=lambda day: often[day])


def _debits(repayment: Repayment) -> dict[str, float]:
    tried = repayment.attempts()
    columns: dict[str, float] = {}
    for months in (3, 6):
        window = Window(repayment, months)
        reasons = [reason for day, reason in tried if day in window]
        blameless = sum(reason in (*TECHNICAL, "other", "unknown") for reason in reasons)
        rate = ratio(reasons.count("insufficient"), len(reasons) - blameless)
        columns[f"debit_fail_rate_{months}m"] = rate if window.observed else NAN
    window = Window(repayment, 3)
    lately = [(day, reason) for day, reason in tried if day in window]
    failed_days = {day for day, reason in tried if reason is not None}
    counts = {
        "n_insufficient_3m": sum(reason == "insufficient" for _, reason in lately),
        "n_technical_fail_3m": sum(reason in TECHNICAL for _, reason in lately),
        "n_retry_3m": sum(_again(day, failed_days) for day, _ in lately),
    }
    return columns | {name: float(value) if window.observed else NAN for name, value in counts.items()}


def _again(day: date, failed_days: set[date]) -> bool:
    return any(day - WEEK <= failed < day for failed in failed_days)
