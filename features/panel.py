"""The panel: every loan at every month end, as Parquet by month with a manifest."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import polars as pl
from numpy.typing import NDArray

from book.clock import month_end, month_of
from book.errors import Refusal
from book.known import known
from book.load import Book, load
from book.settings import Settings
from book.tables import Tables
from features.catalogue import CATALOGUE, Catalogue
from features.families.dpd import bucket
from features.families.exposure import months_on_book
from features.history import History
from features.ledger import code
from features.standing import CLOSING, STATUSES, standing

Days = NDArray[np.int32]
BUCKETS = ("C", "M1", "M2", "M3", "M4", "M5", "M6", "M7+")
ENDING = (*CLOSING, "write_off")
CHUNK = 40_000  # observations measured at a time: keeps memory flat


@dataclass(frozen=True)
class Panel:
    """A panel on disk. `manifest` is what manifest.json says."""

    folder: Path
    manifest: dict[str, object]

    def scan(self) -> pl.LazyFrame:
        """All months as one lazy frame."""
        return pl.scan_parquet(self.folder / "as_of=*" / "*.parquet", hive_partitioning=False)


def month_ends(first: int, last: int) -> Days:
    """The month ends from the month of day `first` to the month of day `last`, both included."""
    months = month_of(np.array([first, last]))
    return month_end(np.arange(months[0], months[1] + 1))


def observations(tables: Tables, days: Days) -> tuple[NDArray[np.int32], Days]:
    """Every (loan, day) from disbursement until the loan was closed or written off: two arrays, by loan, then day.

    The last day kept is the first one on or after the closing event: the panel shows how a loan left.
    """
    loans = tables["loans"]
    start = loans["disbursed_on"]
    if "observed_from" in loans:
        start = np.maximum(start, loans["observed_from"])
    end = _ended_on(tables)
    until = days[np.minimum(np.searchsorted(days, end), len(days) - 1)] if len(days) else end
    until = np.where(end > days[-1], end, until) if len(days) else end
    loan, at = np.nonzero((days >= start[:, None]) & (days <= until[:, None]))
    return loan.astype(np.int32), days[at]


def _ended_on(tables: Tables) -> NDArray[np.int64]:
    """The first day each loan was closed or written off by an event; far ahead where it was not. Shape (n_loans,)."""
    end = np.full(len(tables.loan_ids), np.iinfo(np.int32).max, np.int64)
    if "loan_events" in tables:
        events = tables["loan_events"]
        ends = np.isin(events["event_type"], code("loan_events", "event_type", *ENDING))
        np.minimum.at(end, events["loan_id"][ends], events["event_on"][ends])
    return end


def measure(
    tables: Tables, loan: NDArray[np.int32], as_of: Days, settings: Settings, catalogue: Catalogue = CATALOGUE
) -> pl.DataFrame:
    """The panel rows of observations (loan, as_of): state columns, then every column of the catalogue (float32)."""
    h = History(known(tables, loan, as_of, settings=settings), settings)
    status = standing(h)
    frame = {
        "loan_id": h.loan_ids.astype(str),
        "borrower_id": h.borrower_ids.astype(str),
        "as_of": as_of.astype("datetime64[D]"),
        "status": np.array(STATUSES)[status],
        "product": h.of_loan("product").astype(str),
        "bucket": np.array(BUCKETS)[bucket(h.dpd_now).astype(int)],
        "dpd": h.dpd_now.astype(np.int32),
        "months_on_book": months_on_book(h).astype(np.int32),
        "principal_outstanding": h.principal_outstanding / 100,
        "unpaid_due": h.unpaid_due / 100,
    }
    x = catalogue.full_matrix(h)
    return pl.DataFrame(frame).with_columns(
        pl.Series(name, np.ascontiguousarray(x[:, j])) for j, name in enumerate(catalogue.all_names)
    )


def write_panel(
    book: Book,
    first: int,
    last: int,
    out: Path,
    progress: Callable[[int, int], None] | None = None,
    catalogue: Catalogue = CATALOGUE,
) -> Panel:
    """Measure `book` at every month end from day `first` to day `last` and write `out`/as_of=DATE/part-NNNNN.parquet.

    The folder appears whole or not at all. A run of the same book, months and catalogue is taken up where it stopped.
    Raises Refusal where `out` holds something else.
    """
    days = month_ends(first, last)
    plan = _manifest(book, days, catalogue)
    if out.exists():
        return _existing(out, plan)
    work = out.with_name(out.name + ".part")
    _prepare(work, plan)
    rows = 0
    for number, part in enumerate(book.parts):
        done = work / f"part-{number:05d}.done"
        if not done.exists():
            done_rows = _write_part(load(part, book.settings).tables, days, work, number, book.settings, catalogue)
            done.write_text(str(done_rows))
        rows += int(done.read_text())
        if progress:
            progress(number + 1, len(book.parts))
    for done in work.glob("part-*.done"):
        done.unlink()
    manifest = {**plan, "rows": rows}
    (work / "manifest.json").write_text(json.dumps(manifest, indent=1))
    os.replace(work, out)
    return Panel(out, manifest)


def _manifest(book: Book, days: Days, catalogue: Catalogue) -> dict[str, object]:
    return {
        "book": book.hash(),
        "catalogue": catalogue.fingerprint,
        "months": [str(d) for d in days.astype("datetime64[D]")],
        "cutoff": f"end of each day in {book.settings.timezone}",
        "columns": list(catalogue.all_names),
    }


def _existing(out: Path, plan: dict[str, object]) -> Panel:
    """The panel that is there already, if it is the same one."""
    path = out / "manifest.json"
    manifest = json.loads(path.read_text()) if path.exists() else {}
    if any(manifest.get(key) != value for key, value in plan.items()):
        raise Refusal(
            f"{out}: holds another panel or other files; allowed is a new folder, or the same book and months"
        )
    return Panel(out, manifest)


def _prepare(work: Path, plan: dict[str, object]) -> None:
    """A working folder for `plan`: what an earlier run of the same plan left is kept, anything else is removed."""
    note = work / "plan.json"
    if work.exists() and (not note.exists() or json.loads(note.read_text()) != plan):
        shutil.rmtree(work)
    work.mkdir(parents=True, exist_ok=True)
    note.write_text(json.dumps(plan))


def _write_part(tables: Tables, days: Days, work: Path, number: int, settings: Settings, catalogue: Catalogue) -> int:
    """Measure one part in chunks of whole loans and write its rows by month; returns how many."""
    loan, as_of = observations(tables, days)
    frames = []
    for start in range(0, len(loan), CHUNK):
        piece = slice(start, start + CHUNK)
        frames.append(measure(tables, loan[piece], as_of[piece], settings, catalogue))
    if not frames:
        return 0
    frame = pl.concat(frames)
    for (day,), month in frame.group_by(["as_of"], maintain_order=True):
        folder = work / f"as_of={day}"
        folder.mkdir(exist_ok=True)
        month.write_parquet(folder / f"part-{number:05d}.parquet", compression="zstd")
    return len(loan)
