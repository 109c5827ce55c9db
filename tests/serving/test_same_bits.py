"""The batch file, the API and a notebook give the same bits for the same loan."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from book.known import known
from book.load import Book
from book.tables import Tables
from policy.pack import Pack
from serving.batch import score_book, score_part
from serving.scorer import Scorer
from serving.scores import Scores


@pytest.fixture(scope="module")
def file_rows(book: Book, as_of: int, models_dir: Path, pack: Pack, tmp_path_factory: Any) -> dict[str, Any]:
    out = tmp_path_factory.mktemp("scored") / "out"
    score_book(book, as_of, models_dir, out, pack)
    reasons: dict[str, list[Any]] = {}
    for row in pq.read_table(out / "reasons.parquet").to_pylist():
        reasons.setdefault(row["loan_id"], []).append(row)
    rows = pq.read_table(out / "scores.parquet").to_pylist()
    return {row["loan_id"]: row | {"reasons": reasons.get(row["loan_id"], [])} for row in rows}


SAME = ("status", "pd", "raw_score", "grade", "tier", "floor", "dpd", "feature_hash", "base", "borrower_id")


def same(answered: dict[str, Any], filed: dict[str, Any]) -> None:
    assert {name: answered[name] for name in SAME} == {name: filed[name] for name in SAME}
    money = filed["principal_outstanding"]
    assert answered["principal_outstanding"] == (None if money is None else str(money))
    for family, value in answered["contributions"].items():
        assert filed[f"contribution_{family.lower()}"] == value
    assert [note["code"] for note in answered["notes"]] == filed["notes"]
    told = [(r["direction"], r["family"], r["feature"], r["value"], r["text"]) for r in answered["reasons"]]
    assert told == [
        (r["direction"], r["family"], r["feature"], r["value"], {"en": r["text_en"], "zh": r["text_zh"]})
        for r in filed["reasons"]
    ]


def test_the_api_gives_the_bits_of_the_batch_file(
    bodies: list[dict[str, Any]], post: Callable[..., Any], file_rows: dict[str, Any]
) -> None:
    compared = scored = 0
    for body in bodies:
        wanted = [loan for loan in body["score"] if loan in file_rows]
        if not wanted:
            continue
        answer = post("/v1/scores", body | {"score": wanted})
        assert answer.status_code == 200, answer.text
        for one in answer.json()["scores"]:
            same(one, file_rows[one["loan_id"]])
            compared, scored = compared + 1, scored + (one["pd"] is not None)
    assert compared == len(file_rows)
    assert scored > 100


def test_a_batch_of_borrowers_gives_the_bits_of_each_alone(
    bodies: list[dict[str, Any]], post: Callable[..., Any], file_rows: dict[str, Any]
) -> None:
    known_ones = [b | {"score": [x for x in b["score"] if x in file_rows]} for b in bodies]
    requests = [body for body in known_ones if body["score"]]
    results = post("/v1/scores/batch", {"requests": requests}).json()["results"]
    assert [result["status"] for result in results] == [200] * len(requests)
    assert [[s["loan_id"] for s in r["scores"]] for r in results] == [b["score"] for b in requests]
    for result in results:
        for one in result["scores"]:
            same(one, file_rows[one["loan_id"]])


def test_requests_of_different_days_and_cut_offs_in_one_batch_do_not_touch_each_other(
    bodies: list[dict[str, Any]], post: Callable[..., Any]
) -> None:
    when = (
        {"as_of": "2023-06-30"},
        {"as_of": "2023-06-30", "cutoff": "2023-06-10T00:00:00Z"},
        {"as_of": "2022-12-15"},
        {"as_of": "2023-03-31", "cutoff": "2023-08-31T00:00:00Z"},
    )
    requests = [body | when[k % 4] for k, body in enumerate(bodies[:60])]
    results = post("/v1/scores/batch", {"requests": requests}).json()["results"]
    for request, result in zip(requests, results, strict=True):
        alone = post("/v1/scores", request)
        assert alone.status_code == result["status"]
        assert alone.json().get("scores") == result.get("scores")
    assert sum(result["status"] == 200 for result in results) > 20


def test_a_notebook_call_gives_the_bits_of_the_batch_file(
    parts: list[Tables], as_of: int, scorer: Scorer, file_rows: dict[str, Any]
) -> None:
    for tables in parts:
        loans = np.array([k for k, loan in enumerate(tables.loan_ids) if loan in file_rows], np.int32)
        scores = scorer.score(known(tables, loans, np.full(len(loans), as_of), settings=scorer.settings))
        for row, loan in enumerate(scores.loan_id):
            filed = file_rows[loan]
            assert scores.feature_hash[row] == filed["feature_hash"]
            assert (None if np.isnan(scores.pd[row]) else scores.pd[row]) == filed["pd"]


def bits(scores: Scores, row: int) -> tuple[Any, ...]:
    return (
        scores.feature_hash[row],
        scores.pd[row].tobytes(),
        scores.raw[row].tobytes(),
        scores.contributions[row].tobytes(),
        scores.by_family[row].tobytes(),
        scores.tier[row],
        scores.reasons[row],
        scores.notes[row],
        scores.assumed[row],
    )


@settings(max_examples=12)
@given(chunk=st.integers(1, 60))
def test_no_bit_depends_on_how_loans_are_grouped(chunk: int, parts: list[Tables], as_of: int, scorer: Scorer) -> None:
    whole = next(score_part(parts[0], as_of, scorer))
    expected = {loan: bits(whole, row) for row, loan in enumerate(whole.loan_id)}
    seen = 0
    for scores in score_part(parts[0], as_of, scorer, chunk):
        for row, loan in enumerate(scores.loan_id):
            assert bits(scores, row) == expected[loan]
            seen += 1
    assert seen == len(expected)


def test_a_loan_alone_has_the_bits_it_has_among_others(parts: list[Tables], as_of: int, scorer: Scorer) -> None:
    whole = next(score_part(parts[0], as_of, scorer))
    place = {loan: k for k, loan in enumerate(parts[0].loan_ids)}
    for row, loan in enumerate(whole.loan_id[:40]):
        one = known(parts[0], np.array([place[loan]]), np.array([as_of]), settings=scorer.settings)
        assert bits(scorer.score(one), 0) == bits(whole, row)
