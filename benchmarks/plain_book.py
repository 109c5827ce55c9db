"""The book that all contenders measure: simulated loans with one schedule each, and the month ends asked for."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from shutil import rmtree

import numpy as np
import polars as pl

from book.clock import end_of_day, month_end, months_before
from book.sources.simulate import Plan, simulate
from book.workers import cores

START, MONTHS, LAST = "2021-01", 36, 18
TABLES = ("loans", "instalments", "payments", "loan_events", "cashflow")
ZONE = "Asia/Shanghai"
SEED = 7


@dataclass(frozen=True)
class Day:
    """A month end: its number, the day 0 to 12 months before (`edges`), and when its day ends (UTC microseconds)."""

    as_of: int
    edges: tuple[int, ...]
    cutoff: int


def month_end_days(count: int = LAST) -> list[Day]:
    """The last `count` month ends of the book."""
    first = int(np.datetime64(START, "M").astype(np.int64)) + MONTHS - count
    ends = month_end(np.arange(first, first + count))
    edges = months_before(ends[:, None], np.arange(13))
    return [
        Day(int(end), tuple(map(int, row)), int(cut))
        for end, row, cut in zip(ends, edges, end_of_day(ends, ZONE), strict=True)
    ]


def full_book(folder: Path, loans: int, seed: int = SEED) -> Path:
    """A simulated book of all tables, 5 % of its rows posted late; made once per folder."""
    return _made(folder / f"book-{loans}", Plan(loans, MONTHS, seed, START, part_loans=1_500))


def long_book(folder: Path, loans: int, tables: tuple[str, ...] | None = TABLES) -> Path:
    """The same, of loans that are there on all 18 month ends unless they end early; of `tables` only (None: of all).

    They are paid out before the first of the month ends and run past the last: what is missing to 18 observations a
    loan was prepaid, written off or a closed credit line. An account books about twelve rows a month for 36 months.
    """
    plan = Plan(loans, MONTHS, SEED, START, part_loans=1_250, lent_months=MONTHS - LAST, shortest_term=MONTHS)
    return _made(folder / f"{'long' if tables else 'all'}-{loans}", plan, tables)


def _made(out: Path, plan: Plan, tables: tuple[str, ...] | None = None) -> Path:
    if not (out / "book.toml").exists():
        rmtree(out, ignore_errors=True)
        draft = out.with_name(out.name + ".all")
        simulate(plan, draft, workers=cores())
        for path in draft.glob("part-*/*.parquet"):
            if tables and path.stem not in tables:
                path.unlink()
        draft.rename(out)
    return out


def plain_book(book: Path, out: Path) -> Path:
    """The loans of `book` with one schedule version and no revolving credit, as one part of the five tables.

    What pandas and Polars can say in some hundred lines: versions, restructures and credit lines are left out.
    """
    rmtree(out, ignore_errors=True)
    target = out / "part-00000"
    target.mkdir(parents=True)
    kept = pl.scan_parquet(book / "part-*" / "loans.parquet").filter(pl.col("repayment_type") != "revolving")
    later = pl.scan_parquet(book / "part-*" / "instalments.parquet").filter(pl.col("schedule_version") > 1)
    loans = kept.join(later, on="loan_id", how="anti").collect()
    loans.write_parquet(target / "loans.parquet")
    for name in TABLES[1:]:
        owner = "borrower_id" if name == "cashflow" else "loan_id"
        rows = pl.scan_parquet(book / "part-*" / f"{name}.parquet")
        rows.join(loans.lazy().select(owner).unique(), on=owner, how="semi").sink_parquet(target / f"{name}.parquet")
    (out / "book.toml").write_text((book / "book.toml").read_text())
    return out
