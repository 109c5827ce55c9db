"""Month-end states from a panel that `loanwatch features` wrote, in place of measuring them again."""

from __future__ import annotations

import json
from pathlib import Path

import polars as pl
import pyarrow.parquet as pq

from book.errors import Refusal
from book.load import Book
from features.measuring import Days
from features.panel import MANIFEST

COLUMNS = (
    *("loan_id", "as_of", "status", "bucket", "dpd", "principal_outstanding", "unpaid_due"),
    *("exit", "due_in_month", "instalments_due", "instalments_late"),
)


def refuse_other(panel: Path, book: Book, days: Days) -> None:
    """Refusal where `panel` is no panel of this book with all month ends `days` and the columns of states."""
    path = panel / MANIFEST
    if not path.is_file():
        raise Refusal(f"{panel}: holds no panel; got no {MANIFEST}; make one with `loanwatch features BOOK`")
    told = json.loads(path.read_text("utf-8"))
    if told["book"] != book.hash():
        raise Refusal(f"{panel}: is of another book ({str(told['book'])[:12]}, not {book.hash()[:12]})")
    lacking = [day for day in _names(days) if day not in told["months"]]
    if lacking:
        raise Refusal(f"{panel}: lacks {len(lacking)} of {len(days)} months, {lacking[0]} the first; allowed: all")
    some = next(iter(panel.glob("as_of=*/*.parquet")), None)
    missing = [name for name in COLUMNS if some is not None and name not in pq.read_schema(some).names]
    if missing:
        raise Refusal(f"{panel}: was made before panels held {', '.join(missing)}; make it anew")


def copy_states(panel: Path, days: Days, out: Path) -> None:
    """The columns of states of the months `days` into the folder `out`, a file a month."""
    for day in _names(days):
        files = sorted((panel / f"as_of={day}").glob("*.parquet"))
        if files:
            rows = pl.read_parquet(files, columns=list(COLUMNS), hive_partitioning=False)
            rows = rows.with_columns(pl.col("principal_outstanding").fill_nan(0.0))
            rows.select(COLUMNS).write_parquet(out / f"part-{day}.parquet", compression="lz4")


def _names(days: Days) -> list[str]:
    return [str(day) for day in days.astype("datetime64[D]")]
