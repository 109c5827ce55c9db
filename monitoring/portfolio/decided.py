"""What the service decided, as figures: five classes, tiers, alerts, the queue, tasks."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date

import polars as pl

from monitoring.portfolio.classes import moves
from monitoring.portfolio.rolls import class_migration
from monitoring.portfolio.warnings import accounting, judged, queue_weeks

NO_TIER = "NONE"
"""A loan that a night gave no tier: no history yet, faulty data."""
_ALERTS = {
    "alert_id": pl.String, "rule": pl.String, "severity": pl.String, "loan_id": pl.String, "fired_on": pl.Date,
    "suppressed": pl.Boolean, "closed_on": pl.Date, "outcome": pl.String,
}  # fmt: skip
_TASKS = {"kind": pl.String, "loan_id": pl.String, "due_on": pl.Date, "done_on": pl.Date, "as_of": pl.Date}


@dataclass(frozen=True)
class Night:
    """What a nightly run said of loans on the book on the day `on`.

    `rows` hold loan_id, borrower_id, five_class, tier, pd, dpd, balance, ead (major units; null = not known).
    """

    on: date
    rows: pl.DataFrame


@dataclass(frozen=True)
class Decided:
    """What nightly runs and people left in the journal up to a day.

    `shares` are `class_shares` of the last night of every month; `now` the last night, `before` that of the month
    before, `opening` the last of the year before (the first there is, where that has none). `alerts` hold alert_id,
    rule, severity, loan_id, fired_on, suppressed (folded into another case), closed_on and outcome (null and "" while
    open); `tasks` kind, loan_id, due_on, done_on, as_of. `capacity`: cases that people can work on at a time.
    """

    shares: pl.DataFrame = field(default_factory=pl.DataFrame)
    now: Night | None = None
    before: Night | None = None
    opening: Night | None = None
    alerts: pl.DataFrame = field(default_factory=lambda: pl.DataFrame(schema=_ALERTS))
    tasks: pl.DataFrame = field(default_factory=lambda: pl.DataFrame(schema=_TASKS))
    capacity: int | None = None


def class_figures(decided: Decided) -> dict[str, pl.DataFrame]:
    """Shares of the five classes with NPL, and the regulator's migration rates since the opening."""
    found = {"class_shares": decided.shares}
    if decided.now is not None and decided.opening is not None:
        found["class_migration"] = class_migration(_classed(decided.opening), _classed(decided.now))
    return found


def _classed(night: Night) -> pl.DataFrame:
    return night.rows.filter(pl.col("five_class").is_not_null()).select("loan_id", "five_class", "balance")


def tier_moves(before: Night, now: Night, tiers: Sequence[str]) -> pl.DataFrame:
    """Tiers at two nights: from, to, loans, balance, share (of the loans of `from`); rows and columns of `moves`.

    `tiers` are the codes in rising order of risk, state D last; a loan without a tier is NO_TIER.
    """
    frames = [
        night.rows.select("loan_id", pl.lit(night.on).alias("as_of"), pl.col("tier").fill_null(NO_TIER), "balance")
        for night in (before, now)
    ]
    found = moves(pl.concat(frames), "tier", (*tiers, NO_TIER))
    return found.with_columns(share=pl.col("loans") / pl.col("loans").sum().over("from"))


def alert_figures(decided: Decided, events: pl.DataFrame, on: date) -> dict[str, pl.DataFrame]:
    """Whether alerts were right, by rule, and the queue by week where the capacity is known."""
    of_loans = decided.alerts.filter(pl.col("loan_id") != "")
    if of_loans.is_empty():
        return {}
    found = {"alerts": accounting(of_loans, events, on)}
    if decided.capacity is not None:
        found["queue"] = queue_weeks(of_loans, decided.capacity, on)
    return found


def judged_alerts(decided: Decided, events: pl.DataFrame, on: date) -> pl.DataFrame:
    """Every alert about a loan with the event that followed and whether it was right."""
    of_loans = decided.alerts.filter(pl.col("loan_id") != "")
    return judged(of_loans, events, on).drop("alert_id").sort("fired_on", "loan_id", "rule")
