"""Features on Spark against one machine: observations per second, cost of a million, and the ratio in one run.

    python -m benchmarks.spark --loans 20000 --months 18

The book is simulated, with 5 % late rows. Both ways start from Parquet and write Parquet. Each is run twice and the
second run counts: kernels are compiled and Spark's Python processes have begun.
"""

from __future__ import annotations

import argparse
import os
import shutil
import time
from collections.abc import Callable
from pathlib import Path
from tempfile import mkdtemp

import numpy as np

from book.clock import month_end
from book.load import open_book
from book.sources.simulate import Plan, simulate
from book.spark import open_spark_book, session
from features import panel
from features import spark as on_spark

MILLION = 1_000_000
START = 2021


def second(run: Callable[[Path], object], out: Path) -> float:
    """Seconds that the second of two runs takes."""
    took = 0.0
    for _ in range(2):
        shutil.rmtree(out, ignore_errors=True)
        begun = time.perf_counter()
        run(out)
        took = time.perf_counter() - begun
    return took


def main() -> None:
    """Measure and print."""
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--loans", type=int, default=20_000)
    options.add_argument("--months", type=int, default=18, help="month ends in the panel")
    options.add_argument("--cores", type=int, default=2)
    options.add_argument("--price", type=float, default=0.05, help="of a core hour, any currency")
    asked = options.parse_args()
    os.environ.setdefault("LOANWATCH_DEMO", "1")
    folder = Path(mkdtemp(prefix="loanwatch-"))
    try:
        report(asked, folder)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def report(asked: argparse.Namespace, folder: Path) -> None:
    """Measure in `folder` and print one table."""
    book = simulate(Plan(loans=asked.loans, months=asked.months + 12), folder / "book")
    begin = (START - 1970) * 12 + 12
    first, last = month_end(np.array([begin, begin + asked.months - 1])).tolist()
    spark = session(f"local[{asked.cores}]")
    spark.sparkContext.setLogLevel("ERROR")
    opened = open_spark_book(spark, book)
    took = {
        "one machine": second(
            lambda out: panel.write_panel(open_book(book), first, last, out, workers=asked.cores), folder / "one"
        ),
        f"Spark local[{asked.cores}]": second(
            lambda out: on_spark.write_panel(opened, first, last, out), folder / "two"
        ),
    }
    rows = panel.read(folder / "two", ["loan_id"]).height
    assert rows == panel.read(folder / "one", ["loan_id"]).height
    alone = took["one machine"]
    print(f"{asked.loans:,} loans, {asked.months} month ends, {rows:,} observations, load {os.getloadavg()[0]:.1f}")
    print(f"{'':<18}{'s':>8}{'obs/s':>12}{'core s / million':>18}{'cost / million':>16}{'x one machine':>15}")
    for name, seconds in took.items():
        core = seconds * asked.cores / rows * MILLION
        cost = core / 3600 * asked.price
        print(f"{name:<18}{seconds:>8.1f}{rows / seconds:>12,.0f}{core:>18,.0f}{cost:>16.4f}{seconds / alone:>15.2f}")


if __name__ == "__main__":
    main()
