"""Defaults and arrears by product, channel and region, with intervals, and the book by remaining term."""

from __future__ import annotations

import itertools
from datetime import date

import polars as pl

from monitoring.portfolio.wilson import wilson

BY = ("product", "channel", "region")
TERMS = (0, 3, 6, 12, 24, 36)
"""Edges of remaining term, months: due already, up to 3, 3 to 6, ... beyond the last."""


def default_rates(states: pl.DataFrame, lives: pl.DataFrame, start: date, on: date) -> pl.DataFrame:
    """Loans performing at month end `start` that defaulted by `on`: by, value, loans, defaults, rate, low, high.

    Default = DPD past 90 or written off, after `start`. Bounds are 95 % Wilson intervals, which take loans as
    independent.
    """
    performing = states.filter((pl.col("as_of") == start) & (pl.col("exit") == "") & (pl.col("status") != "in_default"))
    gone = pl.when(pl.col("exit") == "WRITTEN_OFF").then(pl.col("exit_on"))
    first = pl.min_horizontal("over_90_on", gone)
    cases = lives.join(performing.select("loan_id"), on="loan_id", how="semi").with_columns(
        hit=((first > start) & (first <= on)).fill_null(value=False)
    )
    return _by_segment(cases, "defaults")


def late_rates(states: pl.DataFrame, lives: pl.DataFrame, on: date, over: int = 30) -> pl.DataFrame:
    """Loans on the book at `on` by segment and those more than `over` days late, in columns as of `default_rates`."""
    here = states.filter((pl.col("as_of") == on) & (pl.col("exit") == "")).select("loan_id", hit=pl.col("dpd") > over)
    return _by_segment(lives.select("loan_id", *BY).join(here, on="loan_id", how="inner"), "late")


def first_payment_rates(lives: pl.DataFrame, on: date, months: int = 12, days: int = 30) -> pl.DataFrame:
    """FPD by segment, of loans whose first due date + `days` fell in the `months` up to `on`: as above, `failed`."""
    day = pl.col("due_1_on").dt.offset_by(f"{days}d")
    recent = (day <= on) & (day > pl.lit(on).dt.offset_by(f"-{months}mo"))
    return _by_segment(lives.filter(recent).with_columns(hit=pl.col("open_1") > days), "failed")


def _by_segment(cases: pl.DataFrame, name: str) -> pl.DataFrame:
    """One row for the whole book (by "book"), then one a value of each of BY; `name` counts the rows that `hit`."""
    if cases.is_empty():
        return pl.DataFrame()
    whole = _rates(cases.with_columns(pl.lit("").alias("book")), "book", name)
    return pl.concat([whole, *(_rates(cases, by, name) for by in BY)])


def _rates(cases: pl.DataFrame, by: str, name: str) -> pl.DataFrame:
    low, high = wilson(name, "loans")
    counted = cases.group_by(pl.col(by).alias("value")).agg(pl.len().alias("loans"), pl.col("hit").sum().alias(name))
    rate = pl.col(name) / pl.col("loans")
    return counted.select(pl.lit(by).alias("by"), "value", "loans", name, rate=rate, low=low, high=high).sort("value")


def terms(states: pl.DataFrame, lives: pl.DataFrame, on: date) -> pl.DataFrame:
    """期限结构: the book at `on` by months left to maturity: term, loans, balance, share, late_balance, late_share.

    `late` is DPD > 30. Loans without a maturity stand in a row of their own ("none").
    """
    here = states.filter((pl.col("as_of") == on) & (pl.col("exit") == ""))
    both = here.join(lives.select("loan_id", "maturity_on"), on="loan_id", how="left")
    left = (pl.col("maturity_on").dt.year() - on.year) * 12 + pl.col("maturity_on").dt.month() - on.month
    names = ["due", *(f"{a}-{b}" for a, b in itertools.pairwise(TERMS)), f"{TERMS[-1]}+"]
    place = pl.sum_horizontal(left > edge for edge in TERMS)
    term = (
        pl.when(left.is_null())
        .then(pl.lit("none"))
        .otherwise(place.replace_strict(list(range(len(names))), names, return_dtype=pl.String))
    )
    held = pl.col("principal_outstanding")
    sums = both.group_by(term=term).agg(
        loans=pl.len(), balance=held.sum(), late_balance=held.filter(pl.col("dpd") > 30).sum()
    )
    order = [*names, "none"]
    rank = pl.col("term").replace_strict(order, list(range(len(order))), return_dtype=pl.Int8)
    return sums.with_columns(
        share=pl.col("balance") / pl.col("balance").sum(),
        late_share=pl.when(pl.col("balance") > 0).then(pl.col("late_balance") / pl.col("balance")),
    ).sort(rank)
