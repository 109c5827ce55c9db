"""The monthly pack as a folder: one page, a CSV file a figure, and the loans behind the figures."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import polars as pl

from monitoring.portfolio.figures import FPD_DAYS, Pack
from monitoring.portfolio.gather import Rows
from reports.book.page import book_page

PAGE = "index.html"


def write_pack(pack: Pack, rows: Rows, out: Path, currency: str, timezone: str) -> Path:
    """Write the pack into the folder `out`, whole or not at all; an earlier pack there is replaced. Returns the page.

    The CSV files are UTF-8 with a mark, so that spreadsheets read Chinese; money in major units, shares as decimals.
    """
    work = out.with_name(out.name + ".part")
    shutil.rmtree(work, ignore_errors=True)
    (work / "rows").mkdir(parents=True)
    for name, table in pack.tables.items():
        _csv(table, work / f"{name}.csv")
    for name, table in behind(pack, rows).items():
        _csv(table, work / "rows" / f"{name}.csv")
    (work / PAGE).write_text(book_page(pack, currency, timezone), "utf-8")
    shutil.rmtree(out, ignore_errors=True)
    os.replace(work, out)
    return out / PAGE


def behind(pack: Pack, rows: Rows) -> dict[str, pl.DataFrame]:
    """The loans behind figures of the last month end, by name of their file."""
    now = rows.states.filter((pl.col("as_of") == pack.on) & (pl.col("exit") == ""))
    facts = rows.lives.select("loan_id", "borrower_id", "product", "channel", "region")
    held = ("loan_id", "bucket", "dpd", "principal_outstanding", "unpaid_due")
    tables = {
        "late_loans": now.filter(pl.col("dpd") > 0).select(held).join(facts, on="loan_id", how="left"),
        "moves": _moved(rows.states, pack),
        "defaults": rows.lives.filter(_defaulted(pack)),
    }
    for days in FPD_DAYS:
        missed = pl.any_horizontal(pl.col(f"open_{k}") > days for k in (1, 2, 3))
        due = [name for k in (1, 2, 3) for name in (f"due_{k}_on", f"open_{k}")]
        tables[f"first_payments_{days}"] = rows.lives.filter(missed).select("loan_id", "disbursed_on", *due)
    return {name: table.sort("loan_id") for name, table in tables.items()}


def _moved(states: pl.DataFrame, pack: Pack) -> pl.DataFrame:
    """Loans that changed their state in the last month."""
    months = states["as_of"].unique().sort().to_list()
    start, end = (states.filter(pl.col("as_of") == month) for month in (months[max(len(months) - 2, 0)], pack.on))
    then = start.filter(pl.col("exit") == "").select("loan_id", "bucket", "principal_outstanding")
    now = end.select("loan_id", to=pl.when(pl.col("exit") == "").then("bucket").otherwise("exit"))
    both = then.rename({"bucket": "from", "principal_outstanding": "balance"}).join(now, on="loan_id", how="left")
    return both.filter(pl.col("from").ne_missing(pl.col("to"))).select("loan_id", "from", "to", "balance")


def _defaulted(pack: Pack) -> pl.Expr:
    gone = pl.when(pl.col("exit") == "WRITTEN_OFF").then(pl.col("exit_on"))
    first = pl.min_horizontal("over_90_on", gone)
    return (first > pack.year_before) & (first <= pack.on)


def _csv(table: pl.DataFrame, path: Path) -> None:
    table.write_csv(path, include_bom=True)
