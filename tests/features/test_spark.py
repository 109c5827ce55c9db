"""The panel on Spark is the panel of one machine, to the bit, whatever the order and the grouping of the rows."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import polars as pl
import pyarrow as pa
import pytest

from book.clock import end_of_day, month_end
from book.errors import Refusal, Refused
from book.load import Loaded, load, open_book
from book.pseudonym import Pseudonyms
from features import panel
from features.catalogue import CATALOGUE, Catalogue
from features.measuring import in_chunks, month_ends
from features.own import catalogue_with
from features.panel import write_panel as one_machine_panel

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

pytestmark = pytest.mark.spark

FIRST, LAST = month_end(np.array([52 * 12 + 8, 53 * 12 + 1])).tolist()  # 2022-09 to 2023-02
OWN = '''
"""Features of one's own."""

from features.families.dpd import DPD
from features.feature import HIGHER, feature
from features.units import DAYS


@feature(family=DPD, unit=DAYS, worse=HIGHER, zh="逾期天数的两倍")
def twice_dpd(h):
    """Twice the days past due."""
    return 2.0 * h.dpd_now
'''


def one_machine(folder: Path, first: int, last: int, catalogue: Catalogue = CATALOGUE) -> pl.DataFrame:
    """The panel of all parts of a book, by loan and day."""
    book = open_book(folder)
    days = month_ends(first, last)
    tables = [load(part, book.settings).tables for part in book.parts]
    frames = [frame for one in tables for frame in in_chunks(one, days, book.settings, catalogue)]
    return pl.concat(frames).sort("loan_id", "as_of")


def bits(frame: pl.DataFrame) -> dict[str, Any]:
    """The bytes of every column: one NaN is not the other, 0 is not -0."""
    return {
        name: frame[name].to_numpy().tobytes() if frame[name].dtype.is_numeric() else frame[name].to_list()
        for name in frame.columns
    }


def late_rows(folder: Path) -> int:
    """How many payments were posted later than the day after they were made."""
    book = open_book(folder)
    count = 0
    for part in book.parts:
        payments = load(part, book.settings).tables["payments"]
        count += int((payments["posted_at"] > end_of_day(payments["paid_on"] + 1, book.settings.timezone)).sum())
    return count


def test_a_panel_written_by_spark_has_the_bits_and_the_manifest_of_one_machine(
    spark: SparkSession, small_book: Path, tmp_path: Path
) -> None:
    from book.spark import open_spark_book
    from features.spark import write_panel

    assert late_rows(small_book) > 100
    write_panel(open_spark_book(spark, small_book), FIRST, LAST, tmp_path / "panel")
    alone = one_machine_panel(open_book(small_book), FIRST, LAST, tmp_path / "alone", workers=1)
    found, expected = (panel.read(tmp_path / name).sort("loan_id", "as_of") for name in ("panel", "alone"))
    assert set(found.columns) == set(expected.columns)
    assert bits(found.select(expected.columns)) == bits(expected)
    assert json.loads((tmp_path / "panel" / "_manifest.json").read_text()) == alone.manifest


def test_what_a_stopped_run_has_left_is_written_over_and_a_whole_panel_is_kept(
    spark: SparkSession, small_book: Path, tmp_path: Path
) -> None:
    from book.spark import open_spark_book
    from features.spark import write_panel

    book, out = open_spark_book(spark, small_book), tmp_path / "panel"
    whole = write_panel(book, LAST, LAST, out)
    plan = {name: whole[name] for name in ("book", "catalogue", "context", "months", "cutoff", "columns")}
    written = {path: path.stat().st_mtime_ns for path in out.rglob("*.parquet")}
    assert write_panel(book, LAST, LAST, out) == whole
    assert {path: path.stat().st_mtime_ns for path in out.rglob("*.parquet")} == written
    (out / "_manifest.json").unlink()
    with pytest.raises(Refusal, match="holds another panel or other files"):
        write_panel(book, LAST, LAST, out)
    (tmp_path / "panel.plan.json").write_text(json.dumps(plan))
    assert write_panel(book, LAST, LAST, out) == whole
    assert not set(written) & set(out.rglob("*.parquet"))
    assert not (tmp_path / "panel.plan.json").exists()


def test_parts_that_only_spark_can_reach_give_the_same_rows(spark: SparkSession, small_book: Path) -> None:
    from book.load.spark import PartTask, by_part
    from book.spark import open_spark_book, portable

    book = open_spark_book(spark, small_book)
    schema = pa.schema([("loans", pa.int64()), ("payments", pa.int64())])

    def count(loaded: Loaded) -> Iterator[pa.RecordBatch]:
        sizes = [[len(loaded.tables[name]["loan_id"])] for name in schema.names]
        yield pa.RecordBatch.from_arrays([pa.array(size) for size in sizes], schema=schema)

    task = PartTask(count, portable(book.settings), book.pseudonyms, schema)
    near, far = (by_part(spark, book.parts, task, shared).toArrow().sort_by("payments") for shared in (True, False))
    assert near.num_rows == 3
    assert near == far


def test_shuffled_tables_and_features_of_ones_own_give_the_same_bits(
    spark: SparkSession, small_book: Path, tmp_path: Path
) -> None:
    from book.spark import SparkBook, open_spark_book
    from features.spark import panel

    own = tmp_path / "own_features.py"
    own.write_text(OWN, "utf-8")
    read = open_spark_book(spark, small_book)
    shuffled = {name: table.repartition(2, "posted_at") for name, table in read.tables.items()}
    rows = panel(SparkBook(shuffled, read.settings), LAST, LAST, own=[own], buckets=1).toArrow()
    expected = one_machine(small_book, LAST, LAST, catalogue_with([own]))
    found = pl.DataFrame(pl.from_arrow(rows)).sort("loan_id", "as_of")
    assert found["twice_dpd"].is_not_nan().any()
    assert bits(found.select(expected.columns)) == bits(expected)


def test_a_book_without_a_required_table_is_refused_before_any_task_runs(spark: SparkSession, small_book: Path) -> None:
    from book.spark import SparkBook, open_spark_book
    from features.spark import panel

    read = open_spark_book(spark, small_book)
    tables = {name: table for name, table in read.tables.items() if name != "payments"}
    with pytest.raises(Refused, match="payments: a required table is missing"):
        panel(SparkBook(tables | {"loans": tables["loans"].drop("principal")}, read.settings), FIRST, LAST)


def test_the_key_of_the_ids_is_in_no_plan(spark: SparkSession, small_book: Path) -> None:
    from book.spark import open_spark_book
    from features.spark import panel

    key = b"a secret key for the ids of a test"
    book = open_spark_book(spark, small_book, Pseudonyms(key))
    plan = panel(book, FIRST, FIRST, buckets=1)._jdf.queryExecution().toString()
    settings = str(spark.sparkContext.getConf().getAll())
    for place in (plan, settings, repr(book)):
        assert key.decode() not in place
        assert key.hex() not in place
