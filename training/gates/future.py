"""Do features look ahead? Loans measured as ever, and again from a book that ends on their day."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from book.clock import end_of_day
from book.known import known
from book.load import Book, load
from book.settings import Settings
from book.tables import MISSING_DAY, NEVER, Frame, Tables
from features.catalogue import Catalogue
from features.context import Context
from features.history import History
from features.panel import month_ends, observations
from training.split import Split, last_day

DAYS = 3  # month ends of the out-of-time slice that are looked at
LOANS = 200  # loans on each of them


def changed_by_future(
    book: Book, split: Split, catalogue: Catalogue, context: Context | None = None
) -> tuple[dict[str, int], int]:
    """How many values of each feature change when all that came later is taken away, and how many rows were measured.

    The first part of the book is sampled: `LOANS` loans on each of `DAYS` month ends, all measured together, as a run
    does, and again from the rows that were posted by the end of each day.
    """
    tables = load(book.parts[0], book.settings).tables
    loan, as_of = _asked(tables, split)
    if not len(loan):
        return {}, 0
    together = _matrix(tables, loan, as_of, book.settings, catalogue, context)
    turned: Counter[str] = Counter()
    for day in np.unique(as_of):
        rows = np.flatnonzero(as_of == day)
        cut = without_later(tables, int(end_of_day(np.array([day]), book.settings.timezone)[0]))
        alone = _matrix(cut, loan[rows], as_of[rows], book.settings, catalogue, context)
        differs = together[rows].view(np.int32) != alone.view(np.int32)
        differs &= ~(np.isnan(together[rows]) & np.isnan(alone))
        counts = zip(catalogue.names, differs.sum(axis=0).tolist(), strict=True)
        turned.update({name: count for name, count in counts if count})
    return dict(turned), len(loan)


def without_later(tables: Tables, cutoff: int) -> Tables:
    """The tables without rows posted after `cutoff` (UTC microseconds), and without reversals made after it."""
    frames = {
        name: frame if name == "loans" else _until(frame, cutoff, name == "payments")
        for name, frame in tables.frames.items()
    }
    return replace(tables, frames=frames)


def _until(frame: Frame, cutoff: int, reversible: bool) -> Frame:
    kept = frame.take(np.flatnonzero(frame["posted_at"] <= cutoff))
    if not reversible:
        return kept
    stands = kept["cancelled_at"] > cutoff
    undone = {
        "cancelled_at": np.where(stands, NEVER, kept["cancelled_at"]),
        "cancelled_on": np.where(stands, MISSING_DAY, kept["cancelled_on"]).astype(np.int32),
    }
    return replace(kept, columns={**kept.columns, **undone})


def _asked(tables: Tables, split: Split) -> tuple[NDArray[np.int32], NDArray[np.int32]]:
    days = month_ends(last_day(split.oot_first), last_day(split.oot_last))
    loan, as_of = observations(tables, days[np.unique(np.linspace(0, len(days) - 1, DAYS).astype(int))])
    rows: list[NDArray[np.intp]] = []
    for day in np.unique(as_of):
        at = np.flatnonzero(as_of == day)
        rows.append(at[np.unique(np.linspace(0, len(at) - 1, LOANS).astype(int))])
    picked = np.concatenate(rows) if rows else np.empty(0, np.intp)
    return loan[picked], as_of[picked]


def _matrix(
    tables: Tables,
    loan: NDArray[np.int32],
    as_of: NDArray[np.int32],
    settings: Settings,
    catalogue: Catalogue,
    context: Context | None,
) -> NDArray[np.float32]:
    return catalogue.matrix(History(known(tables, loan, as_of, settings=settings), settings, context))
