"""P04: are alerts still as right as they were, are too many closed for faults of data, is the queue too long?"""

from __future__ import annotations

from datetime import date

import polars as pl

from monitoring.portfolio.warnings import judged, queue_weeks

RECENT, EARLIER = 3, 12
"""Months: alerts that became old enough to judge in the last 3 are held against those of the 12 before."""
LEAST = 30
"""Alerts, or closed alerts, without which a share says nothing."""
CLOSED_DAYS = 90
DATA = "data"
"""The outcome with which people close an alert whose cause was wrong or missing data."""


def process_figures(alerts: pl.DataFrame, events: pl.DataFrame, capacity: int | None, on: date) -> dict[str, float]:
    """The figures of P04 on the day `on` that are known.

    `alerts` holds rule, loan_id, fired_on, suppressed, closed_on (null while open), outcome ("" while open); `events`
    loan_id and event_on; `capacity` are the cases that people can work on at a time.

    - alert_precision: share right of the alerts that became old enough to judge in the last 3 months;
      alert_precision_validated: the same of the 12 months before; both only from 30 alerts on
    - benign_by_data_share: closed with the outcome `data` / closed, in the last 90 days; only from 30 on
    - weeks_over_capacity: last whole weeks in a row that ended with more cases waiting than `capacity`
    """
    found = _precision(judged(alerts, events, on), on) | _benign(alerts, on)
    if capacity is not None and len(alerts):
        over = queue_weeks(alerts, capacity, on)["over"].to_list()[::-1]
        found["weeks_over_capacity"] = float(next((k for k, more in enumerate(over) if not more), len(over)))
    return found


def _precision(told: pl.DataFrame, on: date) -> dict[str, float]:
    live = told.filter(~pl.col("suppressed") & pl.col("mature"))
    months = {"alert_precision": (0, RECENT), "alert_precision_validated": (RECENT, RECENT + EARLIER)}
    found = {}
    for name, (newer, older) in months.items():
        after, upto = (pl.lit(on).dt.offset_by(f"-{back}mo") for back in (older, newer))
        part = live.filter((pl.col("until") > after) & (pl.col("until") <= upto))
        if len(part) >= LEAST:
            found[name] = float(part["hit"].sum()) / len(part)
    return found


def _benign(alerts: pl.DataFrame, on: date) -> dict[str, float]:
    since = pl.lit(on).dt.offset_by(f"-{CLOSED_DAYS}d")
    closed = alerts.filter((pl.col("closed_on") > since) & (pl.col("closed_on") <= on))
    if len(closed) < LEAST:
        return {}
    data = closed["outcome"].str.strip_chars().str.to_lowercase() == DATA
    return {"benign_by_data_share": float(data.sum()) / len(closed)}
