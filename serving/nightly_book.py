"""What a night says of the book as a whole: figures of its rows and of nights before, and the alerts they call for."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Final

import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq

from monitoring.kris.arrears import rate_figures, roll_of, spread_of_rolls
from monitoring.kris.cohorts import cohort_counts
from monitoring.kris.model import monitored, score_figures
from monitoring.kris.process import process_figures
from monitoring.kris.ratios import ratios
from monitoring.kris.worst import realised, worst_tiers
from monitoring.timeline.counts import Baseline
from policy.alerts import PortfolioAlerts, cohort_alerts, portfolio_alerts
from policy.pack import Pack
from serving.journal.journal import Journal
from serving.journal.segment import Segment
from serving.nightly_means import Means
from serving.nightly_past import Past, cohorts_told, day_of, in_default, told_alerts, told_before
from serving.nightly_rows import GROUPS, TOLD

READ: Final = ("loan_id", "borrower_id", "status", "tier", "pd", "dpd", "exposure", "ead", "five_class")
LATE: Final = 30
REFERENCE: Final = "reference.json"


def book_alerts(
    rows: Sequence[Path], means: Means, pack: Pack, journal: Journal, past: Past, horizon: int, capacity: int
) -> PortfolioAlerts:
    """P01-P05 and R26 over the rows of this night, those of nights before, the journal and the last monitoring run.

    `horizon` are the months that PDs look ahead, `capacity` the cases that people can work on. A figure that cannot be
    known yet is left out; a rule that hangs on it is named as not evaluated.
    """
    now, on = _table(rows), day_of(means.as_of)
    told = told_alerts(journal, means.as_of)
    monthly = past.monthly(means.as_of)
    figures = monitored(means.monitor, on) if means.monitor else {}
    figures |= _of_arrears(now, monthly)
    figures |= _of_tiers(now, past, means.as_of, pack, horizon)
    figures |= _of_scores(now, means)
    figures |= process_figures(told, in_default(monthly, now, on), capacity, on)
    figures |= _of_ratios(now, past.year_end(means.as_of))
    given = {name: value for name, value in figures.items() if value == value}
    book = portfolio_alerts(given, pack, means.as_of, told_before(pack, means.as_of, journal))
    tonight = now.filter(pl.col(TOLD) > 0).select("loan_id", fired_on=pl.lit(on))
    counts = cohort_counts(pl.concat([told.select("loan_id", "fired_on"), tonight]), now.select("loan_id", *GROUPS), on)
    cohorts = cohort_alerts(counts, pack, means.as_of, cohorts_told(pack, means.as_of, journal))
    unknown = (*book.not_evaluated, *dict.fromkeys(key.split(" ")[0] for key in cohorts.not_evaluated))
    return PortfolioAlerts(book.alerts + cohorts.alerts, unknown, {**book.state, **cohorts.state})


def _of_arrears(now: pl.DataFrame, monthly: Sequence[Segment]) -> dict[str, float]:
    """P01: the balance over 30 days late and the roll from M1 to M2, against the nights a month apart before."""
    rates, later = [_rate(now)], now
    rolled: list[float] = []
    for night in monthly:
        then = _earlier(night, ("loan_id", "status", "dpd", "exposure"))
        rates.insert(0, _rate(then))
        rolled.insert(0, roll_of(_owing(then), _owing(later)))
        later = then
    return rate_figures(rates) | spread_of_rolls([roll for roll in rolled if roll == roll])


def _of_tiers(now: pl.DataFrame, past: Past, as_of: int, pack: Pack, horizon: int) -> dict[str, float]:
    """P02: the worst two tiers against a month ago; defaults of a horizon that is over against its PDs."""
    found, tiers = {}, [tier.code for tier in pack.tiers]
    before = past.monthly(as_of, 1)
    if before:
        found = worst_tiers(_earlier(before[0], ("tier", "ead")), now, tiers)
    months = past.monthly(as_of, horizon)
    if len(months) == horizon:
        then = _earlier(months[-1], ("loan_id", "borrower_id", "pd"))
        found |= realised(then, in_default(months[:-1], now, day_of(as_of))["loan_id"].to_list())
    return found


def _of_scores(now: pl.DataFrame, means: Means) -> dict[str, float]:
    """P03: how far the scores of this night are from those that the model was judged on."""
    path = means.bundle.parent.parent / "evidence" / means.bundle.name / REFERENCE
    if not path.is_file():
        return {}
    scored = now.filter(pl.col("pd").is_not_null())
    baseline = Baseline.of(json.loads(path.read_text("utf-8")))
    return score_figures(scored["pd"].to_numpy(), scored["borrower_id"].n_unique(), baseline)


def _of_ratios(now: pl.DataFrame, opening: Segment | None) -> dict[str, float]:
    """P05: ratios of the five classes and concentrations; what became non-performing since the last year's end."""
    then = None if opening is None else _owing(_earlier(opening, ("loan_id", "status", "five_class", "exposure")))
    return ratios(_owing(now), then)


def _rate(rows: pl.DataFrame) -> float | None:
    owing = _owing(rows)
    total = float(owing["balance"].sum())
    return float(owing.filter(pl.col("dpd") > LATE)["balance"].sum()) / total if total > 0 else None


def _owing(rows: pl.DataFrame) -> pl.DataFrame:
    """The loans that are not closed, with what they owe, `balance`, in minor units."""
    return rows.filter(pl.col("status") != "closed").with_columns(
        balance=pl.col("exposure").fill_null(0).cast(pl.Float64)
    )


def _earlier(night: Segment, columns: Sequence[str]) -> pl.DataFrame:
    return _frame(night.rows(list(columns)))


def _table(rows: Sequence[Path]) -> pl.DataFrame:
    columns = [*READ, *GROUPS, TOLD]
    return _frame(pa.concat_tables(pq.read_table(path, columns=columns, partitioning=None) for path in rows))


def _frame(table: pa.Table) -> pl.DataFrame:
    found = pl.from_arrow(table)
    if not isinstance(found, pl.DataFrame):
        raise TypeError("rows of a night are a table")
    return found
