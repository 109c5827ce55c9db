"""What does training cost beside a bare `lightgbm.train`, and how much memory do millions of rows need?

    python -m benchmarks.training                                    # minutes
    python -m benchmarks.training --write docs/performance.md

Rows are those of a small simulated book, repeated and moved a little; the whole catalogue. The overhead is measured on
the same arrays, CPU seconds and wall time; the large run streams Parquet files into LightGBM's bins in a process of its
own.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import date
from pathlib import Path

import lightgbm
import numpy as np
import polars as pl

from benchmarks.page import replace_section
from benchmarks.plain_book import full_book
from features.catalogue import CATALOGUE
from training.config import Config
from training.fit import Slice, booster_parameters, fit
from training.measured import batches
from training.spool import Spool

OVERHEAD_ROWS, LARGE, BLOCK = 200_000, 5_000_000, 250_000
FEW_TREES = 10
SEED = 3


def small_panel(folder: Path) -> np.ndarray:
    """Features of a simulated book's month ends, (n, k) float32."""
    from benchmarks.plain_book import month_end_days
    from book.load import load, open_book
    from features.measuring import in_chunks

    book = open_book(full_book(folder, 1_000))
    days = np.array([day.as_of for day in month_end_days()], np.int32)
    frames = [
        frame
        for part in book.parts
        for frame in in_chunks(load(part, book.settings).tables, days, book.settings, CATALOGUE)
    ]
    return pl.concat(frames).select(CATALOGUE.names).to_numpy().astype(np.float32)


def enlarged(panel: np.ndarray, rows: int) -> tuple[np.ndarray, np.ndarray]:
    """`rows` rows drawn from a panel, each value moved by up to 1 %, and outcomes that follow some of the columns."""
    random = np.random.default_rng(SEED)
    x = panel[random.integers(0, len(panel), rows)]
    x *= random.uniform(0.99, 1.01, x.shape).astype(np.float32)
    told = np.nan_to_num(x[:, :12] / (np.nanstd(panel[:, :12], axis=0) + 1e-6))
    score = told @ np.array([0.2, -0.1] * 6)
    return x, (random.random(rows) < 1 / (1 + np.exp(3 - score + score.mean()))).astype(float)


def timed(work: Callable[[], object]) -> tuple[float, float]:
    """Wall and CPU seconds."""
    wall, used = time.perf_counter(), time.process_time()
    work()
    return time.perf_counter() - wall, time.process_time() - used


def overhead(panel: np.ndarray, rows: int, trees: int) -> dict[str, float]:
    """Wall and CPU seconds of `lightgbm.train` alone and of ours, early stopping in both; best of two each."""
    x, y = enlarged(panel, rows)
    config = Config(rounds=trees, patience=trees)
    parameters = booster_parameters(config, CATALOGUE.monotone)
    cut = int(rows * 0.85)

    def bare() -> None:
        data = lightgbm.Dataset(x[:cut], y[:cut], feature_name=list(CATALOGUE.names), params=parameters)
        stop = lightgbm.Dataset(x[cut:], y[cut:], reference=data, params=parameters)
        calls = [lightgbm.early_stopping(config.patience, verbose=False)]
        lightgbm.train(dict(parameters), data, config.rounds, [stop], callbacks=calls)

    def ours() -> None:
        train, stop = (Slice(x, at, y[at]) for at in (np.arange(cut), np.arange(cut, rows)))
        fit(train, stop, CATALOGUE.names, CATALOGUE.monotone, config)

    turns = [(timed(bare), timed(ours)) for _ in range(2)]
    best = [[min(turn[who][kind] for turn in turns) for kind in range(2)] for who in range(2)]
    return {"rows": rows, "trees": trees, "bare": best[0][0], "ours": best[1][0], "cpu": best[1][1] / best[0][1]}


def large_run(block: Path, rows: int) -> dict[str, float]:
    """Rows of a Parquet file, read again and again, into bins and a few trees; peak resident MiB of this process."""
    names = CATALOGUE.names
    begun = time.perf_counter()
    spool = Spool(len(names))
    outcomes: list[np.ndarray] = []
    taken = 0
    while taken < rows:
        for _, x in batches(block, names):
            spool.add(x)
            outcomes.append((np.nan_to_num(x[:, 0]) + np.arange(len(x)) % 17 > 16).astype(float))
            taken += len(x)
    x, y = spool.matrix(), np.concatenate(outcomes)
    read = time.perf_counter() - begun
    train, stop = (Slice(x, at, y[at]) for at in (np.arange(len(y) - 100_000), np.arange(len(y) - 100_000, len(y))))
    fit(train, stop, names, CATALOGUE.monotone, Config(rounds=FEW_TREES))
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return {"rows": len(y), "read": read, "seconds": time.perf_counter() - begun, "peak": peak, "map": x.nbytes / 2**20}


def report(small: dict[str, float], large: dict[str, float]) -> str:
    """The section of the page."""
    machine = f"{os.cpu_count()} cores, {platform.machine()}, Python {platform.python_version()}"
    return f"""## Training

Measured on {date.today()} by `python -m benchmarks.training`: {machine}; load average at the end
{os.getloadavg()[0]:.1f}. Ratios within this run are the figures to defend.

- Overhead: {small["rows"]:,.0f} rows x {len(CATALOGUE.names)} columns, {small["trees"]:.0f} trees, early stopping.
  `lightgbm.train` on the arrays {small["bare"]:.1f} s, ours {small["ours"]:.1f} s (best of two each):
  {small["ours"] / small["bare"]:.2f} x its wall time, {small["cpu"]:.2f} x its CPU seconds.
- Memory: {large["rows"]:,.0f} rows x {len(CATALOGUE.names)} columns streamed from Parquet, {FEW_TREES} trees:
  {large["seconds"]:.0f} s, of which {large["read"]:.0f} s reading; peak {large["peak"]:,.0f} MiB resident.
  Up to {large["map"]:,.0f} MiB of these are pages of the temporary file that the system may take back at any time.
"""


def main() -> None:
    """Measure, print, and write the page where asked to."""
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--rows", type=int, default=LARGE, help="rows of the large run")
    options.add_argument("--overhead-rows", type=int, default=OVERHEAD_ROWS)
    options.add_argument("--trees", type=int, default=100, help="trees of the overhead run")
    options.add_argument("--block", type=Path, help=argparse.SUPPRESS)
    options.add_argument("--write", type=Path, help="page to write the section `Training` of")
    chosen = options.parse_args()
    os.environ.setdefault("LOANWATCH_DEMO", "1")
    if chosen.block:
        print(json.dumps(large_run(chosen.block, chosen.rows)))
        return
    with tempfile.TemporaryDirectory(prefix="loanwatch-bench-") as made:
        panel = small_panel(Path(made))
        small = overhead(panel, chosen.overhead_rows, chosen.trees)
        block = Path(made) / "block.parquet"
        x, _ = enlarged(panel, min(BLOCK, chosen.rows))
        frame = pl.DataFrame(x, schema=list(CATALOGUE.names)).with_columns(loan_id=pl.lit("L1"))
        frame.write_parquet(block, compression="zstd")
        command = [sys.executable, "-m", "benchmarks.training", "--block", str(block), "--rows", str(chosen.rows)]
        large = json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)
    text = report(small, large)
    print(text)
    if chosen.write:
        replace_section(chosen.write, "Training", text)


if __name__ == "__main__":
    main()
