"""Cures: of the loans that fell behind, how many had no arrears again, and how fast."""

from __future__ import annotations

from datetime import date

import polars as pl


def cures(lives: pl.DataFrame, on: date, over: int = 30, longest: int = 12) -> pl.DataFrame:
    """Share of loans past `over` days that were back to zero within k months: entered, months, loans, back, rate.

    `entered` is the quarter in which DPD first went past `over`; a row only where every loan of the quarter has had
    k months by `on`. A loan that left the book without clearing its arrears is not back.
    """
    first, back = pl.col(f"over_{over}_on"), pl.col(f"back_{over}_on")
    cases = lives.filter(first.is_not_null()).select(entered=first.dt.truncate("1q"), first=first, back=back)
    return _by_quarter(cases, on, longest)


def _by_quarter(cases: pl.DataFrame, on: date, longest: int) -> pl.DataFrame:
    months = pl.DataFrame({"months": pl.Series(range(1, longest + 1), dtype=pl.Int32)})
    reach = pl.format("{}mo", "months")
    grid = cases.join(months, how="cross")
    ripe = pl.col("entered").dt.offset_by("1q").dt.offset_by("-1d").dt.offset_by(reach) <= on
    counted = (
        grid.filter(ripe)
        .group_by("entered", "months")
        .agg(loans=pl.len(), back=(pl.col("back") <= pl.col("first").dt.offset_by(reach)).sum())
    )
    return counted.with_columns(rate=pl.col("back") / pl.col("loans")).sort("entered", "months")
