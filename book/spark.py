"""A book of any size on Apache Spark: some borrowers to a task, loaded there as a part of a book is.

The part folders of a book are read by the tasks themselves (`book.load.spark`); tables of any other source are cut
into buckets of borrowers first.
"""

from __future__ import annotations

import os
import shutil
import sys
import warnings
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from functools import reduce
from pathlib import Path
from typing import Any, Final

import polars as pl
import pyarrow as pa
from pyspark.sql import Column, DataFrame, SparkSession
from pyspark.sql import functions as sql
from pyspark.sql.pandas.types import to_arrow_schema

from book.blocks import BUCKET, SOURCE_ROW, cut, joined
from book.check.findings import Findings
from book.contract import TABLES
from book.errors import Refusal, Refused
from book.load.files import raw_frames
from book.load.part import load_frames
from book.load.settings_file import SETTINGS_FILE, parse_settings
from book.load.spark import Batches, FolderTables, PartTask, Work, by_part, content, fitted
from book.pseudonym import Pseudonyms, pseudonyms_from_environment
from book.settings import Settings

LOANS_PER_BUCKET: Final = 5_000  # what one task holds at a time
FEWEST_LOANS: Final = 1_000  # smaller buckets cost more than they bring
_MOST_COLUMNS: Final = 2_000  # a panel is wider than what Spark compiles by default
_BLOCKS: Final = "bucket int, source string, block binary"


@dataclass(frozen=True)
class SparkBook:
    """A book as Spark DataFrames: `tables` by their name in the contract, `settings`, and the key of its ids.

    The key goes to the executors inside the task, is in no plan, no setting and no log.
    """

    tables: Mapping[str, DataFrame]
    settings: Settings = field(default_factory=Settings)
    pseudonyms: Pseudonyms = field(default_factory=pseudonyms_from_environment)

    @property
    def spark(self) -> SparkSession:
        """The session that the tables belong to."""
        return self.tables.spark if isinstance(self.tables, FolderTables) else self.tables["loans"].sparkSession

    @property
    def parts(self) -> tuple[str, ...]:
        """Addresses of its part folders, each with whole borrowers, where it is a folder of them."""
        return self.tables.parts if isinstance(self.tables, FolderTables) else ()

    def hash(self) -> str | None:
        """The hash that the same folder has on one machine; None for tables that are no files, or too large ones."""
        return self.tables.hash() if isinstance(self.tables, FolderTables) else None


def session(master: str) -> SparkSession:
    """A session on `master` ("local[2]", "yarn", "spark://host:7077"), or the one that is there already.

    Raises Refusal where there is no Java.
    """
    if not (os.environ.get("JAVA_HOME") or shutil.which("java")):
        raise Refusal("Spark needs Java 17 or later; got: no java on the path and no JAVA_HOME")
    warnings.filterwarnings("ignore", message="PySpark does not yet fully support pandas", category=FutureWarning)
    if master.startswith("local"):
        os.environ.setdefault("PYSPARK_PYTHON", sys.executable)
    builder = SparkSession.builder.master(master).appName("loanwatch")
    for name, value in (
        ("spark.sql.session.timeZone", "UTC"),
        ("spark.executorEnv.POLARS_MAX_THREADS", "1"),
        ("spark.ui.showConsoleProgress", "false"),
        ("spark.sql.parquet.outputTimestampType", "TIMESTAMP_MICROS"),  # moments as in files of one machine
        ("spark.sql.codegen.maxFields", str(_MOST_COLUMNS)),
    ):
        builder = builder.config(name, value)
    return builder.getOrCreate()


def open_spark_book(spark: SparkSession, folder: str | Path, pseudonyms: Pseudonyms | None = None) -> SparkBook:
    """The book of Parquet files in `folder`, a path or an address that Spark reads (hdfs://, s3a://, abfss://).

    The layout is that of any book: a file or a folder per table, or part-* folders of them, and book.toml. Nothing
    but names is read yet. Raises Refusal where the folder holds no table or its settings cannot be used.
    """
    place = str(folder).rstrip("/")
    tables = FolderTables(spark, place)
    if tables.parts:
        tables.check_first()
    elif not tables:
        raise Refusal(f"{place}: the folder holds no table as Parquet; allowed: {', '.join(TABLES)}")
    else:
        _check(tables)
    found = content(spark, f"{place}/{SETTINGS_FILE}")
    settings = Settings() if found is None else parse_settings(found)
    return SparkBook(tables, settings, pseudonyms or pseudonyms_from_environment())


def write_file(spark: SparkSession, path: str, content: bytes) -> None:
    """Write a small file, on any file system that Spark writes."""
    place = spark._jvm.org.apache.hadoop.fs.Path(path)
    stream = place.getFileSystem(spark._jsc.hadoopConfiguration()).create(place)
    stream.write(bytearray(content))
    stream.close()


def remove_file(spark: SparkSession, path: str) -> None:
    """Remove a file, where it is there."""
    place = spark._jvm.org.apache.hadoop.fs.Path(path)
    place.getFileSystem(spark._jsc.hadoopConfiguration()).delete(place, False)


def portable(settings: Settings) -> Settings:
    """The same settings, fit to be sent to an executor."""
    return replace(settings, posting_lag_days=dict(settings.posting_lag_days))


def _check(tables: Mapping[str, DataFrame]) -> None:
    """Refuse here, before any task runs, what can be seen from names: missing tables and columns."""
    findings = Findings()
    raw_frames({name: pl.DataFrame(schema=table.columns) for name, table in tables.items()}, findings)
    if findings.must_refuse:
        raise Refused(findings.report())


def by_borrower(book: SparkBook, work: Work, schema: pa.Schema, buckets: int | None = None) -> DataFrame:
    """What `work` yields for the tables of some borrowers at a time, for all of them, as one DataFrame of `schema`.

    `work` runs on the executors, with tables loaded as `book.load` does. What a task holds is a batch: it fails with
    every fault found where the contract refuses it. A book in part folders is taken part by part, if there are enough
    of them to keep the executors busy; any other, or one for which `buckets` is given, bucket by bucket.
    """
    busy = book.spark.sparkContext.defaultParallelism
    if buckets is None and len(book.parts) >= busy:
        return by_part(book.spark, book.parts, PartTask(work, portable(book.settings), book.pseudonyms, schema))
    return _by_bucket(book, work, schema, buckets)


def _by_bucket(book: SparkBook, work: Work, schema: pa.Schema, buckets: int | None) -> DataFrame:
    """Every table is cut by borrower (tables of loans through their borrower); a task brings a bucket's rows together.

    There are as many `buckets` as are asked for, by default so many that one holds about `LOANS_PER_BUCKET` loans.
    Results do not depend on it.
    """
    _check(book.tables)
    n = buckets or _buckets(book)
    placed = _placed(book.tables, n)
    schemas = {name: to_arrow_schema(table.drop(BUCKET).schema, timezone="UTC") for name, table in placed.items()}
    blocks = reduce(DataFrame.union, (table.mapInArrow(_cutting(name), _BLOCKS) for name, table in placed.items()))
    task = _task(work, schemas, schema, portable(book.settings), book.pseudonyms)
    result = book.spark.createDataFrame(schema.empty_table()).schema
    return blocks.repartition(n, "bucket").groupBy("bucket").applyInArrow(task, result)


def _buckets(book: SparkBook) -> int:
    loans = book.tables["loans"].count()
    most = -(-loans // FEWEST_LOANS)
    busy = book.spark.sparkContext.defaultParallelism
    return max(1, min(most, max(2 * busy, -(-loans // LOANS_PER_BUCKET))))


def _placed(tables: Mapping[str, DataFrame], n: int) -> dict[str, DataFrame]:
    """The declared columns of each table, the bucket of each row and its place in the source.

    Rows of loans that are not in the book are spread over all buckets, as its other faults are.
    """
    loans = tables["loans"]
    homes = loans.groupBy(_text("loan_id").alias("_loan")).agg(sql.min(_hashed("borrower_id", n)).alias("_home"))
    placed = {}
    for name, table in tables.items():
        if name not in TABLES:
            continue
        declared = table.select(*(column for column in TABLES[name].names if column in table.columns))
        rows = declared.withColumn(SOURCE_ROW, sql.monotonically_increasing_id())
        if TABLES[name].owner == "borrower":
            placed[name] = rows.withColumn(BUCKET, _hashed("borrower_id", n))
        else:
            at_home = rows.join(homes, _text("loan_id") == sql.col("_loan"), "left")
            bucket = sql.coalesce(sql.col("_home"), _hashed("loan_id", n))
            placed[name] = at_home.withColumn(BUCKET, bucket).drop("_loan", "_home")
    return placed


def _text(column: str) -> Column:
    return sql.col(column).cast("string")


def _hashed(column: str, n: int) -> Column:
    return sql.pmod(sql.xxhash64(_text(column)), sql.lit(n)).cast("int")


def _cutting(source: str) -> Callable[[Batches], Batches]:
    def cutting(batches: Batches) -> Batches:
        return cut(batches, source)

    return cutting


def _task(
    work: Work, schemas: Mapping[str, pa.Schema], schema: pa.Schema, settings: Settings, pseudonyms: Pseudonyms
) -> Callable[[tuple[Any, ...], Batches], Batches]:
    def bucket(key: tuple[pa.Scalar, ...], blocks: Batches) -> Batches:
        frames = joined(blocks, schemas)
        for batch in work(load_frames(frames, settings, pseudonyms, name=f"bucket {key[0]}")):
            yield from fitted(batch, schema)

    return bucket
