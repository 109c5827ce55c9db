"""Family DPD, column by column."""

from __future__ import annotations

from bisect import bisect_left
from datetime import timedelta
from itertools import takewhile

from reading.balance import principal_outstanding
from reading.ratios import LEVEL, NAN, least_squares, mean, ratio
from reading.repayment import Judged, Repayment
from reading.window import Window, months_since_or_never

BUCKET_TOPS = (0, 30, 60, 90, 120, 150, 180)
FPD_DAYS = timedelta(days=7)


def bucket(dpd: int) -> int:
    """C 0; M1 1-30; ... M7 over 180."""
    return bisect_left(BUCKET_TOPS, dpd)


def dpd_family(repayment: Repayment) -> dict[str, float]:
    as_of = repayment.loan.as_of
    dpd = repayment.dpd(as_of)
    unpaid = repayment.unpaid(as_of)
    columns: dict[str, float] = {
        "dpd_now": dpd,
        "bucket_now": bucket(dpd),
        "arrears_to_instalment": ratio(unpaid, repayment.instalment, LEVEL),
        "arrears_to_balance": ratio(unpaid, principal_outstanding(repayment), LEVEL),
    }
    for months in (1, 3, 6, 12):
        columns |= _window(Window(repayment, months))
    columns |= _month_ends(repayment)
    columns |= _life(repayment)
    columns |= _first_payments(repayment)
    columns |= _streaks(repayment)
    return columns


def _window(window: Window) -> dict[str, float]:
    months, seen = window.months, window.observed
    columns = {f"dpd_max_{months}m": max(window.dpd, default=0) if seen else NAN}
    if months == 1:
        return columns
    columns[f"dpd_mean_{months}m"] = float(mean(window.dpd)) if seen and window.dpd else NAN
    judged = window.judged
    lates = sum(one.days_late > 0 for one in judged)
    columns[f"late_rate_{months}m"] = lates / len(judged) if seen and judged else NAN
    if months == 12:
        missing = sum(one.missing for one in judged)
        columns["late_amt_rate_12m"] = ratio(missing, window.dues) if seen else NAN
    return columns


def _month_ends(repayment: Repayment) -> dict[str, float]:
    six, twelve = Window(repayment, 6), Window(repayment, 12)

    def count(window: Window, over: int) -> float:
        ends = window.edge_dpd(0, window.months - 1)
        return float(sum(dpd is not None and dpd > over for dpd in ends)) if window.observed else NAN

    def steps(window: Window) -> list[tuple[int, int]]:
        newest_first = window.edge_dpd(0, window.months)
        pairs = zip(newest_first[1:], newest_first, strict=False)
        return [(bucket(old), bucket(new)) for old, new in pairs if old is not None and new is not None]

    six_ends = six.edge_dpd(0, 5)[::-1]
    whole = [dpd for dpd in six_ends if dpd is not None]
    return {
        "months_dpd30_6m": count(six, 30),
        "months_dpd30_12m": count(twelve, 30),
        "months_dpd60_12m": count(twelve, 60),
        "dpd_slope_6m": float(least_squares(whole)) if len(whole) == 6 else NAN,
        "n_rollforward_6m": float(sum(new > old for old, new in steps(six))) if six.observed else NAN,
        "n_cures_12m": float(sum(old > 0 and new == 0 for old, new in steps(twelve))) if twelve.observed else NAN,
    }


def _life(repayment: Repayment) -> dict[str, float]:
    worst = max(repayment.dpd_by_day.values(), default=0)
    lates = [place for place, one in enumerate(repayment.judged, start=1) if one.days_late > 0]
    life: dict[str, float] = {
        "dpd_worst_ever": worst,
        "ever_late": worst > 0,
        "ever_dpd30": worst > 30,
        "first_late_no": lates[0] if lates else NAN,
    }
    return dict.fromkeys(life, NAN) if repayment.loan.observed_late else life


def _first_payments(repayment: Repayment) -> dict[str, float]:
    """First, second, third payment default: those before went well, this one did not within seven days."""
    columns: dict[str, float] = {}
    failed_before = False
    for place, name in enumerate(("fpd_flag", "spd_flag", "tpd_flag")):
        one = repayment.judged[place] if place < len(repayment.judged) else None
        if one is None or repayment.loan.as_of < one.due.due_on + FPD_DAYS or repayment.loan.observed_late:
            columns[name] = NAN
            continue
        failed = one.settled_on is None or one.settled_on > one.due.due_on + FPD_DAYS
        columns[name] = failed and not failed_before
        failed_before = failed_before or failed
    first = repayment.judged[:1] if not repayment.loan.observed_late else []
    columns["fpd_days"] = max(0, first[0].days_late) if first else NAN
    return columns


def _streaks(repayment: Repayment) -> dict[str, float]:
    def run(of_late: bool) -> float:
        newest_first: list[Judged] = repayment.judged[::-1]
        if not newest_first:
            return NAN
        return float(len(list(takewhile(lambda one: (one.days_late > 0) == of_late, newest_first))))

    return {
        "months_since_late": months_since_or_never(repayment, repayment.last_arrears(0)),
        "months_since_dpd30": months_since_or_never(repayment, repayment.last_arrears(30)),
        "clean_streak": run(of_late=False),
        "late_streak": run(of_late=True),
    }
