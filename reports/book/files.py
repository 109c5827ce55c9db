"""The monthly pack as a folder: one page, a CSV file a figure, and the loans behind the figures."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import polars as pl

from monitoring.portfolio.decided import Decided, judged_alerts
from monitoring.portfolio.figures import FPD_DAYS, Pack, all_tasks, serious_events
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
    """The rows behind every figure, by name of their file; most are of the last month end."""
    facts = rows.lives.select("loan_id", "borrower_id", "product", "channel", "region")
    whole = _whole_book(rows, pack)
    tables = {
        "book": whole.join(facts, on="loan_id", how="left"),
        "late_loans": whole.filter(pl.col("dpd") > 0).join(facts, on="loan_id", how="left"),
        "moves": _moved(rows.states, pack),
        "defaults": rows.lives.filter(_defaulted(pack)),
        "cures": rows.lives.filter(pl.col("over_30_on").is_not_null()).select(_CURES),
        "recoveries": rows.collected,
        "cases": rows.cases,
        "tasks": all_tasks(rows, pack.decided).filter(pl.col("due_on") <= pl.col("as_of")),
        "contacts": rows.contacts.filter(pl.col("on").dt.month_end() == pl.col("on").dt.month_end().max()),
    }
    for over in (30, 90):
        past = [f"over_{over}_on", f"balance_{over}"]
        ever = rows.lives.filter(pl.col(past[0]).is_not_null())
        tables[f"vintages_{over}"] = ever.select("loan_id", "disbursed_on", "principal", *past, "exit", "exit_on")
    for days in FPD_DAYS:
        missed = pl.any_horizontal(pl.col(f"open_{k}") > days for k in (1, 2, 3))
        due = [name for k in (1, 2, 3) for name in (f"due_{k}_on", f"open_{k}")]
        tables[f"first_payments_{days}"] = rows.lives.filter(missed).select("loan_id", "disbursed_on", *due)
    if pack.decided is not None:
        tables |= _decided(pack.decided, rows, pack)
    return {name: table.sort(table.columns[0]) for name, table in tables.items()}


_CURES = ("loan_id", "over_30_on", "balance_30", "back_30_on", "exit", "exit_on")


def _whole_book(rows: Rows, pack: Pack) -> pl.DataFrame:
    """Every loan on the book now or a month before: state now and then, months left to maturity."""
    held = ["loan_id", "bucket", "dpd", "principal_outstanding", "unpaid_due"]
    now = rows.states.filter((pl.col("as_of") == pack.on) & (pl.col("exit") == "")).select(held)
    months = rows.states["as_of"].unique().sort().to_list()
    then = rows.states.filter((pl.col("as_of") == months[max(len(months) - 2, 0)]) & (pl.col("exit") == ""))
    before = then.select("loan_id", bucket_before="bucket", principal_before="principal_outstanding")
    both = now.join(before, on="loan_id", how="full", coalesce=True)
    return both.join(rows.lives.select("loan_id", "maturity_on"), on="loan_id", how="left")


def _decided(decided: Decided, rows: Rows, pack: Pack) -> dict[str, pl.DataFrame]:
    """Loans with their class and tier at the nights that are compared, and alerts with what followed."""
    found = {}
    nights = {name: getattr(decided, name) for name in ("now", "before", "opening")}
    told = [
        night.rows.select("loan_id", pl.col("five_class", "tier", "balance").name.suffix(f"_{name}"))
        for name, night in nights.items()
        if night is not None
    ]
    if told:
        classes = told[0]
        for more in told[1:]:
            classes = classes.join(more, on="loan_id", how="full", coalesce=True)
        found["classes"] = classes
    if len(decided.alerts):
        found["alerts"] = judged_alerts(decided, serious_events(rows.lives), pack.on)
    return found


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
    """Text that a spreadsheet would take for a formula gets an apostrophe in front."""
    words = pl.col(pl.String)
    formula = words.str.contains(r"^[=+\-@\t\r]")
    table.with_columns(pl.when(formula).then(pl.lit("'") + words).otherwise(words).name.keep()).write_csv(
        path, include_bom=True
    )
