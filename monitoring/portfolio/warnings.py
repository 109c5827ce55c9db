"""Alert accounting: was an alert right, was a default announced, and how early?"""

from __future__ import annotations

from datetime import date

import polars as pl


def accounting(alerts: pl.DataFrame, events: pl.DataFrame, on: date, months: int = 6) -> pl.DataFrame:
    """By rule: alerts, mature, hits, precision, events, announced, recall, lead_days (median), suppressed.

    `alerts` holds rule, loan_id, fired_on and suppressed (folded into another case or held by a cool-down); `events`
    holds loan_id and event_on, the first serious event of a loan. An alert is mature when `months` have passed by
    `on`, a hit when the event comes within them. Recall counts events from the first alert of any rule on, `months`
    after it at the earliest, so that each had the time to be announced.
    """
    reach = f"{months}mo"
    told = alerts.with_columns(until=pl.col("fired_on").dt.offset_by(reach))
    told = told.join(events, on="loan_id", how="left").with_columns(
        mature=pl.col("until") <= on,
        hit=((pl.col("event_on") > pl.col("fired_on")) & (pl.col("event_on") <= pl.col("until"))).fill_null(
            value=False
        ),
    )
    live = ~pl.col("suppressed")
    sums = told.group_by("rule").agg(
        alerts=live.sum(),
        suppressed=pl.col("suppressed").sum(),
        mature=(live & pl.col("mature")).sum(),
        hits=(live & pl.col("mature") & pl.col("hit")).sum(),
    )
    return (
        sums.join(_announced(told, events, reach, on), on="rule", how="left")
        .with_columns(
            precision=pl.when(pl.col("mature") > 0).then(pl.col("hits") / pl.col("mature")),
            recall=pl.when(pl.col("events") > 0).then(pl.col("announced") / pl.col("events")),
        )
        .sort("rule")
    )


def _announced(told: pl.DataFrame, events: pl.DataFrame, reach: str, on: date) -> pl.DataFrame:
    """Events that a live alert of each rule came before, and the median days between the first such and the event."""
    start = told["fired_on"].min()
    countable = (
        events.filter(pl.lit(False))
        if start is None
        else events.filter((pl.col("event_on") >= pl.lit(start).dt.offset_by(reach)) & (pl.col("event_on") <= on))
    )
    hits = told.filter(pl.col("hit") & ~pl.col("suppressed")).join(
        countable.select("loan_id"), on="loan_id", how="semi"
    )
    firsts = hits.group_by("rule", "loan_id").agg(lead=(pl.col("event_on") - pl.col("fired_on")).dt.total_days().max())
    found = firsts.group_by("rule").agg(announced=pl.len(), lead_days=pl.col("lead").median())
    return (
        told.select("rule")
        .unique()
        .join(found, on="rule", how="left")
        .with_columns(pl.col("announced").fill_null(0), events=pl.lit(len(countable), pl.UInt32))
    )


def over_capacity(queued: pl.DataFrame, capacity: int) -> pl.DataFrame:
    """Cases in the queue each week against what can be worked: week, cases, capacity, over. `queued` holds fired_on."""
    weekly = queued.group_by(week=pl.col("fired_on").dt.truncate("1w")).agg(cases=pl.len())
    return weekly.with_columns(
        capacity=pl.lit(capacity), over=(pl.col("cases").cast(pl.Int64) - capacity).clip(lower_bound=0)
    ).sort("week")
