"""Scoring a book writes what it says, reproducibly, and refuses what it cannot score."""

from __future__ import annotations

import csv
import hashlib
import json
from decimal import Decimal
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from book.errors import Refusal
from book.load import Book
from models.bundle import Bundle
from policy.pack import Pack
from serving.batch import score_book
from serving.summary import Summary


@pytest.fixture(scope="module")
def scored(
    book: Book, as_of: int, models_dir: Path, pack: Pack, tmp_path_factory: pytest.TempPathFactory
) -> tuple[Path, Summary]:
    out = tmp_path_factory.mktemp("batch") / "out"
    return out, score_book(book, as_of, models_dir, out, pack)


def test_every_loan_has_one_row_and_every_reason_belongs_to_a_scored_loan(
    scored: tuple[Path, Summary],
) -> None:
    out, summary = scored
    rows = pq.read_table(out / "scores.parquet").to_pylist()
    reasons = pq.read_table(out / "reasons.parquet").to_pylist()
    assert len({row["loan_id"] for row in rows}) == len(rows) == summary.loans
    scored_loans = {row["loan_id"] for row in rows if row["pd"] is not None}
    assert {reason["loan_id"] for reason in reasons} <= scored_loans
    assert {reason["rank"] for reason in reasons} <= {1, 2, 3, 4}


def test_the_summary_adds_up_to_the_rows(scored: tuple[Path, Summary]) -> None:
    out, summary = scored
    rows = pq.read_table(out / "scores.parquet").to_pylist()
    assert sum(line.loans for line in summary.by("status")) == len(rows)
    for line in summary.lines:
        mine = [row for row in rows if row[line.by] == line.name]
        assert line.loans == len(mine)
        assert line.money == sum((row["principal_outstanding"] or Decimal(0) for row in mine), Decimal(0))
        pds = [row["pd"] for row in mine if row["pd"] is not None]
        assert line.mean_pd == (pytest.approx(sum(pds) / len(pds)) if pds else None)


def test_the_summary_file_says_what_the_summary_says(scored: tuple[Path, Summary]) -> None:
    out, summary = scored
    with (out / "summary.csv").open() as file:
        told = [(row["by"], row["name"], int(row["loans"])) for row in csv.DictReader(file)]
    assert told == [(line.by, line.name, line.loans) for line in summary.lines]


def test_the_manifest_names_model_policy_book_and_the_hash_of_each_file(
    scored: tuple[Path, Summary], bundle: Bundle, pack: Pack, book: Book
) -> None:
    out, _ = scored
    manifest = json.loads((out / "manifest.json").read_text())
    assert manifest["model"]["id"] == bundle.id
    assert manifest["policy"]["hash"] == pack.hash
    assert manifest["book"]["hash"] == book.hash()
    assert manifest["as_of"] == "2023-06-30"
    assert set(manifest["files"]) == {"scores.parquet", "reasons.parquet", "summary.csv"}
    for name, file in manifest["files"].items():
        assert file["sha256"] == hashlib.sha256((out / name).read_bytes()).hexdigest()


def test_scoring_again_gives_the_same_files_byte_for_byte(
    scored: tuple[Path, Summary], book: Book, as_of: int, models_dir: Path, pack: Pack, tmp_path: Path
) -> None:
    score_book(book, as_of, models_dir, tmp_path / "again", pack)
    for path in scored[0].iterdir():
        assert path.read_bytes() == (tmp_path / "again" / path.name).read_bytes()


def test_a_models_folder_without_champion_is_refused(book: Book, as_of: int, pack: Pack, tmp_path: Path) -> None:
    with pytest.raises(Refusal, match="no champion; got: no such file; allowed: a folder that `loanwatch train`"):
        score_book(book, as_of, tmp_path, tmp_path / "out", pack)
    assert not (tmp_path / "out").exists()


def test_a_day_before_the_first_loan_is_refused(book: Book, models_dir: Path, pack: Pack, tmp_path: Path) -> None:
    with pytest.raises(Refusal, match="no loan was known on 1990-01-01; nothing to score"):
        score_book(book, 7305, models_dir, tmp_path / "out", pack)
    assert list(tmp_path.iterdir()) == []
