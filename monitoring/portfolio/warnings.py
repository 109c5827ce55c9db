"""Alert accounting: was an alert right, was a default announced, how early, and do people keep up?"""

from __future__ import annotations

from datetime import date, timedelta

import polars as pl

MONTHS = 6
"""Months in which the event has to follow for an alert to have been right."""
WEEKS = 26


def judged(alerts: pl.DataFrame, events: pl.DataFrame, on: date, months: int = MONTHS) -> pl.DataFrame:
    """`alerts` with event_on, until (the last day on which the event makes it right), already, mature, hit.

    `alerts` holds rule, loan_id, fired_on, suppressed (folded into another case); `events` loan_id and event_on, the
    first serious event of a loan. Already: the event had come by the day of the alert, which could announce nothing
    and is not judged. Mature: `until` is not after `on`, and not already.
    """
    told = alerts.with_columns(until=pl.col("fired_on").dt.offset_by(f"{months}mo")).join(events, "loan_id", how="left")
    already = (pl.col("event_on") <= pl.col("fired_on")).fill_null(value=False)
    followed = (pl.col("event_on") > pl.col("fired_on")) & (pl.col("event_on") <= pl.col("until"))
    mature = (pl.col("until") <= on) & ~already
    return told.with_columns(already=already, mature=mature, hit=followed.fill_null(value=False))


def accounting(alerts: pl.DataFrame, events: pl.DataFrame, on: date, months: int = MONTHS) -> pl.DataFrame:
    """By rule: alerts, suppressed, already, mature, hits, precision, events, announced, recall, lead_days (median).

    Frames as for `judged`. Recall counts events from `months` after the first alert of any rule on, so that each had
    the time to be announced. The last row is of all rules together (rule "").
    """
    one_by_one = _accounts(alerts, events, on, months)
    return pl.concat([one_by_one, _accounts(alerts.with_columns(rule=pl.lit("")), events, on, months)])


def _accounts(alerts: pl.DataFrame, events: pl.DataFrame, on: date, months: int) -> pl.DataFrame:
    told = judged(alerts, events, on, months)
    live = ~pl.col("suppressed")
    sums = told.group_by("rule").agg(
        alerts=live.sum(),
        suppressed=pl.col("suppressed").sum(),
        already=(live & pl.col("already")).sum(),
        mature=(live & pl.col("mature")).sum(),
        hits=(live & pl.col("mature") & pl.col("hit")).sum(),
    )
    return (
        sums.join(_announced(told, events, f"{months}mo", on), on="rule", how="left")
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


def queue_weeks(alerts: pl.DataFrame, capacity: int, on: date, weeks: int = WEEKS) -> pl.DataFrame:
    """The queue at the end of each of the last whole weeks: week (Monday), came, closed, waiting, capacity, over.

    `alerts` holds loan_id, fired_on, closed_on (null while open), suppressed. A loan is one case however many alerts
    it has: `came` and `closed` are cases of the week, `waiting` those open at its end, `over` what of them is above
    `capacity`, the cases that people can work on at a time. Weeks before the first alert are left out.
    """
    live = alerts.filter(~pl.col("suppressed")).select("loan_id", "fired_on", "closed_on")
    monday = on - timedelta(days=on.weekday()) - timedelta(days=0 if on.weekday() == 6 else 7)
    starts = [monday - timedelta(weeks=back) for back in range(weeks - 1, -1, -1)]
    first = live["fired_on"].min()
    rows = [_week(live, start, capacity) for start in starts if isinstance(first, date) and start + _SUNDAY >= first]
    schema = {"week": pl.Date, **dict.fromkeys(("came", "closed", "waiting", "capacity", "over"), pl.Int64)}
    return pl.DataFrame(rows, schema=schema, orient="row")


_SUNDAY = timedelta(days=6)


def _week(live: pl.DataFrame, start: date, capacity: int) -> tuple[date, int, int, int, int, int]:
    end = start + _SUNDAY
    known = live.filter(pl.col("fired_on") <= end)
    open_ = known.filter(pl.col("closed_on").is_null() | (pl.col("closed_on") > end))
    came, closed = (live.filter(pl.col(day).is_between(start, end)) for day in ("fired_on", "closed_on"))
    waiting = open_["loan_id"].n_unique()
    return (
        *(start, came["loan_id"].n_unique(), closed["loan_id"].n_unique()),
        *(waiting, capacity, max(waiting - capacity, 0)),
    )
