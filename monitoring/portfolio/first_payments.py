"""FPD, SPD, TPD: loans whose first, second or third instalment was the first to stay unpaid."""

from __future__ import annotations

from datetime import date

import polars as pl

NAMES = ("FPD", "SPD", "TPD")


def first_payments(lives: pl.DataFrame, on: date, days: int = 30) -> pl.DataFrame:
    """Early payment defaults by month of disbursement: vintage, figure, days, failed, loans, rate.

    The k-th instalment fails when it is still unpaid `days` days after it was due; SPD counts loans that paid the
    first and failed the second, TPD those that paid two and failed the third. The denominator is loans whose k-th
    due date + `days` is on or before `on`; loans whose extract starts later than the loan are left out.
    """
    parts = []
    paid_before = pl.lit(True)
    for k, name in enumerate(NAMES, start=1):
        ripe = pl.col(f"due_{k}_on").dt.offset_by(f"{days}d") <= on
        failed = pl.col(f"open_{k}") > days
        judged = lives.filter(ripe)
        parts.append(
            judged.group_by(vintage=pl.col("disbursed_on").dt.truncate("1mo")).agg(
                pl.lit(name).alias("figure"),
                pl.lit(days, pl.Int32).alias("days"),
                failed=(failed & paid_before).sum(),
                loans=pl.len(),
            )
        )
        paid_before = paid_before & ~failed
    rows = pl.concat(parts).with_columns(rate=pl.col("failed") / pl.col("loans"))
    return rows.sort("vintage", pl.col("figure").replace_strict(list(NAMES), [0, 1, 2]))
