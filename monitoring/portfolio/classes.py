"""Five classes and tiers over time: shares, NPL, coverage of 90+ by NPL, migration."""

from __future__ import annotations

import polars as pl

from monitoring.portfolio.rolls import CLASSES

NPL = CLASSES[2:]


def class_shares(classes: pl.DataFrame) -> pl.DataFrame:
    """不良率 and its kin by month end: as_of, balance, a share of each class, npl_share, over90_to_npl.

    `classes` holds loan_id, as_of, five_class, balance, dpd of loans on the book. npl_share = (次级 + 可疑 + 损失) /
    total; over90_to_npl = balance of loans with DPD > 90 / NPL balance (above 1 the classes lag behind arrears).
    """
    total = pl.col("balance").sum()
    of = {name: pl.col("balance").filter(pl.col("five_class") == name).sum() / total for name in CLASSES}
    npl = pl.col("balance").filter(pl.col("five_class").is_in(NPL)).sum()
    late = pl.col("balance").filter(pl.col("dpd") > 90).sum()
    return (
        classes.group_by("as_of")
        .agg(balance=total, **of, npl_share=npl / total, over90_to_npl=pl.when(npl > 0).then(late / npl))
        .sort("as_of")
    )


def moves(states: pl.DataFrame, column: str, order: tuple[str, ...]) -> pl.DataFrame:
    """Loans by `column` (a tier, a class) at one of two month ends and at the other: from, to, loans, balance.

    `states` holds loan_id, as_of, `column` and balance at exactly two month ends; a loan seen at one of them only is
    "NEW" or "GONE".
    """
    first, last = states["as_of"].min(), states["as_of"].max()
    start = states.filter(pl.col("as_of") == first).select("loan_id", pl.col(column).alias("from"), "balance")
    end = states.filter(pl.col("as_of") == last).select("loan_id", pl.col(column).alias("to"), closing="balance")
    both = start.join(end, on="loan_id", how="full", coalesce=True).with_columns(
        pl.col("from").fill_null("NEW"), pl.col("to").fill_null("GONE"), pl.col("balance").fill_null(pl.col("closing"))
    )
    names = [*order, "NEW", "GONE"]
    rank = {name: k for k, name in enumerate(names)}
    sums = both.group_by("from", "to").agg(loans=pl.len(), balance=pl.col("balance").sum())
    return sums.sort(pl.col("from").replace_strict(rank), pl.col("to").replace_strict(rank))
