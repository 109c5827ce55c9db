"""Our engine, pandas and Polars on the same columns: first checked equal, then timed."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import polars as pl

from benchmarks.plain_book import full_book, plain_book

CHECKED = 500
KEYS = ("loan_id", "as_of")


@dataclass(frozen=True)
class Contest:
    """Figures by contender: seconds of `read` and `features`, `rows`, and `peak` MiB."""

    loans: int
    columns: int
    figures: Mapping[str, Mapping[str, float]]


def contest(folder: Path, loans: int) -> Contest:
    """Check all contenders on a small book, then time them on one made of `loans` simulated loans."""
    small = plain_book(full_book(folder, CHECKED), folder / "plain-checked")
    columns = agreed(small)
    book = plain_book(full_book(folder, loans), folder / "plain")
    (book / "columns.json").write_text(json.dumps(columns))
    figures = {"ours": run("ours", book, write=book / "asked.parquet")}
    asked = pl.read_parquet(book / "asked.parquet", columns=list(KEYS))
    asked.write_parquet(book / "asked.parquet")
    figures |= {name: run(name, book, repeats=2 if name == "polars" else 1) for name in ("polars", "pandas")}
    n_loans = pl.scan_parquet(book / "part-00000" / "loans.parquet").select(pl.len()).collect().item()
    return Contest(n_loans, len(columns), figures)


def agreed(book: Path) -> list[str]:
    """The columns that all give; SystemExit where a value is not ours within float32."""
    from features.catalogue import CATALOGUE

    (book / "columns.json").write_text(json.dumps(CATALOGUE.all_names))
    run("ours", book, write=book / "ours.parquet", repeats=1)
    ours = pl.read_parquet(book / "ours.parquet").sort(KEYS)
    ours.select(KEYS).write_parquet(book / "asked.parquet")
    names: list[str] = []
    for name in ("polars", "pandas"):
        run(name, book, write=book / f"{name}.parquet", repeats=1)
        theirs = pl.read_parquet(book / f"{name}.parquet").sort(KEYS)
        names = [column for column in theirs.columns if column not in KEYS]
        wrong = [column for column in names if not same(ours[column].to_numpy(), theirs[column].to_numpy())]
        if wrong:
            raise SystemExit(f"{name} differs from ours in {', '.join(wrong)}")
    return names


def same(ours: np.ndarray, theirs: np.ndarray) -> bool:
    """Whether two columns are equal within float32, missing where the other is."""
    return bool(np.allclose(ours, theirs, rtol=1e-5, atol=1e-5, equal_nan=True))


def run(name: str, book: Path, write: Path | None = None, repeats: int = 2) -> dict[str, float]:
    """One contender in a process of its own, its libraries held to one thread."""
    command = [sys.executable, "-W", "ignore", "-m", "benchmarks.contender", name, str(book), "--repeats", str(repeats)]
    threads = dict.fromkeys(("POLARS_MAX_THREADS", "OMP_NUM_THREADS", "ARROW_NUM_THREADS"), "1")
    done = subprocess.run(
        command + (["--write", str(write)] if write else []),
        env={**os.environ, **threads}, capture_output=True, text=True, check=False,
    )  # fmt: skip
    if done.returncode:
        raise SystemExit(f"{name} failed:\n{done.stderr}")
    return dict(json.loads(done.stdout))
