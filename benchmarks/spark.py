"""Features on Spark against one machine: observations per second, cost of a million, and the ratio in one run.

    python -m benchmarks.spark --loans 20000 --months 18 --write docs/performance.md

The books are simulated, with all 18 tables and 5 % late rows, in part folders. Both ways start from Parquet and write
Parquet with its manifest. A quarter of the loans is measured too, so that what a job costs before the first row shows.
The first job of a session, in which Spark's Python processes begin, is told apart.
"""

from __future__ import annotations

import argparse
import os
import platform
import shutil
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from tempfile import mkdtemp

import numpy as np

from benchmarks.page import replace_section
from book.clock import month_end
from book.load import open_book
from book.sources.simulate import Plan, simulate
from book.spark import open_spark_book, session
from book.workers import cores as cores_here
from features import panel
from features import spark as on_spark

MILLION = 1_000_000
START = 2021
TITLE = "Spark"


@dataclass(frozen=True)
class Run:
    """One panel written: by which way, of how many loans and observations, in how many seconds."""

    way: str
    loans: int
    rows: int
    seconds: float


def timed(run: Callable[[Path], object], out: Path) -> float:
    """Seconds that a run takes into a new folder."""
    shutil.rmtree(out, ignore_errors=True)
    begun = time.perf_counter()
    run(out)
    return time.perf_counter() - begun


def main() -> None:
    """Measure, print, and write the page where asked to."""
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--loans", type=int, default=20_000)
    options.add_argument("--months", type=int, default=18, help="month ends in the panel")
    options.add_argument("--cores", type=int, default=cores_here())
    options.add_argument("--price", type=float, default=0.05, help="of a core hour, any currency")
    options.add_argument("--books", type=Path, help="where the books are kept; those that are there are taken")
    options.add_argument("--write", type=Path, help=f"page to write the section `{TITLE}` of")
    asked = options.parse_args()
    os.environ.setdefault("LOANWATCH_DEMO", "1")
    folder = Path(mkdtemp(prefix="loanwatch-"))
    try:
        books = made(asked, asked.books or folder)
        text = report(asked, measured(asked, books, folder))
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    print(text)
    if asked.write:
        replace_section(asked.write, TITLE, text)


def made(asked: argparse.Namespace, folder: Path) -> dict[int, Path]:
    """The two books, by the number of loans, the smaller one first."""
    books = {}
    for loans in (asked.loans // 4, asked.loans):
        plan = Plan(loans=loans, months=asked.months + 12, part_loans=max(1, min(2_500, loans // (2 * asked.cores))))
        books[loans] = folder / f"book{loans}"
        if not books[loans].exists():
            simulate(plan, books[loans], workers=asked.cores)
    return books


def measured(asked: argparse.Namespace, books: dict[int, Path], folder: Path) -> list[Run]:
    """Every run, the smaller book first; the first Spark run is that of a new session."""
    begin = (START - 1970) * 12 + 12
    first, last = month_end(np.array([begin, begin + asked.months - 1])).tolist()
    spark = session(f"local[{asked.cores}]")
    spark.sparkContext.setLogLevel("ERROR")
    runs: list[Run] = []
    for loans, book in books.items():

        def alone(out: Path, book: Path = book) -> None:
            panel.write_panel(open_book(book), first, last, out, workers=asked.cores)

        def together(out: Path, book: Path = book) -> None:
            on_spark.write_panel(open_spark_book(spark, book), first, last, out)

        ways = [("Spark, first job", together)] if not runs else []
        for way, run in (*ways, ("one machine", alone), ("Spark", together)):
            took = timed(run, folder / "out")
            runs.append(Run(way, loans, panel.read(folder / "out", ["loan_id"]).height, took))
    return runs


def report(asked: argparse.Namespace, runs: list[Run]) -> str:
    """The section of the page."""
    alone = {run.loans: run.seconds for run in runs if run.way == "one machine"}
    lines = [
        f"## {TITLE}",
        "",
        f"Measured on {datetime.now(UTC):%Y-%m-%d} by `python -m benchmarks.spark`: local[{asked.cores}],",
        f"{platform.machine()}, Python {platform.python_version()}; load average at the end {os.getloadavg()[0]:.1f}.",
        f"Whole catalogue, {asked.months} month ends, 18 tables, 5 % of the rows posted late, Parquet to Parquet with",
        f"manifest; core seconds are seconds times cores; a core hour costs {asked.price:g}.",
        "",
        "|  | loans | observations | s | observations/s | core s a million | cost a million | x one machine |",
        "| -- | -- | -- | -- | -- | -- | -- | -- |",
    ]
    for run in runs:
        core = run.seconds * asked.cores / run.rows * MILLION
        lines.append(
            f"| {run.way} | {run.loans:,} | {run.rows:,} | {run.seconds:.1f} | {run.rows / run.seconds:,.0f} "
            f"| {core:,.0f} | {core / 3600 * asked.price:.4f} | {run.seconds / alone[run.loans]:.2f} |"
        )
    lines += ["", *(_split(way, runs, asked.cores) for way in ("one machine", "Spark")), ""]
    return "\n".join(lines)


def _split(way: str, runs: list[Run], cores: int) -> str:
    """The line through the two sizes: seconds before the first row, and core seconds of a million more."""
    small, large = (run for run in runs if run.way == way)
    slope = (large.seconds - small.seconds) / max(large.rows - small.rows, 1)
    fixed = small.seconds - slope * small.rows
    return (
        f"{way[0].upper()}{way[1:]}: {fixed:.1f} s whatever the size, then {slope * cores * MILLION:,.0f} core seconds "
        f"a million ({1 / slope if slope > 0 else float('nan'):,.0f} observations/s).\n"
    )


if __name__ == "__main__":
    main()
