"""What came of scores: the roll of the next month as an early read, the outcome itself once its month is mature."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import polars as pl

from monitoring.backtest import GradeTest, by_grade, independent
from monitoring.bootstrap import paired
from monitoring.metrics import auc, calibration_slope, ece, observed_expected
from monitoring.stability import Stability, stability
from monitoring.timeline.drift import CURRENT, in_bucket

TENTHS = 10


def _known(rows: pl.DataFrame, outcome: str) -> pl.DataFrame:
    return rows.filter(pl.col(outcome).is_not_nan() & pl.col(outcome).is_not_null())


def early_read(rows: pl.DataFrame) -> pl.DataFrame:
    """By month end, of current loans: the share worse a month later, and whether the score had ordered them."""
    found = []
    for (as_of,), some in _known(in_bucket(rows, CURRENT), "roll").sort("as_of").group_by("as_of", maintain_order=True):
        y, pd = some["roll"].to_numpy(), some["pd"].to_numpy()
        worse = int(y.sum())
        found.append({"as_of": as_of, "loans": len(y), "worse": worse, "rate": worse / len(y), "auc": auc(y, pd)})
    schema = {"as_of": pl.Date, "loans": pl.Int64, "worse": pl.Int64, "rate": pl.Float64, "auc": pl.Float64}
    return pl.DataFrame(found, schema=schema)


def early_tenths(rows: pl.DataFrame, months: int = 3) -> pl.DataFrame:
    """Tenths of current loans by PD over the last months that have an early read: the share that got worse in each."""
    known = _known(in_bucket(rows, CURRENT), "roll")
    last = known["as_of"].unique().sort().to_list()[-months:]
    some = known.filter(pl.col("as_of").is_in(last)).sort("pd", "loan_id")
    parts = np.array_split(np.arange(len(some)), TENTHS) if len(some) >= TENTHS else []
    y, pd = some["roll"].to_numpy(), some["pd"].to_numpy()
    found = [
        {"tenth": k, "loans": len(at), "mean_pd": pd[at].mean(), "worse": int(y[at].sum()), "rate": y[at].mean()}
        for k, at in enumerate(parts, 1)
    ]
    schema = {"tenth": pl.Int64, "loans": pl.Int64, "mean_pd": pl.Float64, "worse": pl.Int64, "rate": pl.Float64}
    return pl.DataFrame(found, schema=schema)


def truth(rows: pl.DataFrame) -> pl.DataFrame:
    """By mature month end: defaults against PDs; a month that is not mature has no row."""
    found = []
    for (as_of,), some in _known(rows, "y").sort("as_of").group_by("as_of", maintain_order=True):
        y, pd = some["y"].to_numpy(), some["pd"].to_numpy()
        found.append(
            {
                "as_of": as_of,
                "loans": len(y),
                "events": int(y.sum()),
                "rate": y.mean(),
                "mean_pd": pd.mean(),
                "auc": auc(y, pd),
                "oe": observed_expected(y, pd),
                "slope": calibration_slope(y, pd),
                "ece": ece(y, pd),
            }
        )
    floats = dict.fromkeys(("rate", "mean_pd", "auc", "oe", "slope", "ece"), pl.Float64())
    schema = {"as_of": pl.Date(), "loans": pl.Int64(), "events": pl.Int64(), **floats}
    return pl.DataFrame(found, schema=schema)


def backtest(rows: pl.DataFrame, horizon: int, grades: Sequence[str]) -> tuple[list[GradeTest], GradeTest]:
    """Jeffreys and O/E by grade and for the book, over independent obligors of the mature months."""
    some = _known(rows, "y")
    borrower = some["borrower_id"].rank("dense").to_numpy().astype(np.int64)
    as_of = some["as_of"].cast(pl.Int32).to_numpy()
    at = independent(borrower, as_of, some["pd"].to_numpy(), horizon)
    chosen = some[at.astype(np.uint32)] if len(at) else some.head(0)
    return by_grade(chosen["grade"].to_numpy(), chosen["y"].to_numpy(), chosen["pd"].to_numpy(), grades)


def over_months(true: pl.DataFrame, early: pl.DataFrame) -> tuple[str, Stability]:
    """Stability of the Gini over mature months, over early reads where fewer than three are mature; and of which."""
    what, table = ("truth", true) if len(true) >= 3 else ("early", early)
    days = table["as_of"].cast(pl.Int32).to_numpy()
    return what, stability(2 * table["auc"].to_numpy() - 1, days)


def shadow(rows: pl.DataFrame) -> pl.DataFrame:
    """By month end champion and challenger: mean PDs, changed grades, rank correlation, early read, truth of both."""
    found = []
    both = rows.filter(pl.col("challenger_pd").is_not_nan())
    for (as_of,), some in both.sort("as_of").group_by("as_of", maintain_order=True):
        one, other = some["pd"].to_numpy(), some["challenger_pd"].to_numpy()
        told = {"as_of": as_of, "loans": len(some), "mean_pd": one.mean(), "challenger_mean_pd": other.mean()}
        told["other_grade"] = (some["grade"] != some["challenger_grade"]).mean()
        told["same_order"] = some.select(pl.corr("pd", "challenger_pd", method="spearman")).item()
        for name, known in (("early", _known(in_bucket(some, CURRENT), "roll")), ("truth", _known(some, "y"))):
            y = known["roll" if name == "early" else "y"].to_numpy()
            told[f"{name}_auc"] = auc(y, known["pd"].to_numpy())
            told[f"challenger_{name}_auc"] = auc(y, known["challenger_pd"].to_numpy())
        found.append(told)
    return pl.DataFrame(found)


MOVES = ("better", "same", "worse")


def swaps(rows: pl.DataFrame) -> pl.DataFrame:
    """Loans by what the challenger makes of their grade, over all months: who is right about those who change?

    move (better, same, worse than the champion's), loans, mean PDs of both, and of those where it is known the number
    and the share that got worse a month later (`early_`), and that defaulted (`truth_`); share null where none is.
    """
    both = rows.filter(pl.col("challenger_pd").is_not_nan())
    step = pl.col("challenger_grade").cast(pl.Int32) - pl.col("grade").cast(pl.Int32)
    move = pl.when(step < 0).then(pl.lit("better")).when(step > 0).then(pl.lit("worse")).otherwise(pl.lit("same"))
    outcomes: dict[str, pl.Expr] = {}
    for name, column in (("early", "roll"), ("truth", "y")):
        value = pl.col(column).fill_nan(None)
        outcomes |= {f"{name}_loans": value.count(), f"{name}_rate": value.mean()}
    found = both.group_by(move=move).agg(
        loans=pl.len(), mean_pd=pl.col("pd").mean(), challenger_mean_pd=pl.col("challenger_pd").mean(), **outcomes
    )
    return found.sort(pl.col("move").replace_strict(list(MOVES), [0, 1, 2], return_dtype=pl.Int8))


def gap(rows: pl.DataFrame) -> dict[str, float]:
    """AUC of the challenger less that of the champion on mature rows, with its interval over borrowers."""
    some = _known(rows, "y").filter(pl.col("challenger_pd").is_not_nan())
    y, borrower = some["y"].to_numpy(), some["borrower_id"].rank("dense").to_numpy().astype(np.int64)
    found = paired(y, some["challenger_pd"].to_numpy(), some["pd"].to_numpy(), borrower)
    return {"value": found.value, "low": found.low, "high": found.high}
