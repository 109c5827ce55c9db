"""Where the time of a panel goes: its steps for a few parts of a book, on one core.

    python -m benchmarks.stages BOOK --write docs/performance.md

BOOK is one that `python -m benchmarks.features --keep FOLDER` has made there.
"""

from __future__ import annotations

import argparse
import gc
import os
import sys
import time
from collections import defaultdict
from collections.abc import Callable
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TypeVar

import numpy as np
import polars as pl

from benchmarks.page import replace_section

Result = TypeVar("Result")
PARTS, WARM = 4, 4
AS_WORKER = "BENCHMARKS_AS_WORKER"
STEPS = {
    "files": "Parquet to columns",
    "checks": "the contract's checks, ids, order",
    "known": "what was known when",
    "features": "all features",
    "write": "Parquet by month",
}


def as_worker() -> dict[str, str]:
    """The environment of a worker of `loanwatch features`: one thread, memory kept."""
    from book.workers import one_thread, settings_of_workers

    os.environ.update({"LOANWATCH_DEMO": "1", AS_WORKER: "1"} | settings_of_workers())
    one_thread()
    return dict(os.environ)


def stages(folder: Path) -> tuple[dict[str, float], int, int]:
    """CPU seconds of each step, observations and rows read, of `PARTS` parts of a book after `WARM` others."""
    from benchmarks.plain_book import month_end_days
    from book.check.findings import Findings
    from book.known import known
    from book.load import load, open_book
    from book.load.files import raw_tables
    from features.measuring import measure, observations
    from features.parts import write_months

    book = open_book(folder)
    days = np.array([day.as_of for day in month_end_days()], np.int32)
    gc.freeze()
    spent: defaultdict[str, float] = defaultdict(float)
    n = rows = 0

    def timed(step: str, work: Callable[[], Result]) -> Result:
        begun = time.process_time()
        done = work()
        spent[step] += time.process_time() - begun
        return done

    frames: list[pl.DataFrame] = []
    for k, part in enumerate(book.parts[: WARM + PARTS]):
        if k == WARM:
            spent.clear()
            frames.clear()
            n = rows = 0
        timed("files", partial(raw_tables, part, Findings()))
        loaded = timed("load", partial(load, part, book.settings))
        loan, day = observations(loaded.tables, days)
        timed("known", partial(known, loaded.tables, loan, day, settings=book.settings))
        frames.append(timed("measure", partial(measure, loaded.tables, loan, day, book.settings)))
        timed("measure", gc.collect)
        n, rows = n + len(loan), rows + sum(loaded.report.rows.values())
    with TemporaryDirectory() as work:
        timed("write", lambda: write_months(frames, Path(work), 0))
    steps = {
        "files": spent["files"],
        "checks": spent["load"] - spent["files"],
        "known": spent["known"],
        "features": spent["measure"] - spent["known"],
        "write": spent["write"],
    }
    return steps, n, rows


def report(steps: dict[str, float], n: int, rows: int) -> str:
    """The section of the page."""
    total = sum(steps.values())
    lines = [f"| {words} | {1e6 * steps[step] / n:.1f} | {steps[step] / total:.0%} |" for step, words in STEPS.items()]
    reading = steps["files"] + steps["checks"]
    return f"""## Where the time goes

CPU time of one core on {n:,} observations of {PARTS} parts after {WARM} others, in a process set up as the workers of
`loanwatch features` are, by `python -m benchmarks.stages`; load average {os.getloadavg()[0]:.1f}. {rows / n:.0f} rows
are read for an observation, {rows / reading:,.0f} a second.

| step | microseconds an observation | share |
| -- | -- | -- |
{chr(10).join(lines)}
| all | {1e6 * total / n:.1f} | {n / total:,.0f} observations/s a core |
"""


def main() -> None:
    """Measure, print, and write the page where asked to."""
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("book", type=Path)
    options.add_argument("--write", type=Path, help="page to write the section `Where the time goes` of")
    chosen = options.parse_args()
    if os.environ.get(AS_WORKER) != "1":
        os.execve(sys.executable, [sys.executable, "-m", "benchmarks.stages", *sys.argv[1:]], as_worker())
    text = report(*stages(chosen.book))
    print(text)
    if chosen.write:
        replace_section(chosen.write, "Where the time goes", text)


if __name__ == "__main__":
    main()
