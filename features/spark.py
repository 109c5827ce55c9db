"""The panel on Apache Spark: the same measures over a book of any size, to the same bits."""

from __future__ import annotations

import gc
import json
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import polars as pl
import pyarrow as pa
from pyspark.sql import DataFrame, Observation
from pyspark.sql import functions as sql

from book.errors import Refusal
from book.load.part import Loaded
from book.load.spark import Batches, Work, content, listed
from book.request import decode, example
from book.settings import Settings
from book.spark import SparkBook, by_borrower, portable, remove_file, write_file
from features.catalogue import CATALOGUE, Catalogue
from features.context import Context
from features.coverage import coverage
from features.foresight import refuse_foresight
from features.measuring import Days, in_chunks, measure, month_ends
from features.parts import Counts, observed_in
from features.sent import SentCatalogue

MANIFEST = "_manifest.json"  # a name that pandas, DuckDB and Spark pass over when they read the folder
COUNTS = "_counts"


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
    return _only_rows(_counted(book, first, last, SentCatalogue.of(own), context, buckets))


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
    """Write `panel` as Parquet into `out`/as_of=DATE/, then `out`/_manifest.json, which is returned.

    `out` is a path or an address that Spark writes. The manifest is that of `features.panel.write_panel` and comes
    last: without it the panel is not whole. What a stopped run of the same plan has left is written over; a panel of
    the same plan that is there already is returned as it is. Raises Refusal where `out` holds anything else.
    """
    place, spark, sent = str(out).rstrip("/"), book.spark, SentCatalogue.of(own)
    catalogue = sent.opened()
    plan = _plan(book, first, last, catalogue, context)
    note = f"{place}.plan.json"
    there = content(spark, f"{place}/{MANIFEST}")
    if there and all(json.loads(there).get(name) == value for name, value in plan.items()):
        return dict(json.loads(there))
    left = content(spark, note)
    if listed(spark, place) and (there or left is None or json.loads(left) != plan):
        raise Refusal(f"{place}: holds another panel or other files; allowed is a new folder, or the same plan")
    write_file(spark, note, json.dumps(plan).encode())
    notes = Observation()
    counted = _counted(book, first, last, sent, context, buckets)
    rows = _only_rows(counted.observe(notes, sql.collect_list(COUNTS).alias(COUNTS)))
    rows.write.partitionBy("as_of").option("compression", "zstd").mode("overwrite").parquet(place)
    manifest = {**plan, **_found(notes.get[COUNTS], catalogue)}
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


def _counted(
    book: SparkBook, first: int, last: int, sent: SentCatalogue, context: Context | None, buckets: int | None
) -> DataFrame:
    """The rows of the panel, and for each task a row with nothing but what it has counted, in the column `COUNTS`."""
    work = _measuring(month_ends(first, last), portable(book.settings), sent, context)
    schema = _schema(book, sent.opened()).append(pa.field(COUNTS, pa.string()))
    return by_borrower(book, work, schema, buckets)


def _only_rows(counted: DataFrame) -> DataFrame:
    return counted.filter(sql.col(COUNTS).isNull()).drop(COUNTS)


def _found(notes: Sequence[str], catalogue: Catalogue) -> dict[str, Any]:
    """What was measured, from the counts of all tasks: rows by month, rows of each table, coverage."""
    counts = sum(map(Counts.of_text, notes), Counts.none())
    rows = sum(counts.rows.values())
    return {
        "rows": rows,
        "rows_by_month": dict(sorted(counts.rows.items())),
        "rows_by_table": dict(counts.tables),
        "coverage": coverage(catalogue.everything, counts.observed, rows),
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
    def measuring(loaded: Loaded) -> Batches:
        catalogue, tables = sent.opened(), loaded.tables
        added = tuple(column for column in catalogue.everything if column not in CATALOGUE.everything)
        if added:
            refuse_foresight(added, tables, int(days[len(days) // 2]), settings)
        counts = Counts(Counter(), Counter(loaded.report.rows), Counter())
        for frame in in_chunks(tables, days, settings, catalogue, context=context):
            counts.observed.update(observed_in(frame, catalogue.all_names))
            counts.rows.update({str(day): rows for day, rows in frame.group_by("as_of").len().iter_rows()})
            yield from _arrow(frame.with_columns(pl.lit(None, pl.String).alias(COUNTS))).to_batches()
            gc.collect()  # measures refer to each other: what a chunk took is free only now
        yield from pa.table({COUNTS: [counts.text()]}).to_batches()

    return measuring
