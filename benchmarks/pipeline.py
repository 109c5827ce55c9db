"""How fast is the way from tables to scores? Simulates a book and times each step in a process of its own.

    python benchmarks/pipeline.py --loans 5000

Each step is one run of the `loanwatch` command, start-up included, with its wall time and peak memory. A first
run on a machine compiles kernels for some seconds; they are cached on disk.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

AS_OF = "2024-12-31"
START, MONTHS = "2021-01", 48


def steps(folder: Path, loans: int) -> list[tuple[str, list[str]]]:
    """The commands in their order, by name; all write into `folder`."""
    book, models = str(folder / "book"), str(folder / "models")
    return [
        ("simulate", [book, "--loans", str(loans), "--months", str(MONTHS), "--start", START]),
        ("check", [book, "--demo"]),
        ("features", [book, "--from", "2024-01", "--to", "2024-12", "--out", str(folder / "panel"), "--demo"]),
        ("train", [book, "--out", models, "--mlflow-dir", str(folder / "mlflow"), "--demo"]),
        ("score", [book, "--as-of", AS_OF, "--models", models, "--out", str(folder / "scores"), "--demo"]),
    ]


def timed(command: list[str]) -> tuple[float, float]:
    """Seconds and peak memory in MiB of one command; its output is shown only where it fails."""
    begun = time.perf_counter()
    child = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    output = child.stdout.read() if child.stdout else ""
    _, status, usage = os.wait4(child.pid, 0)
    if status:
        raise SystemExit(f"{' '.join(command)}\n{output}")
    return time.perf_counter() - begun, usage.ru_maxrss / 1024


def main() -> None:
    """Measure and print."""
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--loans", type=int, default=5_000)
    options.add_argument("--keep", type=Path, help="folder to keep book, models and scores in")
    chosen = options.parse_args()
    with tempfile.TemporaryDirectory() as made:
        folder = chosen.keep or Path(made)
        print(f"{chosen.loans:,} loans x {MONTHS} months on {os.cpu_count()} cores")
        print(f"{'step':10}{'seconds':>9}{'loans a second':>16}{'peak MiB':>10}")
        for name, arguments in steps(folder, chosen.loans):
            seconds, memory = timed([sys.executable, "-m", "loanwatch", name, *arguments])
            print(f"{name:10}{seconds:>9.1f}{chosen.loans / seconds:>16,.0f}{memory:>10,.0f}", flush=True)


if __name__ == "__main__":
    main()
