"""The panel: every loan at every month end, as Parquet by month with a manifest."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from book.errors import Refusal
from book.load import Book, Part, load
from book.load.regroup import small_parts
from book.workers import cores, prepare, run
from features.catalogue import CATALOGUE, Catalogue
from features.context_file import read_context
from features.coverage import coverage
from features.foresight import refuse_foresight
from features.measuring import BUCKETS, CHUNK, Days, measure, month_ends, observations
from features.own import catalogue_with
from features.parts import Counts, PieceOfWork, measure_parts

MANIFEST = "_manifest.json"  # a name that pandas, DuckDB and Spark pass over when they read the folder
MOST_TOGETHER = 8
"""Most parts whose rows are written together: files of a month with few rows cost more than their rows."""
SHARE = 2
"""A piece of work is at most one part in so many of what is left for each worker: none waits long for the last."""


@dataclass(frozen=True)
class Panel:
    """A panel on disk. `manifest` is what _manifest.json says."""

    folder: Path
    manifest: dict[str, object]

    def scan(self) -> pl.LazyFrame:
        """All months as one lazy frame."""
        return scan(self.folder)


def scan(folder: Path | str) -> pl.LazyFrame:
    """The panel in `folder` as a lazy frame: nothing is read before `.collect()`.

    Raises Refusal where there is no finished panel.
    """
    if not (Path(folder) / MANIFEST).exists():
        raise Refusal(f"{folder}: holds no panel; got no {MANIFEST}; make one with `loanwatch features BOOK`")
    return pl.scan_parquet(Path(folder) / "as_of=*" / "*.parquet", hive_partitioning=True)


def read(folder: Path | str, columns: Sequence[str] | None = None) -> pl.DataFrame:
    """The panel in `folder` as a frame, all columns or only `columns`; `.to_pandas()` makes it one of pandas."""
    rows = scan(folder)
    return (rows if columns is None else rows.select(columns)).collect()


def write_panel(
    book: Book,
    first: int,
    last: int,
    out: Path,
    progress: Callable[[int, int], None] | None = None,
    *,
    workers: int | None = None,
    own: Sequence[Path] = (),
    catalogue: Catalogue | None = None,
    context: Path | None = None,
) -> Panel:
    """Measure `book` at every month end from day `first` to day `last` and write `out`/as_of=DATE/part-NNNNN.parquet.

    Parts are measured by `workers` processes (default: one a core), each holding one part at a time. The catalogue is
    the house's with the features in the files `own`; or `catalogue` as it stands in memory, then by this process alone.
    `context` is the file with the figures of cohorts (`build_context`); without it what compares with them is NaN.
    The folder appears whole or not at all; a run of the same book, months and catalogue is taken up where it stopped.
    Raises Refusal where `out` holds something else or an added feature uses the future, Refused where a part is.
    """
    days = month_ends(first, last)
    columns = catalogue or catalogue_with(own)
    plan = _plan(book, days, columns, context)
    if out.exists():
        return _existing(out, plan)
    work = out.with_name(out.name + ".part")
    at_work = 1 if catalogue else workers or cores()
    cut_for = _prepare(work, plan, at_work)
    split = work / "split"
    shutil.rmtree(split, ignore_errors=True)
    parts = tuple(small_parts(book.parts, split))
    added = tuple(column for column in columns.everything if column not in CATALOGUE.everything)
    if added:
        refuse_foresight(added, load(parts[0], book.settings).tables, int(days[len(days) // 2]), book.settings)
    pieces = [
        PieceOfWork(k, some, book.settings, tuple(days.tolist()), work, tuple(own), catalogue, context)
        for k, some in enumerate(_shares(parts, cut_for))
    ]
    if at_work > 1:
        prepare("features.catalogue")
    counts = _measured(pieces, at_work, progress)
    shutil.rmtree(split, ignore_errors=True)
    manifest = {**plan, **_found(counts, columns)}
    for note in work.glob("*.done"):
        note.unlink()
    (work / "plan.json").unlink()
    (work / MANIFEST).write_text(json.dumps(manifest, indent=1))
    os.replace(work, out)
    return Panel(out, manifest)


def _shares(parts: Sequence[Part], workers: int) -> Iterator[tuple[Part, ...]]:
    """The parts in groups: as large as is good, smaller towards the end, where workers wait for each other."""
    at = 0
    while at < len(parts):
        together = max(1, min(MOST_TOGETHER, (len(parts) - at) // (SHARE * workers)))
        yield tuple(parts[at : at + together])
        at += together


def _measured(pieces: Sequence[PieceOfWork], workers: int, progress: Callable[[int, int], None] | None) -> Counts:
    """The counts of all pieces; those an earlier run has done are not done again."""
    to_do = [piece.portable() for piece in pieces if not piece.done.exists()]
    counts = sum((Counts.read(piece.done) for piece in pieces if piece.done.exists()), Counts.none())
    done = len(pieces) - len(to_do)
    if progress:
        progress(done, len(pieces))
    for one in run(measure_parts, to_do, min(workers, len(to_do))):
        counts, done = counts + one, done + 1
        if progress:
            progress(done, len(pieces))
    return counts


def _plan(book: Book, days: Days, catalogue: Catalogue, context: Path | None) -> dict[str, object]:
    """What a panel is of: two panels with the same plan are the same panel."""
    return {
        "book": book.hash(),
        "catalogue": catalogue.fingerprint,
        "context": read_context(context).hash if context else None,
        "months": [str(d) for d in days.astype("datetime64[D]")],
        "cutoff": f"end of each day in {book.settings.timezone}",
        "columns": list(catalogue.all_names),
    }


def _found(counts: Counts, catalogue: Catalogue) -> dict[str, object]:
    """What was measured: rows by month, rows of each table, and the share of values observed."""
    rows = sum(counts.rows.values())
    return {
        "rows": rows,
        "rows_by_month": dict(sorted(counts.rows.items())),
        "rows_by_table": dict(counts.tables),
        "coverage": coverage(catalogue.everything, counts.observed, rows),
    }


def _existing(out: Path, plan: dict[str, object]) -> Panel:
    """The panel that is there already, if it is the same one."""
    path = out / MANIFEST
    manifest = json.loads(path.read_text()) if path.exists() else {}
    if any(manifest.get(key) != value for key, value in plan.items()):
        raise Refusal(
            f"{out}: holds another panel or other files; allowed is a new folder, or the same book and months"
        )
    return Panel(out, manifest)


def _prepare(work: Path, plan: dict[str, object], workers: int) -> int:
    """A working folder for `plan`: what an earlier run of the same plan left is kept, anything else is removed.

    Returns the number of workers for which its pieces are cut: that of the earlier run where it is taken up.
    """
    note = work / "plan.json"
    earlier = json.loads(note.read_text()) if note.exists() else {}
    cut_for = int(earlier.pop("cut_for", workers))
    if work.exists() and earlier != plan:
        shutil.rmtree(work)
        cut_for = workers
    work.mkdir(parents=True, exist_ok=True)
    note.write_text(json.dumps({**plan, "cut_for": cut_for}))
    return cut_for


__all__ = [
    "BUCKETS", "CATALOGUE", "CHUNK", "Panel", "measure", "month_ends", "observations", "read", "scan", "write_panel",
]  # fmt: skip
