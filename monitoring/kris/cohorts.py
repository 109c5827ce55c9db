"""R26: alerts that loans of one product, channel, region, employer or vintage share, against what is usual for them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

import polars as pl

from policy.alerts import CohortCount

WINDOW, PERIODS = 30, 6
"""Days that are counted, and how many such periods before them say what is usual."""
KEYS: Mapping[str, pl.Expr] = {
    "product": pl.col("product"),
    "channel": pl.col("channel"),
    "region": pl.col("region"),
    "employer": pl.col("employer_id"),
    "vintage": pl.col("disbursed_on").dt.strftime("%Y-%m"),
}


def cohort_counts(alerts: pl.DataFrame, facts: pl.DataFrame, on: date) -> list[CohortCount]:
    """Loans with an alert in the 30 days up to `on`, by cohort, and how many are usual in 30 days.

    `alerts` holds loan_id and fired_on, `facts` loan_id and what of product, channel, region, employer_id and
    disbursed_on is known. A loan with several alerts in a period counts once. Usual is the mean of the up to six
    periods of 30 days before, as far as the record of alerts goes back; None where it does not.
    """
    age = (pl.lit(on) - pl.col("fired_on")).dt.total_days()
    told = alerts.select("loan_id", period=age // WINDOW).filter(pl.col("period").is_between(0, PERIODS)).unique()
    first = alerts["fired_on"].min()
    whole = min(PERIODS, ((on - first).days + 1) // WINDOW - 1) if isinstance(first, date) else 0
    joined = told.join(facts, on="loan_id", how="inner")
    found: list[CohortCount] = []
    for key, expression in KEYS.items():
        if set(expression.meta.root_names()) <= set(joined.columns):
            found += _counted(key, joined.select("period", value=expression), whole)
    return found


def _counted(key: str, rows: pl.DataFrame, whole: int) -> list[CohortCount]:
    now, earlier = pl.col("period") == 0, pl.col("period").is_between(1, whole)
    sums = rows.filter(pl.col("value").fill_null("") != "").group_by("value").agg(now=now.sum(), before=earlier.sum())
    return [
        CohortCount(f"{key}={row['value']}", row["now"], row["before"] / whole if whole else None)
        for row in sums.filter(pl.col("now") > 0).sort("value").to_dicts()
    ]
