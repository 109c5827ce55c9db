"""催收: success of collection by what a random holdout shows, never by before and after; cost; tasks done on time."""

from __future__ import annotations

import numpy as np
import polars as pl

from monitoring.portfolio.wilson import Z95


def success(cases: pl.DataFrame, share: float = 1.0) -> float:
    """催收成功率: cases with at least `share` of the arrears collected in the window / cases; NaN without a case.

    `cases` holds arrears (at the start of the case) and collected (within w days of it), both in major units.
    """
    if not len(cases):
        return float("nan")
    return float((cases["collected"] >= share * cases["arrears"]).mean())  # type: ignore[arg-type]


def effect(cases: pl.DataFrame) -> dict[str, float]:
    """What an action adds over a random holdout: treated, holdout, rates, effect, low, high, net.

    `cases` holds arm ("treated" or "holdout", drawn at random before the action), borrower_id, good (bool: the arrears
    were cleared in the window) and optionally cost. The interval is normal with standard errors clustered by
    borrower (Liang & Zeger 1986). Without both arms everything is NaN: a comparison of before and after is not made.
    """
    arms = {arm: cases.filter(pl.col("arm") == arm) for arm in ("treated", "holdout")}
    counts = {arm: float(len(rows)) for arm, rows in arms.items()}
    if not all(counts.values()):
        blank = dict.fromkeys(("treated_rate", "holdout_rate", "effect", "low", "high", "cost_per_cure"), float("nan"))
        return {"treated": counts["treated"], "holdout": counts["holdout"], **blank}
    rates = {arm: float(rows["good"].cast(pl.Float64).mean()) for arm, rows in arms.items()}  # type: ignore[arg-type]
    gain = rates["treated"] - rates["holdout"]
    half = Z95 * float(np.sqrt(sum(_variance(rows, rates[arm]) for arm, rows in arms.items())))
    cost = float(arms["treated"]["cost"].sum()) if "cost" in cases.columns else float("nan")
    cures = gain * counts["treated"]
    return {
        "treated": counts["treated"],
        "holdout": counts["holdout"],
        "treated_rate": rates["treated"],
        "holdout_rate": rates["holdout"],
        "effect": gain,
        "low": gain - half,
        "high": gain + half,
        "cost_per_cure": cost / cures if cures > 0 else float("nan"),
    }


def _variance(rows: pl.DataFrame, rate: float) -> float:
    """Variance of a mean over clusters of borrowers: sum of squared cluster residuals / n^2, small-sample corrected."""
    residual = pl.col("good").cast(pl.Float64) - rate
    sums = rows.group_by("borrower_id").agg(total=residual.sum())["total"].to_numpy()
    groups = len(sums)
    if groups < 2:
        return float("nan")
    return float(np.sum(sums**2) / len(rows) ** 2 * groups / (groups - 1))


def tasks_on_time(tasks: pl.DataFrame) -> pl.DataFrame:
    """KPI of tasks by kind: kind, due, on_time, late, open, rate. `tasks` holds kind, due_on, done_on, as_of.

    Only tasks due by as_of count; an open task past its day is late.
    """
    due = tasks.filter(pl.col("due_on") <= pl.col("as_of"))
    done = pl.col("done_on") <= pl.col("due_on")
    return (
        due.group_by("kind")
        .agg(
            due=pl.len(),
            on_time=done.fill_null(value=False).sum(),
            late=(pl.col("done_on") > pl.col("due_on")).fill_null(value=False).sum(),
            open=pl.col("done_on").is_null().sum(),
            rate=done.fill_null(value=False).mean(),
        )
        .sort("kind")
    )
