"""Drift by month end and bucket: PSI of the score, CSI and missing share of every feature, freshness of the data."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import polars as pl

from monitoring.csi import Reference
from monitoring.psi import Drift, drift
from monitoring.timeline.counts import ALL, BUCKETS, CURRENT, LATE, Baseline, Counts

FRESH_DAYS = 35  # an account with a transaction in so many days is covered
BACK = 3  # months that coverage is compared over


def in_bucket(rows: pl.DataFrame, bucket: str) -> pl.DataFrame:
    """The rows of a bucket: all, current (nothing past due), late."""
    if bucket == ALL:
        return rows
    return rows.filter(pl.col("dpd") <= 0 if bucket == CURRENT else pl.col("dpd") > 0)


def population(rows: pl.DataFrame) -> pl.DataFrame:
    """Loans, distinct borrowers and mean PD by month end and bucket."""
    figures = (pl.len().alias("loans"), pl.col("borrower_id").n_unique().alias("borrowers"), pl.col("pd").mean())
    parts = [
        in_bucket(rows, name).group_by("as_of").agg(*figures).with_columns(bucket=pl.lit(name)) for name in BUCKETS
    ]
    return pl.concat(parts).select("as_of", "bucket", "loans", "borrowers", mean_pd="pd").sort("as_of", "bucket")


def score_psi(rows: pl.DataFrame, baseline: Baseline, people: pl.DataFrame) -> pl.DataFrame:
    """PSI of the score by month end and bucket with its critical value; buckets never judged are left out."""
    found = []
    for row in people.to_dicts():
        then = baseline.by_bucket.get(row["bucket"])
        if then is None or not np.sum(then.counts[baseline.score]):
            continue
        some = in_bucket(rows.filter(pl.col("as_of") == row["as_of"]), row["bucket"])["pd"].to_numpy()
        now = then.bins[baseline.score].counts(some.astype(np.float32))
        moved = drift(np.array(then.counts[baseline.score]), now, then.borrowers, row["borrowers"])
        found.append({"as_of": row["as_of"], "bucket": row["bucket"], "borrowers": row["borrowers"], **_told(moved)})
    return pl.DataFrame(found)


def feature_csi(counts: Counts, baseline: Baseline, people: pl.DataFrame, top: Sequence[str]) -> pl.DataFrame:
    """CSI and missing share of every feature by month end and bucket; `top` are the features that weigh most."""
    place = {name: k for k, name in enumerate(top, 1)}
    day = np.array(counts.days, "datetime64[D]").tolist()
    borrowers = {(row["as_of"], row["bucket"]): row["borrowers"] for row in people.to_dicts()}
    found = []
    for (month, as_of), (at, bucket) in ((m, b) for m in enumerate(day) for b in enumerate(BUCKETS)):
        then = baseline.by_bucket.get(bucket)
        if then is None or (as_of, bucket) not in borrowers:
            continue
        for column, name in enumerate(counts.names):
            if name in then.bins and np.sum(then.counts[name]) > 0:
                one = _shift(then, name, counts.cells[month, at, column], borrowers[as_of, bucket])
                found.append({"as_of": as_of, "bucket": bucket, "feature": name, "top": place.get(name), **one})
    return pl.DataFrame(found, infer_schema_length=None)


def _shift(then: Reference, name: str, cells: np.ndarray, borrowers: int) -> dict[str, float | bool]:
    before = np.array(then.counts[name])
    now = cells[: then.bins[name].cells]
    moved = drift(before, now, then.borrowers, borrowers)
    missing = {"missing_then": before[-1] / before.sum(), "missing_now": now[-1] / now.sum()}
    return {**_told(moved), **missing, "rise": missing["missing_now"] - missing["missing_then"]}


def _told(moved: Drift) -> dict[str, float | bool]:
    return {"psi": moved.psi, "critical": moved.critical, "limit": moved.limit, "trips": moved.trips}


def freshness(rows: pl.DataFrame) -> pl.DataFrame:
    """By month end: share of loans whose account moved in 35 days, median age of account and bureau data, mismatches.

    `coverage_chg` is coverage against that of three months before, as a share of it.
    """
    covered = (pl.col("cashflow_age") <= FRESH_DAYS).fill_null(False)
    found = rows.group_by("as_of").agg(
        covered.mean().alias("coverage"),
        pl.col("cashflow_age").median(),
        pl.col("bureau_age").median(),
        pl.col("mismatch").mean(),
    )
    before = pl.col("coverage").shift(BACK)
    change = pl.when(before > 0).then(pl.col("coverage") / before - 1)
    return found.sort("as_of").with_columns(coverage_chg=change)


__all__ = ["ALL", "CURRENT", "LATE", "feature_csi", "freshness", "in_bucket", "population", "score_psi"]
