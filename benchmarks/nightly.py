"""How fast is a night, and how does its cost grow with the book?

    python -m benchmarks.nightly --models out/models                          # 5,000 and 20,000 loans
    python -m benchmarks.nightly --sizes 5k,20k,100k,1M --folder out/nights --write docs/performance.md

Simulates books of all 18 tables with 12 months of about twelve account rows a month, runs the real command on each in
a process of its own (start-up, checks, cohort figures, scores with reasons, classes, rules, journal in SQLite, store
and results included) and prints what it took. Books are kept in `--folder` and taken again.
"""

from __future__ import annotations

import argparse
import math
import os
import platform
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from shutil import copytree, rmtree

import pyarrow.parquet as pq

from benchmarks.page import replace_section
from benchmarks.whole_panel import watched

START, MONTHS, AS_OF, NEXT = "2023-07", 12, "2024-06-30", "2024-07-01"
TITLE = "The nightly run"
GROWN = "segments", "store", "night", "journal.db"


@dataclass(frozen=True)
class Run:
    """One night: loans, alerts, rows read, seconds, CPU seconds (`work`), peak MiB, bytes on disk by what they are."""

    loans: int
    alerts: int
    read: int
    seconds: float
    work: float
    peak: float
    disk: dict[str, int]


def number(text: str) -> int:
    """5k, 1M or plain digits."""
    return int(float(text.rstrip("kM")) * {"k": 1_000, "M": 1_000_000}.get(text[-1], 1))


def book_of(folder: Path, loans: int) -> Path:
    """The simulated book of so many loans, made where it is not there."""
    out = folder / f"book-{loans}"
    if not (out / "book.toml").exists():
        plan = ["--loans", str(loans), "--months", str(MONTHS), "--start", START, "--lent-months", "1"]
        subprocess.run(
            [sys.executable, "-m", "loanwatch", "simulate", str(out), *plan], check=True, capture_output=True
        )
    return out


def rows_of(book: Path) -> int:
    """The rows of all tables of a book."""
    return sum(pq.ParquetFile(path).metadata.num_rows for path in book.glob("part-*/*.parquet"))


def night(book: Path, work: Path, as_of: str, extra: list[str]) -> Run:
    """Run the command on a book; journal, segments and store are those of `work`."""
    command = [
        sys.executable, "-m", "loanwatch", "nightly", str(book), "--as-of", as_of, "--models", str(work / "models"),
        "--out", str(work / "night"), "--journal", f"sqlite:///{work / 'journal.db'}",
        "--segments", str(work / "segments"), "--store", str(work / "store"), "--demo", *extra,
    ]  # fmt: skip
    before = disk(work)
    child = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
    seconds, spent, peak = watched(child)
    if child.returncode:
        raise SystemExit(f"{' '.join(command)}\n{child.stderr.read() if child.stderr else ''}")
    told = sum(1 for _ in (work / "night" / "alerts.csv").open(encoding="utf-8")) - 1
    loans = sum(pq.ParquetFile(path).metadata.num_rows for path in (work / "night" / "scores").iterdir())
    grown = {name: size - before[name] * (name != "night") for name, size in disk(work).items()}
    return Run(loans, told, rows_of(book), seconds, spent, peak, grown)


def disk(work: Path) -> dict[str, int]:
    """Bytes under `work`, by what they are."""
    found = {}
    for name in GROWN:
        place = work / name
        files = [place] if place.is_file() else place.rglob("*")
        found[name] = sum(path.stat().st_size for path in files if path.is_file())
    return found


def row(what: str, run: Run) -> str:
    """A line of the table."""
    kept = " | ".join(f"{run.disk[name] / run.loans:,.0f}" for name in GROWN)
    return (
        f"| {what} | {run.loans:,} | {run.alerts:,} | {run.seconds:.1f} | {run.work:.1f} | "
        f"{run.loans / run.seconds:,.0f} | {1e3 * run.work / run.loans:.2f} | {run.peak:,.0f} | {kept} |"
    )


def exponents(runs: list[Run]) -> str:
    """Growth of seconds and CPU seconds over the sizes, and between the two largest."""
    if len(runs) < 2:
        return ""

    def slope(first: Run, last: Run, what: str) -> str:
        grown = math.log(getattr(last, what) / getattr(first, what)) / math.log(last.loans / first.loans)
        return f"{grown:.2f}"

    return (
        f"Growth exponent of first nights: {slope(runs[0], runs[-1], 'seconds')} in seconds and "
        f"{slope(runs[0], runs[-1], 'work')} in CPU seconds over all sizes, {slope(runs[-2], runs[-1], 'seconds')} and "
        f"{slope(runs[-2], runs[-1], 'work')} between the two largest."
    )


def section(lines: list[str], runs: list[Run]) -> str:
    """The section of the page."""
    table = "\n".join(lines)
    return f"""## {TITLE}

Measured on {date.today()} by `python -m benchmarks.nightly`: {os.cpu_count()} cores, {platform.machine()};
load average at the end {os.getloadavg()[0]:.1f}. The real command on simulated books of all 18 tables, {MONTHS} months
of account rows, {runs[-1].read / runs[-1].loans:.0f} rows a loan in all: start-up, every check, cohort figures, scores
with exact reasons, classes, rules, treatment, store, journal in SQLite and results included. On a first night every
alert is new; the night after finds the states of the one before. Memory is the peak of all processes together, pages
they share counted once; the last four columns are bytes on disk a loan.

| night | loans | alerts | s | CPU s | loans/s | CPU ms a loan | peak MiB | segment | store | results | journal |
| -- | -- | -- | -- | -- | -- | -- | -- | -- | -- | -- | -- |
{table}

{exponents(runs)}
"""


def main() -> None:
    """Measure, print, and write the section of the page if asked."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sizes", default="5k,20k", help="numbers of loans, such as 5k,20k,100k,1M")
    parser.add_argument("--models", type=Path, default=Path("out/models"), help="models folder with a champion")
    parser.add_argument("--folder", type=Path, help="where books are kept and nights run; default: a temporary one")
    parser.add_argument("--after", type=number, default=100_000, help="largest book whose night after is run too")
    parser.add_argument("--workers", type=int, help="processes; one a core if not given")
    parser.add_argument("--write", type=Path, help="page to write the section into")
    chosen = parser.parse_args()
    extra = ["--workers", str(chosen.workers)] if chosen.workers else []
    lines: list[str] = []
    runs: list[Run] = []
    with tempfile.TemporaryDirectory() as made:
        folder = chosen.folder or Path(made)
        for loans in map(number, chosen.sizes.split(",")):
            book, work = book_of(folder, loans), folder / f"night-{loans}"
            rmtree(work, ignore_errors=True)
            copytree(chosen.models, work / "models")
            nights = [("first", AS_OF), ("after", NEXT)] if loans <= chosen.after else [("first", AS_OF)]
            for what, as_of in nights:
                run = night(book, work, as_of, extra)
                lines.append(row(what, run))
                print(lines[-1], flush=True)
                if what == "first":
                    runs.append(run)
            rmtree(work)
    print(exponents(runs))
    if chosen.write:
        replace_section(chosen.write, TITLE, section(lines, runs))


if __name__ == "__main__":
    main()
