"""From a book to what its figures are counted from: month-end states, lives, collections, as Parquet by part."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Sequence
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
from book.workers import cores, run
from features.families.dpd import bucket
from features.history import History
from features.measuring import BUCKETS, CHUNK, month_ends, observations
from features.standing import STATUSES, standing
from features.states import dues_of_month
from monitoring.portfolio.care import cases, contacts, tasks
from monitoring.portfolio.from_panel import copy_states, refuse_other
from monitoring.portfolio.lives import lives
from monitoring.portfolio.recoveries import collected_since
from monitoring.triggers import core

FRAMES = ("states", "lives", "collected", "tasks", "contacts", "cases")
FORM = 3
"""Counts up when a frame gets another column, so that rows kept in the old form are not read again."""


@dataclass(frozen=True)
class Rows:
    """What figures are counted from: frames as `states`, `lives`, `collected_since`, `care` describe them."""

    states: pl.DataFrame
    lives: pl.DataFrame
    collected: pl.DataFrame
    tasks: pl.DataFrame
    contacts: pl.DataFrame
    cases: pl.DataFrame


@dataclass(frozen=True)
class _Piece:
    number: int
    part: Part
    settings: Settings
    days: tuple[int, ...]
    work: Path
    measure_states: bool


def gather(
    book: Book,
    first: int,
    last: int,
    out: Path,
    progress: Callable[[int, int], None] | None = None,
    workers: int | None = None,
    panel: Path | None = None,
) -> Rows:
    """The rows of `book` at every month end from day `first` to day `last`, kept as Parquet in `out`.

    `out` appears whole or not at all; an existing one is read again if it is of the same book and months. With `panel`
    (of `loanwatch features`, on this book and with all these months) the states are read from it, in place of being
    measured; they are the same. Raises Refusal where the panel is another one.
    """
    days = month_ends(first, last)
    plan = f"{FORM} {book.hash()} {days[0]} {days[-1]}"
    if not (out / "plan").exists() or (out / "plan").read_text() != plan:
        if panel is not None:
            refuse_other(panel, book, days)
        _write(book, days, out, plan, progress, workers or cores(), panel)
    return read_rows(out)


def _write(
    book: Book,
    days: NDArray[np.int32],
    out: Path,
    plan: str,
    progress: Callable[[int, int], None] | None,
    workers: int,
    panel: Path | None,
) -> None:
    work = out.with_name(out.name + ".part")
    shutil.rmtree(work, ignore_errors=True)
    for name in (*FRAMES, "split"):
        (work / name).mkdir(parents=True)
    parts: Sequence[Part] = list(small_parts(book.parts, work / "split"))
    lags = dict(book.settings.posting_lag_days)
    settings = replace(book.settings, posting_lag_days=lags)
    pieces = [_Piece(k, part, settings, tuple(days.tolist()), work, panel is None) for k, part in enumerate(parts)]
    for done, _ in enumerate(run(_part, pieces, min(workers, len(pieces))), start=1):
        if progress:
            progress(done, len(pieces))
    shutil.rmtree(work / "split")
    if panel is not None:
        copy_states(panel, days, work / "states")
    (work / "plan").write_text(plan)
    shutil.rmtree(out, ignore_errors=True)
    os.replace(work, out)


def _part(piece: _Piece) -> None:
    tables = load(piece.part, piece.settings).tables
    days, last = np.array(piece.days, np.int32), piece.days[-1]
    lived = lives(core(tables), last, piece.settings)
    frames = {
        **({"states": states(core(tables), days, piece.settings)} if piece.measure_states else {}),
        "lives": lived,
        "collected": collected_since(core(tables), lived, last, piece.settings),
        "tasks": tasks(tables, last, piece.settings),
        "contacts": contacts(tables, last, piece.settings),
        "cases": cases(tables, last, piece.settings),
    }
    for name, frame in frames.items():
        frame.write_parquet(piece.work / name / f"part-{piece.number:05d}.parquet", compression="lz4")


def states(tables: Tables, days: NDArray[np.int32], settings: Settings) -> pl.DataFrame:
    """The state of every loan at every month end it was on the book, and at the one after it left, as known then."""
    loan, as_of = observations(tables, days)
    frames = [_states(tables, loan[k : k + CHUNK], as_of[k : k + CHUNK], settings) for k in range(0, len(loan), CHUNK)]
    return pl.concat(frames) if frames else _states(tables, loan, as_of, settings)


def _states(tables: Tables, loan: NDArray[np.int32], as_of: NDArray[np.int32], settings: Settings) -> pl.DataFrame:
    h = History(known(tables, loan, as_of, settings=settings), settings)
    return pl.DataFrame(
        {
            "loan_id": h.loan_ids.astype(str),
            "as_of": as_of.astype("datetime64[D]"),
            "status": np.array(STATUSES)[standing(h)],
            "bucket": np.array(BUCKETS)[bucket(h.dpd_now).astype(int)],
            "dpd": h.dpd_now.astype(np.int32),
            "principal_outstanding": h.principal_outstanding / 100,
            "unpaid_due": h.unpaid_due / 100,
            **dues_of_month(h),
        }
    ).with_columns(pl.col("principal_outstanding").fill_nan(0.0))


def read_rows(folder: Path) -> Rows:
    """The rows that `gather` wrote."""
    return Rows(*(pl.read_parquet(folder / name / "*.parquet") for name in FRAMES))
