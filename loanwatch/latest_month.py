"""The latest month of a book that can be scored."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np
import polars as pl

from book.clock import month_end, month_of
from book.errors import Refusal
from book.load import Book

_EPOCH = date(1970, 1, 1)


def last_month_end(book: Book) -> int:
    """The last month end that the records of the book cover, days since 1970-01-01.

    Records reach to `received_at` of the settings, else to the last payment; Refusal where there is neither.
    """
    received = book.settings.received_at
    last = _last_payment(book) if received is None else _local_day(received, book.settings.timezone)
    month = month_of(np.array([last]))
    end = int(month_end(month)[0])
    return end if end == last else int(month_end(month - 1)[0])


def _local_day(stamp: int, zone: str) -> int:
    moment = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=stamp)
    return (moment.astimezone(ZoneInfo(zone)).date() - _EPOCH).days


def _last_payment(book: Book) -> int:
    days = []
    for path in (path for part in book.parts for path in part.files.get("payments", ())):
        scan = pl.scan_csv(path, infer_schema=False) if path.suffix == ".csv" else pl.scan_parquet(path)
        latest = scan.select(pl.col("paid_on").cast(pl.String).max()).collect().item()
        if latest is not None:
            days.append((date.fromisoformat(latest[:10]) - _EPOCH).days)
    if not days:
        raise Refusal(f"{book.folder}: no latest month; got: no payments and no received_at in book.toml")
    return max(days)
