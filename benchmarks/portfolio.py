"""How fast are the figures of the book, from the month-end states on?

    python -m benchmarks.portfolio                       # 100,000 loans
    python -m benchmarks.portfolio --full --write docs/performance.md

Makes states and lives of so many loans over 36 month ends (a random walk over the buckets; no book behind them), writes
them as Parquet the way `loanwatch portfolio` does, and times reading them and every figure of the pack.
"""

from __future__ import annotations

import argparse
import os
import platform
import resource
import tempfile
import time
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

from benchmarks.page import replace_section
from book.clock import month_end
from monitoring.portfolio.figures import figures
from monitoring.portfolio.gather import FRAMES, read_rows
from monitoring.portfolio.rolls import BUCKETS

MONTHS = 36
FIRST = (2022 - 1970) * 12
PART = 20_000
EMPTY: dict[str, dict[str, Any]] = {
    "collected": {
        "loan_id": pl.String,
        "defaulted_on": pl.Date,
        "exposure": pl.Float64,
        "paid_on": pl.Date,
        "amount": pl.Float64,
    },
    "tasks": {"kind": pl.String, "due_on": pl.Date, "done_on": pl.Date, "as_of": pl.Date},
    "contacts": {"on": pl.Date, "channel": pl.String, "outcome": pl.String},
    "cases": {"action": pl.String, "arm": pl.String},
}


def made(loans: int, first: int, seed: int) -> dict[str, pl.DataFrame]:
    """States, lives and the rest of `loans` loans numbered from `first`."""
    rng = np.random.default_rng(seed)
    names = np.array([f"L{number:09d}" for number in range(first, first + loans)])
    start = rng.integers(0, MONTHS - 6, loans)
    steps = rng.choice([-7, 0, 1], (loans, MONTHS), p=[0.5, 0.4, 0.1])
    code = np.zeros(loans, np.int64)
    ends = month_end(np.arange(FIRST, FIRST + MONTHS)).astype("datetime64[D]")
    months = []
    for m in range(MONTHS):
        code = np.clip(code + steps[:, m], 0, 7)
        here = start <= m
        due = np.full(here.sum(), 500.0)
        months.append(
            pl.DataFrame(
                {
                    "loan_id": names[here],
                    "as_of": np.repeat(ends[m], here.sum()),
                    "status": np.where(code[here] > 3, "in_default", "scored"),
                    "bucket": np.array(BUCKETS)[code[here]],
                    "dpd": (code[here] * 28).astype(np.int32),
                    "principal_outstanding": 1000.0 * (40 - m + start[here]),
                    "unpaid_due": due * code[here],
                    "exit": np.full(here.sum(), ""),
                    "due_in_month": due,
                    "instalments_due": np.ones(here.sum(), np.int32),
                    "instalments_late": (code[here] > 0).astype(np.int32),
                }
            )
        )
    return {"states": pl.concat(months), "lives": _lives(names, start, ends, rng)}


def _lives(names: np.ndarray, start: np.ndarray, ends: np.ndarray, rng: np.random.Generator) -> pl.DataFrame:
    n = len(names)
    paid_out = ends[start]
    columns: dict[str, object] = {
        "loan_id": names,
        "borrower_id": names,
        "product": rng.choice(["car", "consumer", "card"], n),
        "channel": rng.choice(["branch", "app"], n),
        "region": rng.choice(["north", "south", "west"], n),
        "disbursed_on": paid_out,
        "maturity_on": paid_out + np.timedelta64(900, "D"),
        "principal": np.full(n, 40_000.0),
        "exit": np.full(n, ""),
        "exit_on": pl.Series([None] * n, dtype=pl.Date),
    }
    for k in (1, 2, 3):
        columns[f"due_{k}_on"] = paid_out + np.timedelta64(30 * k, "D")
        columns[f"open_{k}"] = rng.choice(np.array([0, 5, 40], np.int32), n, p=[0.9, 0.07, 0.03])
    for x in (0, 30, 60, 90):
        hit = rng.random(n) < 0.2 - x / 500
        on = paid_out + rng.integers(x + 1, 700, n).astype("timedelta64[D]")
        columns[f"over_{x}_on"] = pl.Series(on).set(pl.Series(~hit), None)
        columns[f"back_{x}_on"] = pl.Series(on + np.timedelta64(20, "D")).set(
            pl.Series(~hit | (rng.random(n) < 0.5)), None
        )
        columns[f"balance_{x}"] = np.where(hit, 20_000.0, np.nan)
    return pl.DataFrame(columns)


def write(loans: int, folder: Path) -> int:
    """Write the rows of `loans` loans; returns the number of states."""
    rows = 0
    for name in FRAMES:
        (folder / name).mkdir(parents=True)
    for number, first in enumerate(range(0, loans, PART)):
        frames = made(min(PART, loans - first), first, number)
        rows += len(frames["states"])
        for name, frame in frames.items():
            frame.write_parquet(folder / name / f"part-{number:05d}.parquet", compression="lz4")
    for name, schema in EMPTY.items():
        pl.DataFrame(schema=schema).write_parquet(folder / name / "part-00000.parquet")
    return rows


def main() -> None:
    """Measure, print, and write the section of the page if asked."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--full", action="store_true", help="a million loans")
    parser.add_argument("--write", type=Path, help="page to write the section into")
    arguments = parser.parse_args()
    lines = []
    for loans in (100_000, 1_000_000) if arguments.full else (20_000, 100_000):
        with tempfile.TemporaryDirectory() as name:
            states = write(loans, Path(name) / "rows")
            begun, spent = time.perf_counter(), time.process_time()
            rows = read_rows(Path(name) / "rows")
            read = time.perf_counter() - begun
            pack = figures(rows)
            seconds = time.perf_counter() - begun
            cpu = time.process_time() - spent
            del rows
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        lines.append(
            f"| {loans:,} | {states:,} | {read:.1f} | {seconds:.1f} | {cpu:.1f} | {len(pack.tables)} | {peak:,.0f} |"
        )
        print(lines[-1], flush=True)
    section = f"""## The state of the book

Measured on {date.today()} by `python -m benchmarks.portfolio`: {os.cpu_count()} cores, {platform.machine()}; every
figure of the monthly pack from month-end states of {MONTHS} months in Parquet. The peak includes making the rows.

| loans | states | reading s | in all s | CPU s | figures | peak MiB |
| -- | -- | -- | -- | -- | -- | -- |
{chr(10).join(lines)}
"""
    if arguments.write:
        replace_section(arguments.write, "The state of the book", section)


if __name__ == "__main__":
    main()
