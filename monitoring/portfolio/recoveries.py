"""Recovery: how much of the principal in default was collected, by months since."""

from __future__ import annotations

from datetime import date

import numpy as np
import polars as pl

from book.known import known
from book.settings import Settings
from book.tables import Tables
from features.ledger import posted

DEFAULT = 90


def collected_since(tables: Tables, lives: pl.DataFrame, day: int, settings: Settings) -> pl.DataFrame:
    """Money of any payer posted by `day` on loans of `lives` after their DPD first went past 90.

    Columns: loan_id, defaulted_on, exposure (principal that day), paid_on, amount; one row a payment, and one with a
    null payment for a loan that paid nothing. Reversed payments do not count. Money in major units.
    """
    cases = lives.filter(pl.col(f"over_{DEFAULT}_on").is_not_null()).select(
        "loan_id", defaulted_on=f"over_{DEFAULT}_on", exposure=f"balance_{DEFAULT}"
    )
    place = {str(name): k for k, name in enumerate(tables.loan_ids.tolist())}
    loan = np.array([place[name] for name in cases["loan_id"].to_list()], np.int32)
    dossiers = known(tables, loan, np.full(len(loan), day, np.int32), settings=settings)
    rows = dossiers.tables["payments"]
    segment = rows.segment(dossiers.loan, dossiers.moment)
    count = rows.offsets[segment + 1] - rows.offsets[segment]
    of = np.repeat(np.arange(len(loan)), count)
    index = np.arange(count.sum()) - np.repeat(np.cumsum(count) - count - rows.offsets[segment], count)
    real = posted(rows)[index]
    money = pl.DataFrame(
        {
            "case": of[real].astype(np.int64),
            "paid_on": rows["paid_on"][index[real]].astype(np.int32).astype("datetime64[D]"),
            "amount": rows["amount"][index[real]] / 100,
        }
    )
    joined = cases.with_row_index("case").with_columns(pl.col("case").cast(pl.Int64)).join(money, on="case", how="left")
    since = pl.col("paid_on") > pl.col("defaulted_on")
    nothing = pl.DataFrame(cases).join(joined.filter(since), on="loan_id", how="anti")
    paid = joined.filter(since).drop("case")
    return pl.concat([paid, nothing], how="diagonal").sort("loan_id", "paid_on")


def recovery_curves(collected: pl.DataFrame, on: date, longest: int = 24) -> pl.DataFrame:
    """Cumulative recovery by vintage of default: entered (quarter), months, loans, exposure, collected, rate.

    Rate = collected within k months of default / principal at default, not discounted. A row only where every case
    of the quarter has had k months by `on`.
    """
    months = pl.DataFrame({"months": pl.Series(range(1, longest + 1), dtype=pl.Int32)})
    reach = pl.format("{}mo", "months")
    entered = pl.col("defaulted_on").dt.truncate("1q")
    cases = collected.unique("loan_id").group_by(entered=entered).agg(loans=pl.len(), exposure=pl.col("exposure").sum())
    grid = collected.with_columns(entered=entered).join(months, how="cross")
    in_time = pl.col("paid_on") <= pl.col("defaulted_on").dt.offset_by(reach)
    sums = grid.group_by("entered", "months").agg(collected=pl.col("amount").filter(in_time).sum())
    ripe = pl.col("entered").dt.offset_by("1q").dt.offset_by("-1d").dt.offset_by(reach) <= on
    rows = sums.filter(ripe).join(cases, on="entered")
    rate = pl.when(pl.col("exposure") > 0).then(pl.col("collected") / pl.col("exposure"))
    return (
        rows.with_columns(rate=rate)
        .select("entered", "months", "loans", "exposure", "collected", "rate")
        .sort("entered", "months")
    )
