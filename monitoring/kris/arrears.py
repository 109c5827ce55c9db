"""P01: the 30+ balance rate, the roll from M1 to M2 and first payments missed, held against the months before."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from itertools import pairwise
from statistics import fmean, stdev

import polars as pl

from monitoring.portfolio.rolls import roll_rates

ROLLS_BEFORE, ROLLS_LEAST = 12, 6
"""Months that a roll is held against: at most, and at least (fewer make no standard deviation worth the name)."""
FPD_BEFORE, FPD_DAYS = 6, 30


def arrears_figures(rates: pl.DataFrame, moves: pl.DataFrame, lives: pl.DataFrame, on: date) -> dict[str, float]:
    """All figures of P01 at month end `on` that are known, by the names of policy.

    `rates` and `moves` are the tables of `delinquency` and `transitions`, `lives` those known at `on`.
    """
    late = rates.filter((pl.col("basis") == "balance") & (pl.col("over") == 30) & (pl.col("as_of") <= on))
    found = rate_figures(late.sort("as_of")["rate"].to_list())
    found |= spread_of_rolls(rolls(moves.filter(pl.col("month") <= on)))
    return found | first_payment_figures(lives, on)


def rate_figures(rates: Sequence[float | None]) -> dict[str, float]:
    """rate30 of the last month end and how far it moved against the one before, relative to it; oldest first."""
    if not rates or rates[-1] is None:
        return {}
    now, before = rates[-1], rates[-2] if len(rates) > 1 else None
    return {"rate30": now} | ({"rate30_chg_1m": now / before - 1} if before else {})


def rolls(moves: pl.DataFrame) -> list[float]:
    """The share of the balance in M1 that went to M2, month by month; months without a balance in M1 are left out."""
    months = moves["month"].unique().sort().to_list()
    by_month = [roll_rates(moves.filter(pl.col("month") == month)) for month in months]
    held = [part.filter(pl.col("from") == "M1") for part in by_month]
    return [float(part.filter(pl.col("to") == "M2")["share"].sum()) for part in held if part["amount"].sum() > 0]


def roll_of(then: pl.DataFrame, now: pl.DataFrame) -> float:
    """The roll from M1 to M2 of two days a month apart; frames hold loan_id, dpd, balance. NaN without a balance in M1.

    A loan that is not in `now` left the book: it stays in the denominator.
    """
    start = then.filter(pl.col("dpd").is_between(1, 30)).join(now.select("loan_id", later="dpd"), "loan_id", how="left")
    held = float(start["balance"].sum())
    went = float(start.filter(pl.col("later").is_between(31, 60))["balance"].sum())
    return went / held if held > 0 else float("nan")


def spread_of_rolls(values: Sequence[float]) -> dict[str, float]:
    """roll_m1_m2 of the last month, and mean and standard deviation of the up to 12 months before; oldest first.

    Mean and deviation are left out where there are fewer than 6 months.
    """
    if not values:
        return {}
    before = list(values[:-1])[-ROLLS_BEFORE:]
    found = {"roll_m1_m2": values[-1]}
    if len(before) >= ROLLS_LEAST:
        found |= {"roll_m1_m2_mean": fmean(before), "roll_m1_m2_sd": stdev(before)}
    return found


def first_payment_figures(lives: pl.DataFrame, on: date) -> dict[str, float]:
    """fpd30 of the month that ends at `on`, and the mean of the six months before.

    A loan belongs to the month in which its first due date + 30 days falls, so that every month is complete.
    """
    months = _month_starts(on, FPD_BEFORE + 2)
    day = pl.col("due_1_on").dt.offset_by(f"{FPD_DAYS}d")
    judged = lives.filter(day.is_not_null()).select(on=day, failed=pl.col("open_1") > FPD_DAYS)
    rates = []
    for start, end in pairwise(months):
        part = judged.filter((pl.col("on") >= start) & (pl.col("on") < end))
        rates.append(float(part["failed"].sum()) / len(part) if len(part) else None)
    if rates[-1] is None:
        return {}
    found, before = {"fpd30": rates[-1]}, [rate for rate in rates[:-1] if rate is not None]
    if len(before) == FPD_BEFORE:
        found["fpd30_mean_6m"] = fmean(before)
    return found


def _month_starts(on: date, count: int) -> list[date]:
    """The first days of the month after `on` and of those before it, `count` in all, oldest first."""
    last = on.year * 12 + on.month
    return [date(month // 12, month % 12 + 1, 1) for month in range(last - count + 1, last + 1)]
