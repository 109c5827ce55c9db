"""Family AMT, column by column."""

from __future__ import annotations

from datetime import date
from fractions import Fraction

from reading.days import DAY
from reading.ratios import CHANGE, DIFFERENCE, LEVEL, NAN, PAID, held, mean, ratio, theil_sen
from reading.repayment import Judged, Repayment
from reading.rows import Row, cents, day_of
from reading.window import Window, latest

PREPAYMENTS = ("partial_prepay", "full_prepay")


def amount_family(repayment: Repayment) -> dict[str, float]:
    return _paid_ratios(repayment) | _instalments(repayment) | _extra_money(repayment) | _ways_of_paying(repayment)


def _paid_ratios(repayment: Repayment) -> dict[str, float]:
    columns = {}
    for months in (3, 6, 12):
        window = Window(repayment, months)
        paid = ratio(window.money, window.dues or None, PAID)
        columns[f"paid_ratio_{months}m"] = paid if window.observed else NAN
    gap = columns["paid_ratio_3m"] - columns["paid_ratio_12m"]
    columns["paid_ratio_3v12"] = float(min(max(gap, DIFFERENCE[0]), DIFFERENCE[1])) if gap == gap else NAN
    six = Window(repayment, 6)
    missing = ratio(max(0, six.dues - six.money), repayment.instalment, LEVEL)
    columns["shortfall_cum_6m"] = missing if six.observed else NAN
    return columns


def _instalments(repayment: Repayment) -> dict[str, float]:
    judged, six = repayment.judged, latest(repayment, 6)
    return {
        "paid_ratio_last1": float(judged[-1].ratio) if judged else NAN,
        "partial_share_6n": sum(one.partial for one in six) / len(six) if six else NAN,
        "pay_amt_slope_6n": _pay_slope(six) if six and len(six) >= 3 else NAN,
        "n_consec_declining": _declining(judged[-12:]) if judged else NAN,
        "splits_per_due_6n": _splits(repayment) if six else NAN,
    }


def _pay_slope(six: list[Judged]) -> float:
    ratios = [one.ratio for one in six]
    if mean(ratios) == 0:
        return float(CHANGE[0])
    return held(theil_sen(ratios) / mean(ratios), CHANGE)


def _declining(judged: list[Judged]) -> float:
    steps = 0
    while steps + 1 < len(judged) and judged[-1 - steps].ratio < judged[-2 - steps].ratio:
        steps += 1
    return float(steps)


def _splits(repayment: Repayment) -> float:
    judged = repayment.judged
    last = judged[-6:]
    after: date = judged[-7].due.due_on if len(judged) > 6 else repayment.loan.start - DAY
    days = [day_of(row["paid_on"]) for row in repayment.loan.scheduled_rows]
    return held(Fraction(sum(after < day <= last[-1].due.due_on for day in days), len(last)), LEVEL)


def _extra_money(repayment: Repayment) -> dict[str, float]:
    window, loan = Window(repayment, 12), repayment.loan
    split = any(row.get("purpose") for row in loan.money_rows)
    if not (window.observed and split):
        return {"overpay_share_12m": NAN, "prepay_ratio_12m": NAN}
    over = [one.ratio > 1 and one.money - one.due.amount > loan.tolerance(one.due) for one in window.judged]
    rows = window.rows(loan.money_rows, "paid_on")
    prepaid = sum(cents(row["amount"]) for row in rows if row.get("purpose") in PREPAYMENTS)
    return {
        "overpay_share_12m": sum(over) / len(over) if over else NAN,
        "prepay_ratio_12m": ratio(prepaid, window.dues or None, LEVEL),
    }


def _ways_of_paying(repayment: Repayment) -> dict[str, float]:
    loan, six, three = repayment.loan, Window(repayment, 6), Window(repayment, 3)
    named = [row for row in six.rows(loan.money_rows, "paid_on") if row.get("payer")]
    others = sum(cents(row["amount"]) for row in named if row["payer"] != "borrower")
    share = ratio(others, sum(cents(row["amount"]) for row in named), LEVEL)
    cancelled = NAN
    if loan.events is not None and three.observed:
        off = [row for row in three.rows(loan.events, "event_on") if row["event_type"] == "mandate_off"]
        cancelled = float(bool(off))
    how = [row for row in six.rows(loan.scheduled_rows, "paid_on") if row.get("method")]
    now = [row for row in how if day_of(row["paid_on"]) in three]
    before = [row for row in how if day_of(row["paid_on"]) not in three]
    return {
        "third_party_share_6m": share if six.observed else NAN,
        "autopay_cancelled_3m": cancelled,
        "manual_share_chg": _manual(now) - _manual(before) if six.observed else NAN,
    }


def _manual(rows: list[Row]) -> float:
    return sum(row["method"] != "autopay" for row in rows) / len(rows) if rows else NAN
