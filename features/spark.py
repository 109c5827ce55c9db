"""The panel on Apache Spark: the same measures over a book of any size, to the same bits."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import polars as pl
import pyarrow as pa
from pyspark.sql import DataFrame
from pyspark.sql import functions as sql

from book.errors import Refusal
from book.load.spark import Batches, Work, content, listed
from book.request import decode, example
from book.settings import Settings
from book.spark import SparkBook, by_borrower, portable, remove_file, write_file
from book.tables import Tables
from features.catalogue import CATALOGUE, Catalogue
from features.context import Context
from features.coverage import coverage
from features.foresight import refuse_foresight
from features.measuring import Days, in_chunks, measure, month_ends
from features.sent import SentCatalogue

MANIFEST = "manifest.json"


def panel(
    book: SparkBook,
    first: int,
    last: int,
    *,
    own: Sequence[Path | str] = (),
    context: Context | None = None,
    buckets: int | None = None,
) -> DataFrame:
    """The panel rows of every loan at every month end from day `first` to day `last`, in no order.

    Columns and values are those of `features.panel`, to the bit. The Python files `own` and the figures of cohorts are
    sent along; the executors have the package itself. Raises FeatureRefused where one of the files cannot be used.
    """
    sent = SentCatalogue.of(own)
    work = _measuring(month_ends(first, last), portable(book.settings), sent, context)
    return by_borrower(book, work, _schema(book, sent.opened()), buckets)


def write_panel(
    book: SparkBook,
    first: int,
    last: int,
    out: Path | str,
    *,
    own: Sequence[Path | str] = (),
    context: Context | None = None,
    buckets: int | None = None,
) -> dict[str, Any]:
    """Write `panel` as Parquet into `out`/as_of=DATE/, then `out`/manifest.json, which is returned.

    `out` is a path or an address that Spark writes. The manifest is that of `features.panel.write_panel` and comes
    last: without it the panel is not whole. What a stopped run of the same plan has left is written over; a panel of
    the same plan that is there already is returned as it is. Raises Refusal where `out` holds anything else.
    """
    place, spark = str(out).rstrip("/"), book.spark
    catalogue = SentCatalogue.of(own).opened()
    plan = _plan(book, first, last, catalogue, context)
    note = f"{place}.plan.json"
    there = content(spark, f"{place}/{MANIFEST}")
    if there and all(json.loads(there).get(name) == value for name, value in plan.items()):
        return dict(json.loads(there))
    left = content(spark, note)
    if listed(spark, place) and (there or left is None or json.loads(left) != plan):
        raise Refusal(f"{place}: holds another panel or other files; allowed is a new folder, or the same plan")
    write_file(spark, note, json.dumps(plan).encode())
    rows = panel(book, first, last, own=own, context=context, buckets=buckets)
    rows.write.partitionBy("as_of").option("compression", "zstd").mode("overwrite").parquet(place)
    manifest = {**plan, **_found(book, place, catalogue)}
    write_file(spark, f"{place}/{MANIFEST}", json.dumps(manifest, indent=1).encode())
    remove_file(spark, note)
    return manifest


def _plan(book: SparkBook, first: int, last: int, catalogue: Catalogue, context: Context | None) -> dict[str, Any]:
    """What a panel is of, as in the manifest of one machine. The book of tables that are no files has no hash."""
    return {
        "book": book.hash(),
        "catalogue": catalogue.fingerprint,
        "context": context.hash if context else None,
        "months": [str(day) for day in month_ends(first, last).astype("datetime64[D]")],
        "cutoff": f"end of each day in {book.settings.timezone}",
        "columns": list(catalogue.all_names),
    }


def _found(book: SparkBook, place: str, catalogue: Catalogue) -> dict[str, Any]:
    """What was written: rows by month, rows of each table, and the share of values observed, counted by Spark."""
    seen = [sql.count_if(~sql.isnan(name)).alias(name) for name in catalogue.all_names]
    written = book.spark.read.parquet(place).groupBy("as_of").agg(sql.count("*").alias("_rows"), *seen)
    months = written.orderBy("as_of").collect()
    rows = sum(month["_rows"] for month in months)
    observed = {name: sum(month[name] for month in months) for name in catalogue.all_names}
    return {
        "rows": rows,
        "rows_by_month": {str(month["as_of"]): month["_rows"] for month in months},
        "rows_by_table": book.rows(),
        "coverage": coverage(catalogue.everything, observed, rows),
    }


def _schema(book: SparkBook, catalogue: Catalogue) -> pa.Schema:
    """The columns of the panel: those of the worked example of a request, measured here."""
    request = decode(msgspec.json.encode(example()), Settings(), book.pseudonyms)
    days = np.full(len(request.loans), request.as_of, np.int32)
    schema = _arrow(measure(request.tables, request.loans, days, Settings(), catalogue)).schema
    return pa.schema([f.with_type(pa.string()) if pa.types.is_large_string(f.type) else f for f in schema])


def _arrow(frame: pl.DataFrame) -> pa.Table:
    return frame.to_arrow(compat_level=pl.CompatLevel.oldest())


def _measuring(days: Days, settings: Settings, sent: SentCatalogue, context: Context | None) -> Work:
    def measuring(tables: Tables) -> Batches:
        catalogue = sent.opened()
        added = tuple(column for column in catalogue.everything if column not in CATALOGUE.everything)
        if added:
            refuse_foresight(added, tables, int(days[len(days) // 2]), settings)
        for frame in in_chunks(tables, days, settings, catalogue, context=context):
            yield from _arrow(frame).to_batches()

    return measuring
