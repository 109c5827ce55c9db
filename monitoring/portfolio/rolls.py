"""迁徙率: where the loans of one month end are a month later, by count and by balance; exits are kept."""

from __future__ import annotations

import itertools
from datetime import date

import polars as pl

BUCKETS = ("C", "M1", "M2", "M3", "M4", "M5", "M6", "M7+")
EXITS = ("PAID", "PREPAID", "COMPENSATED", "WRITTEN_OFF", "SOLD")
MISSING = "MISSING"
"""A loan that the later month end does not show at all: the extract lost it."""
WHERE = (*BUCKETS, *EXITS, MISSING)
CLASSES = ("normal", "special_mention", "substandard", "doubtful", "loss")


def transitions(states: pl.DataFrame, lives: pl.DataFrame | None = None) -> pl.DataFrame:
    """Loans and principal by bucket at a month end and at the next: month (the later one), from, to, loans, balance.

    A loan that the later month end does not show left in the way `lives` knows (an ending posted late), else it is
    MISSING.

    `balance` is the principal at the earlier month end, in both directions of travel, so that rows sum to it. Only
    loans on the book at the earlier month end; pairs of month ends that are not neighbours are left out.
    """
    months = states["as_of"].unique().sort().to_list()
    kept = states.select("loan_id", "as_of", "bucket", "exit", "principal_outstanding")
    by_month = {key[0]: rows for key, rows in kept.partition_by("as_of", as_dict=True, include_key=False).items()}
    pairs = [
        _pair(by_month[one], by_month[other], _gone(lives, other)).with_columns(month=pl.lit(other))
        for one, other in itertools.pairwise(months)
        if (other.year - one.year) * 12 + other.month - one.month == 1
    ]
    empty = {"from": pl.String, "to": pl.String, "loans": pl.UInt32, "balance": pl.Float64, "month": pl.Date}
    rows = pl.concat(pairs) if pairs else pl.DataFrame(schema=empty)
    return rows.select("month", "from", "to", "loans", "balance").sort("month", _rank("from"), _rank("to"))


def _gone(lives: pl.DataFrame | None, by: date) -> pl.DataFrame:
    """How loans that left by a day did."""
    if lives is None:
        return pl.DataFrame(schema={"loan_id": pl.String, "left": pl.String})
    return lives.filter(pl.col("exit_on") <= by).select("loan_id", left="exit")


def _pair(one: pl.DataFrame, other: pl.DataFrame, gone: pl.DataFrame) -> pl.DataFrame:
    start = one.filter(pl.col("exit") == "").drop("exit")
    end = other.select("loan_id", to=pl.when(pl.col("exit") == "").then("bucket").otherwise("exit"))
    both = start.join(end, on="loan_id", how="left").join(gone, on="loan_id", how="left")
    both = both.with_columns(pl.coalesce("to", "left", pl.lit(MISSING)).alias("to"))
    return both.group_by(pl.col("bucket").alias("from"), "to").agg(
        loans=pl.len().cast(pl.UInt32), balance=pl.col("principal_outstanding").sum()
    )


def _rank(column: str) -> pl.Expr:
    return pl.col(column).replace_strict(list(WHERE), list(range(len(WHERE))), return_dtype=pl.Int8)


def roll_rates(moves: pl.DataFrame, by: str = "balance") -> pl.DataFrame:
    """The share of each bucket that went to each state, over all months of `moves`: from, to, share, amount.

    `by` is "balance" or "loans". Shares of a bucket sum to 1.
    """
    total = pl.col(by).sum().over("from")
    sums = moves.group_by("from", "to").agg(pl.col(by).sum().cast(pl.Float64))
    return (
        sums.with_columns(share=pl.when(total > 0).then(pl.col(by) / total))
        .rename({by: "amount"})
        .sort(_rank("from"), _rank("to"))
    )


def matrix(rates: pl.DataFrame) -> pl.DataFrame:
    """`roll_rates` as a table: one row a bucket, one column a state; 0 where nothing went, null for an empty bucket."""
    found = {(row["from"], row["to"]): row["share"] for row in rates.to_dicts()}
    known = set(rates["from"].to_list())
    rows = [{"from": b, **{w: found.get((b, w), 0.0) if b in known else None for w in WHERE}} for b in BUCKETS]
    return pl.DataFrame(rows, schema={"from": pl.String, **dict.fromkeys(WHERE, pl.Float64)})


def net_flow(states: pl.DataFrame) -> pl.DataFrame:
    """The desk's net flow: balance of bucket i + 1 now / balance of bucket i a month before: month, from, to, rate."""
    here = states.filter((pl.col("exit") == "") & pl.col("bucket").is_in(BUCKETS))
    held = here.group_by("as_of", "bucket").agg(balance=pl.col("principal_outstanding").sum())
    following = dict(itertools.pairwise(BUCKETS))
    before = held.filter(pl.col("bucket") != BUCKETS[-1]).select(
        month=pl.col("as_of").dt.offset_by("1mo").dt.month_end(),
        **{"from": pl.col("bucket")},
        to=pl.col("bucket").replace_strict(following, return_dtype=pl.String),
        opening="balance",
    )
    now = held.select(month="as_of", to="bucket", closing="balance")
    months = held["as_of"].unique().to_list()
    flows = before.filter(pl.col("month").is_in(months)).join(now, on=["month", "to"], how="left")
    rate = pl.when(pl.col("opening") > 0).then(pl.col("closing").fill_null(0.0) / pl.col("opening"))
    return flows.with_columns(rate=rate).sort("month", _rank("from"))


def class_migration(opening: pl.DataFrame, closing: pl.DataFrame) -> pl.DataFrame:
    """The regulator's rates by five classes: class, opening, reduction, migrated, rate; a row each but for loss.

    Both frames hold loan_id, five_class and balance, at the start and the end of a period. Rate = opening balance of
    the class that migrated down / (opening balance - reduction during the period); the reduction is what the balance
    of the class's own loans fell by, all of it where a loan left.
    """
    rank = {name: k for k, name in enumerate(CLASSES)}
    end = closing.select("loan_id", then="five_class", left="balance")
    both = opening.join(end, on="loan_id", how="left").with_columns(
        code=pl.col("five_class").replace_strict(rank, return_dtype=pl.Int8),
        code_then=pl.col("then").replace_strict(rank, return_dtype=pl.Int8, default=None),
        fell=(pl.col("balance") - pl.col("left").fill_null(0.0)).clip(lower_bound=0.0),
    )
    down = pl.col("code_then") > pl.col("code")
    sums = both.group_by("five_class").agg(
        opening=pl.col("balance").sum(),
        reduction=pl.col("fell").sum(),
        migrated=pl.col("balance").filter(down).sum(),
    )
    base = pl.col("opening") - pl.col("reduction")
    named = pl.DataFrame({"five_class": CLASSES[:-1]}).join(sums, on="five_class", how="left", maintain_order="left")
    return named.with_columns(rate=pl.when(base > 0).then(pl.col("migrated") / base))
