"""The panel on Spark is the panel of one machine, to the bit, whatever the order and the grouping of the rows."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import polars as pl
import pytest

from book.clock import end_of_day, month_end
from book.errors import Refused
from book.load import load, open_book
from book.pseudonym import Pseudonyms
from features.catalogue import CATALOGUE, Catalogue
from features.measuring import in_chunks, month_ends
from features.own import catalogue_with
from features.panel import Panel

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


def test_a_panel_written_by_spark_has_the_bits_of_one_machine(
    spark: SparkSession, small_book: Path, tmp_path: Path
) -> None:
    from book.spark import open_spark_book
    from features.spark import write_panel

    assert late_rows(small_book) > 100
    book = open_spark_book(spark, small_book)
    manifest = write_panel(book, FIRST, LAST, tmp_path / "panel", buckets=4)
    expected = one_machine(small_book, FIRST, LAST)
    found = Panel(tmp_path / "panel", manifest).scan().select(expected.columns).collect().sort("loan_id", "as_of")
    assert found.schema == expected.schema
    assert bits(found) == bits(expected)
    assert manifest["rows"] == len(expected)
    assert manifest["rows_by_month"] == {
        str(day): count for day, count in expected.group_by("as_of").len().sort("as_of").iter_rows()
    }
    assert manifest["catalogue"] == CATALOGUE.fingerprint


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
