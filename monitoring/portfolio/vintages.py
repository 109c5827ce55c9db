"""Vintages: how much of what was lent in a month ever went past x days, by months on book; unripe cells are blank."""

from __future__ import annotations

from datetime import date

import polars as pl


def vintages(lives: pl.DataFrame, on: date, over: int = 30, longest: int = 36) -> pl.DataFrame:
    """Cumulative ever-past-`over` rates: vintage (first day of the month), mob, loans, disbursed, ever, rate.

    `lives` are as known at `on`. `ever` is the principal, on its first day with DPD > `over`, of loans past it by the
    k-th month end after the disbursement month; the denominator is what was disbursed in the month. Closed loans stay
    in. Rows exist only for months on book that every loan of the vintage has reached by `on`.
    """
    month = pl.col("disbursed_on").dt.truncate("1mo")
    past = pl.col(f"over_{over}_on").dt.truncate("1mo")
    gap = (past.dt.year() - month.dt.year()) * 12 + (past.dt.month() - month.dt.month())
    loans = lives.select(vintage=month, principal="principal", balance=f"balance_{over}", hit=gap.cast(pl.Int32))
    base = loans.group_by("vintage").agg(loans=pl.len(), disbursed=pl.col("principal").sum())
    grid = base.join(pl.DataFrame({"mob": pl.Series(range(longest + 1), dtype=pl.Int32)}), how="cross")
    reached = pl.col("vintage").dt.offset_by(pl.format("{}mo", "mob")).dt.month_end()
    ripe = grid.filter(reached <= on)
    hits = (
        loans.drop_nulls("hit")
        .group_by("vintage", mob=pl.col("hit").clip(lower_bound=0))
        .agg(new=pl.col("balance").sum())
    )
    cells = ripe.join(hits, on=["vintage", "mob"], how="left").sort("vintage", "mob")
    ever = pl.col("new").fill_null(0.0).cum_sum().over("vintage")
    return cells.with_columns(ever=ever).with_columns(rate=pl.col("ever") / pl.col("disbursed")).drop("new")
