"""How fast are the features? Our engine against pandas and hand-written Polars, memory, growth, and one loan.

    python -m benchmarks.features                                # minutes
    python -m benchmarks.features --full --write docs/performance.md

Makes simulated books with 5 % of the rows posted late in a temporary folder (or --keep FOLDER) and measures 18 month
ends. The contenders give the same 71 columns, checked equal to ours before they are timed, each in a process of its own
on one core, from Parquet. The panel is the whole catalogue by `loanwatch features` on all cores.

The books hold loans, instalments, payments, loan events and account movements over 36 months, one holds all tables.
"""

from __future__ import annotations

import argparse
import os
import platform
import tempfile
from collections.abc import Sequence
from datetime import date
from pathlib import Path

import numpy as np

from benchmarks.against import Contest, contest
from benchmarks.one_loan import Latency, latency
from benchmarks.page import replace_section
from benchmarks.plain_book import long_book
from benchmarks.whole_panel import Run, panel_run

SIZES = (5_000, 20_000, 80_000)
ALL_TABLES = 20_000
FULL = (20_000, 80_000, 500_000)


def growth(runs: list[Run]) -> float:
    """Exponent of CPU seconds over observations: 1 is in proportion; least squares of the logarithms."""
    rows, seconds = (np.log([getattr(run, name) for run in runs]) for name in ("rows", "work"))
    return float(np.polyfit(rows, seconds, 1)[0])


def at_the_margin(runs: list[Run]) -> float:
    """Observations a second between the two largest panels: what more loans cost, start-up left out."""
    small, large = runs[-2:]
    return (large.rows - small.rows) / (large.seconds - small.seconds)


def report(contenders: Contest, runs: list[Run], every: Run, times: Latency) -> str:
    """The section of the page: what was measured, on what, and the tables."""
    machine = f"{os.cpu_count()} cores, {platform.machine()}, Python {platform.python_version()}"
    return f"""## Features

Measured on {date.today()} by `python -m benchmarks.features`: {machine}; load average at the end
{os.getloadavg()[0]:.1f}. Ratios within this run are the figures to defend.

### Against pandas and Polars

{contenders.columns} columns of the core and account families, checked equal to ours within float32;
{contenders.loans:,} loans x 18 month ends, 5 % of the rows posted late; CPU seconds of one thread, best of two (pandas:
one run). pandas is vectorised throughout (merge_asof and group-by, a month end at a time, no `apply`); Polars is
hand-written for these columns. Reading is from Parquet; ours checks the whole contract meanwhile,
{contenders.figures["ours"]["read_rows"] / contenders.figures["ours"]["read"]:,.0f} rows a second on one core.

{contest_table(contenders)}

### The whole panel

{runs[0].columns} columns, `loanwatch features` from Parquet to Parquet, start-up and every check included, on books of
loans, instalments, payments, loan events and account movements: {runs[-1].rows / runs[-1].loans:.1f} observations and
{runs[-1].read / runs[-1].loans:,.0f} rows a loan (a loan that is prepaid or written off has fewer than 18 month ends).
Memory is the peak of all processes together, pages they share counted once.

{panel_table(runs)}

All {every.tables} tables of the simulator: {every.loans:,} loans, {every.rows:,} observations, {every.read:,} rows in
{every.seconds:.1f} s ({every.work:.1f} CPU seconds), peak {every.peak:,.0f} MiB.

### One loan

24 instalments, 24 payments and 600 account rows, whole catalogue, p50: {times.arrays:.2f} ms from arrays,
{times.body:.2f} ms from JSON bytes, decoding and every check included.
"""


def contest_table(contenders: Contest) -> str:
    """A row a contender."""
    ours = contenders.figures["ours"]
    head = ("", "reading s", "features s", "observations/s", "peak MiB", "features, x ours", "from Parquet, x ours")
    rows = []
    for name, f in contenders.figures.items():
        whole = (f["read"] + f["features"]) / (ours["read"] + ours["features"])
        rows.append((
            name, f"{f['read']:.1f}", f"{f['features']:.1f}", f"{f['rows'] / f['features']:,.0f}", f"{f['peak']:,.0f}",
            f"{f['features'] / ours['features']:.1f}", f"{whole:.1f}",
        ))  # fmt: skip
    return grid(head, rows)


def panel_table(runs: list[Run]) -> str:
    """A row a size, and how the work grows."""
    head = ("loans", "observations", "rows read", "seconds", "CPU seconds", "observations/s", "peak MiB")
    rows = [
        (
            f"{run.loans:,}", f"{run.rows:,}", f"{run.read:,}", f"{run.seconds:.1f}", f"{run.work:.1f}",
            f"{run.rows / run.seconds:,.0f}", f"{run.peak:,.0f}",
        )
        for run in runs
    ]  # fmt: skip
    if len(runs) < 2:
        return grid(head, rows)
    margin = f"between the two largest {at_the_margin(runs):,.0f} observations/s"
    return grid(head, rows) + f"\n\nGrowth exponent of the work: {growth(runs):.2f}; {margin}."


def grid(head: tuple[str, ...], rows: Sequence[tuple[str, ...]]) -> str:
    """A table in Markdown."""
    return "\n".join("| " + " | ".join(row) + " |" for row in (head, ("--",) * len(head), *rows))


def main() -> None:
    """Measure, print, and write the page where asked to."""
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--loans", type=int, default=5_000, help="loans of the contest")
    options.add_argument("--sizes", type=int, nargs="*", help="loans of the whole panels")
    options.add_argument(
        "--full", action="store_true", help=f"whole panels of {', '.join(f'{n:,}' for n in FULL)} loans"
    )
    options.add_argument("--keep", type=Path, help="folder to keep the books in")
    options.add_argument("--write", type=Path, help="page to write the section `Features` of")
    chosen = options.parse_args()
    os.environ.setdefault("LOANWATCH_DEMO", "1")
    with tempfile.TemporaryDirectory() as made:
        folder = chosen.keep or Path(made)
        times = latency()
        contenders = contest(folder, chosen.loans)
        runs = [panel_run(long_book(folder, n)) for n in chosen.sizes or (FULL if chosen.full else SIZES)]
        every = panel_run(long_book(folder, ALL_TABLES, None))
        text = report(contenders, runs, every, times)
    print(text)
    if chosen.write:
        replace_section(chosen.write, "Features", text)


if __name__ == "__main__":
    main()
