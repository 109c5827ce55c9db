"""Scores from Spark are those of the batch on one machine, to the bit, with their reasons."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import pyarrow.parquet as pq
import pytest

from book.load import Book
from models.bundle import Bundle, BundleRefused
from policy.pack import Pack
from serving.batch import score_book

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

pytestmark = pytest.mark.spark


def by_loan(rows: list[dict[str, Any]]) -> dict[str, list[dict[str, Any]]]:
    found: dict[str, list[dict[str, Any]]] = {}
    for row in rows:
        found.setdefault(row["loan_id"], []).append(row)
    return found


def test_scores_and_reasons_are_those_of_the_batch(
    spark: SparkSession, small_book: Path, book: Book, as_of: int, models_dir: Path, bundle: Bundle, pack: Pack,
    tmp_path: Path,
) -> None:  # fmt: skip
    from book.spark import open_spark_book
    from serving.spark import score

    score_book(book, as_of, models_dir, tmp_path / "out", pack)
    expected = pq.read_table(tmp_path / "out" / "scores.parquet")
    reasons = by_loan(pq.read_table(tmp_path / "out" / "reasons.parquet").to_pylist())
    rows = score(open_spark_book(spark, small_book), as_of, models_dir / "bundles" / bundle.id, pack, buckets=3)
    found = rows.toArrow().sort_by("loan_id")
    assert found.drop_columns(["reasons"]).column_names == expected.column_names
    for name in expected.column_names:
        assert found[name].to_pylist() == expected.sort_by("loan_id")[name].to_pylist(), name
    assert sum(value is not None for value in found["pd"].to_pylist()) > 50
    for row in found.select(["loan_id", "as_of", "reasons"]).to_pylist():
        told = [{"loan_id": row["loan_id"], "as_of": row["as_of"], **reason} for reason in row["reasons"]]
        assert told == reasons.get(row["loan_id"], [])


def test_a_changed_bundle_is_refused_before_any_task_runs(
    spark: SparkSession, small_book: Path, as_of: int, models_dir: Path, bundle: Bundle, pack: Pack, tmp_path: Path
) -> None:
    from book.spark import open_spark_book
    from serving.spark import score

    folder = tmp_path / "bundle"
    bundle.save(folder)
    (folder / "model.txt").write_text((folder / "model.txt").read_text().replace("leaf_value=0.", "leaf_value=1.", 1))
    with pytest.raises(BundleRefused, match="its files were changed"):
        score(open_spark_book(spark, small_book), as_of, folder, pack)


def test_moments_are_written_with_their_zone(spark: SparkSession, tmp_path: Path) -> None:
    spark.sql("select timestamp '2024-03-31 15:59:59.999999' as cutoff").write.parquet(str(tmp_path / "moments"))
    assert str(pq.read_table(tmp_path / "moments").schema.field("cutoff").type) == "timestamp[us, tz=UTC]"
