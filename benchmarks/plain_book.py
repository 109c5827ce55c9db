"""The book that all contenders measure: simulated loans with one schedule each, and the month ends asked for."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from shutil import rmtree

import numpy as np
import polars as pl

from book.clock import end_of_day, month_end, months_before
from book.sources.simulate import Plan, simulate

START, MONTHS, LAST = "2021-01", 36, 18
TABLES = ("loans", "instalments", "payments", "loan_events", "cashflow")
ZONE = "Asia/Shanghai"
PART_LOANS = 1_250


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


def full_book(folder: Path, loans: int, seed: int = 7) -> Path:
    """A simulated book of the five `TABLES`, 5 % of its rows posted late; made once per folder.

    Loans are paid out before the first of the month ends and run past the last, so that most are there on all 18:
    what is missing to 18 observations a loan was prepaid, written off or a closed credit line. An account books about
    twelve rows a month, over 36 months.
    """
    return simulated(folder / f"book-{loans}", loans, seed, TABLES)


def book_of_all_tables(folder: Path, loans: int, seed: int = 7) -> Path:
    """The same with all tables that the simulator makes."""
    return simulated(folder / f"all-{loans}", loans, seed, None)


def simulated(out: Path, loans: int, seed: int, tables: tuple[str, ...] | None) -> Path:
    """The simulated book in `out`, of all tables or only of `tables`; made if it is not there."""
    if not (out / "book.toml").exists():
        rmtree(out, ignore_errors=True)
        plan = Plan(
            loans, MONTHS, seed, START, part_loans=PART_LOANS, lent_months=MONTHS - LAST, shortest_term=MONTHS
        )
        draft = out.with_name(out.name + ".all")
        simulate(plan, draft, workers=os.cpu_count() or 1)
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
