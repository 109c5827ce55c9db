"""One contender measured in a process of its own, on one core: prints its figures as JSON.

python -m benchmarks.contender ours|polars|pandas BOOK [--write FILE]
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import time
from pathlib import Path
from typing import Any

REPEATS = 2


def ours(folder: Path) -> tuple[Any, Any]:
    """Our engine: reading with every check of the contract, and the columns of the common subset."""
    import numpy as np
    import polars as pl

    from benchmarks.last_step import READY
    from benchmarks.plain_book import month_end_days
    from book.known import known
    from book.load import load, open_book
    from features.catalogue import CATALOGUE, Catalogue
    from features.history import History
    from features.measuring import CHUNK, observations

    columns = json.loads((folder / "columns.json").read_text()) if (folder / "columns.json").exists() else READY
    chosen = Catalogue(tuple(column for column in CATALOGUE.everything if column.name in columns))
    days = np.array([day.as_of for day in month_end_days()], np.int32)

    def read() -> Any:
        book = open_book(folder)
        return load(book.parts[0], book.settings).tables, book.settings

    def measured(book: Any) -> pl.DataFrame:
        tables, settings = book
        loan, as_of = observations(tables, days)
        found = []
        for start in range(0, len(loan), CHUNK):
            piece = slice(start, start + CHUNK)
            h = History(known(tables, loan[piece], as_of[piece], settings=settings), settings)
            ids = pl.DataFrame({"loan_id": h.loan_ids.astype(str), "as_of": h.as_of})
            found.append(ids.hstack(pl.DataFrame(chosen.full_matrix(h), schema=list(chosen.all_names))))
        return pl.concat(found)

    return read, measured


def other(name: str, folder: Path) -> tuple[Any, Any]:
    """A hand-written contender; it is told which loans are asked about on which month ends."""
    from importlib import import_module

    import polars as pl

    from benchmarks.plain_book import month_end_days

    module = import_module(f"benchmarks.by_{name}")
    asked = pl.read_parquet(folder / "asked.parquet")
    return lambda: module.read(folder), lambda book: module.features(book, asked, month_end_days())


def measure(name: str, folder: Path, repeats: int, write: Path | None) -> dict[str, float]:
    """Best CPU seconds of reading and of measuring, rows, and the peak memory of the process in MiB."""
    read, features = ours(folder) if name == "ours" else other(name, folder)
    reading, measuring, rows, read_rows = [], [], 0, 0
    for _ in range(repeats):
        begun = time.process_time()
        book = read()
        reading.append(time.process_time() - begun)
        read_rows = sum(map(len, book[0].frames.values())) if name == "ours" else 0
        begun = time.process_time()
        found = features(book)
        measuring.append(time.process_time() - begun)
        rows = len(found)
    if write:
        found.write_parquet(write)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return {"read": min(reading), "features": min(measuring), "rows": rows, "peak": peak, "read_rows": read_rows}


def main() -> None:
    """Measure one contender."""
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("name", choices=("ours", "polars", "pandas"))
    options.add_argument("book", type=Path)
    options.add_argument("--write", type=Path, help="file for the columns")
    options.add_argument("--repeats", type=int, default=REPEATS)
    chosen = options.parse_args()
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
    print(json.dumps(measure(chosen.name, chosen.book, chosen.repeats, chosen.write)))


if __name__ == "__main__":
    main()
