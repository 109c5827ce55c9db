"""From a book to the rows that monitoring looks at: every scored loan at every month end, part by part."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import polars as pl
from numpy.typing import NDArray

from book.known import known
from book.load import Book, Part, load
from book.load.regroup import small_parts
from book.settings import Settings
from book.tables import Tables
from book.workers import run
from features.catalogue import CATALOGUE
from features.context_file import CONTEXT, read_context
from features.history import History
from features.measuring import CHUNK, observations
from features.standing import standing
from models.opening import load_bundle
from models.predict import Model
from monitoring.outcome import outcomes
from monitoring.target import Target
from monitoring.timeline.counts import Baseline, Counts
from policy.pack import load_pack
from policy.tiers import grade
from training.exclusions import excluded


@dataclass(frozen=True)
class Job:
    """What is done with each part. `cutoff`: when the records end (UTC microseconds); `challenger` may be ""."""

    models: Path
    champion: str
    challenger: str
    pack: str | Path
    target: Target
    settings: Settings
    days: tuple[int, ...]
    cutoff: int
    baseline: Baseline
    names: tuple[str, ...]


@dataclass(frozen=True)
class _Piece:
    job: Job
    part: Part
    number: int
    work: Path


def gather(
    book: Book, job: Job, work: Path, workers: int, progress: Callable[[int, int], None]
) -> tuple[pl.DataFrame, Counts]:
    """The rows of all parts, and the counts of their features; `work` is a folder that is made and removed."""
    shutil.rmtree(work, ignore_errors=True)
    work.mkdir(parents=True)
    try:
        parts = list(small_parts(book.parts, work / "split"))
        pieces = [_Piece(job, part, k, work) for k, part in enumerate(parts)]
        counts = Counts.none(job.baseline, job.days, job.names)
        for done, more in enumerate(run(_part, pieces, min(workers, len(pieces))), 1):
            counts = counts.plus(more)
            progress(done, len(pieces))
        rows = pl.read_parquet(work / "rows-*.parquet")
    finally:
        shutil.rmtree(work, ignore_errors=True)
    return rows.sort("as_of", "loan_id"), counts


def _part(piece: _Piece) -> Counts:
    job = piece.job
    tables = load(piece.part, job.settings).tables
    counts = Counts.none(job.baseline, job.days, job.names)
    loan, as_of = observations(tables, np.array(job.days, np.int32))
    frames = [_measured(tables, job, loan[k : k + CHUNK], as_of[k : k + CHUNK], counts) for k in _starts(len(loan))]
    pl.concat(frames).write_parquet(piece.work / f"rows-{piece.number:05d}.parquet")
    return counts


def _starts(n: int) -> range:
    return range(0, max(n, 1), CHUNK)


def _measured(
    tables: Tables, job: Job, loan: NDArray[np.int32], as_of: NDArray[np.int32], counts: Counts
) -> pl.DataFrame:
    """Scores of the observations that a model is judged by, with what came of them; features are counted, not kept."""
    context_file = job.models / CONTEXT
    context = read_context(context_file) if context_file.is_file() else None
    h = History(known(tables, loan, as_of, settings=job.settings), job.settings, context)
    dpd = np.asarray(h.dpd_now, np.float64)
    out, _ = excluded(tables, loan, as_of, standing(h), job.settings.timezone, job.target.asks(dpd))
    kept = np.flatnonzero(~out)
    x = np.ascontiguousarray(CATALOGUE.full_matrix(h)[kept], np.float32)
    column = dict(zip(CATALOGUE.all_names, x.T, strict=True))
    seen = np.ascontiguousarray(x[:, [CATALOGUE.all_names.index(name) for name in CATALOGUE.names]])
    counts.add(job.baseline, seen, as_of[kept], dpd[kept] > 0)
    pack = load_pack(job.pack)
    pd = _pd(job, job.champion, seen)
    other = _pd(job, job.challenger, seen) if job.challenger else np.full(len(kept), np.nan)
    loans, days = loan[kept], as_of[kept]
    return pl.DataFrame(
        {
            "loan_id": tables.loan_ids[loans].astype(str),
            "borrower_id": tables.borrower_ids[tables.borrower_of[loans]].astype(str),
            "as_of": days.astype("datetime64[D]"),
            "dpd": dpd[kept],
            "pd": pd,
            "grade": grade(pd, pack).astype(np.int16),
            "challenger_pd": other,
            "challenger_grade": grade(other, pack).astype(np.int16),
            "y": outcomes(tables, loans, days, job.target, job.cutoff, job.settings).y,
            "roll": _roll(tables, job, loans, days),
            "cashflow_age": pl.Series(column["cashflow_age_days"]).cast(pl.Float64).fill_nan(None),
            "bureau_age": pl.Series(column["bureau_age_days"]).cast(pl.Float64).fill_nan(None),
            "mismatch": column["data_mismatch"].astype(np.float64),
        }
    )


def _pd(job: Job, bundle: str, x: NDArray[np.float32]) -> NDArray[np.float64]:
    return Model(load_bundle(job.models / "bundles" / bundle)).pd(x)


def _roll(tables: Tables, job: Job, loan: NDArray[np.int32], as_of: NDArray[np.int32]) -> NDArray[np.float64]:
    """1 where a loan's bucket was worse a month later, NaN where that is not known or arrears cannot be trusted."""
    if job.target.dpd is None:
        return np.full(len(loan), np.nan)
    roll = replace(job.target, kind="roll", horizon=1)
    return outcomes(tables, loan, as_of, roll, job.cutoff, job.settings).y
