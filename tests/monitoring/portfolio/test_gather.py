"""From a book to its month-end states and lives: the counts agree with the engine and with each other."""

from __future__ import annotations

import json
import shutil
from datetime import date
from pathlib import Path

import numpy as np
import polars as pl
import polars.testing
import pytest

from book.errors import Refusal
from book.load import open_book
from book.request import tables_from_rows
from book.settings import Settings
from features.panel import write_panel
from monitoring.portfolio.figures import Pack, figures
from monitoring.portfolio.gather import FRAMES, Rows, gather, states
from reports.book.files import write_pack

FIRST, LAST = date(2022, 6, 30), date(2023, 12, 31)


def _number(day: date) -> int:
    return (day - date(1970, 1, 1)).days


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("portfolio")


@pytest.fixture(scope="module")
def rows(small_book: Path, folder: Path) -> Rows:
    return gather(open_book(small_book), _number(FIRST), _number(LAST), folder / "rows", workers=1)


@pytest.fixture(scope="module")
def pack(rows: Rows) -> Pack:
    return figures(rows)


def test_a_loan_is_on_the_book_until_it_left_and_shows_once_how(rows: Rows) -> None:
    left = rows.states.filter(pl.col("exit") != "").group_by("loan_id").len()
    assert left["len"].to_list() == [1] * len(left)
    last = rows.states.sort("as_of").group_by("loan_id").last()
    after = last.join(rows.lives, on="loan_id").filter((pl.col("exit") != "") & (pl.col("as_of") < pl.col("exit_on")))
    assert after.is_empty()


def test_lives_hold_every_loan_paid_out_by_the_day(rows: Rows) -> None:
    assert rows.lives["loan_id"].n_unique() == len(rows.lives)
    assert (rows.lives["disbursed_on"] <= LAST).all()
    assert set(rows.states["loan_id"]) <= set(rows.lives["loan_id"])


def test_days_past_thresholds_come_in_order_and_cures_after_them(rows: Rows) -> None:
    late = rows.lives.filter(pl.col("over_30_on").is_not_null())
    assert len(late) > 5
    assert (late["over_0_on"] < late["over_30_on"]).all()
    assert ((late["over_30_on"] - late["over_0_on"]).dt.total_days() >= 30).all()
    back = late.filter(pl.col("back_30_on").is_not_null())
    assert len(back)
    assert (back["back_30_on"] > back["over_30_on"]).all()


def test_a_state_past_thirty_days_at_a_month_end_is_past_it_in_the_loans_life(rows: Rows) -> None:
    now = rows.states.filter((pl.col("as_of") == LAST) & (pl.col("exit") == "") & (pl.col("dpd") > 30))
    lived = now.join(rows.lives, on="loan_id")
    assert len(lived)
    assert (lived["over_30_on"] <= LAST).all()


def test_loans_in_moves_are_the_loans_on_the_book(rows: Rows, pack: Pack) -> None:
    moves = pack.tables["transitions"].group_by("month").agg(pl.col("loans").sum()).sort("month")
    here = rows.states.filter(pl.col("exit") == "").group_by("as_of").len().sort("as_of")
    assert moves["loans"].to_list() == here["len"].to_list()[:-1]
    assert "MISSING" not in pack.tables["transitions"]["to"].to_list()


def test_the_same_book_and_months_are_not_read_twice(small_book: Path, folder: Path, rows: Rows) -> None:
    again = gather(open_book(small_book), _number(FIRST), _number(LAST), folder / "rows", _never)
    assert again.states.equals(rows.states)


def _never(done: int, total: int) -> None:
    raise AssertionError(f"read again: {done} of {total}")


@pytest.fixture(scope="module")
def panel(small_book: Path, folder: Path) -> Path:
    return write_panel(open_book(small_book), _number(FIRST), _number(LAST), folder / "panel", workers=1).folder


def test_states_of_a_panel_are_those_that_are_measured(small_book: Path, folder: Path, rows: Rows, panel: Path) -> None:
    read = gather(open_book(small_book), _number(FIRST), _number(LAST), folder / "read", workers=1, panel=panel)
    assert len(list((folder / "read" / "states").glob("*.parquet"))) == 19  # months, not parts
    order = ["loan_id", "as_of"]
    assert read.states.sort(order).equals(rows.states.sort(order), null_equal=True)
    for name in FRAMES[1:]:
        key = getattr(rows, name).columns
        assert getattr(read, name).sort(key).equals(getattr(rows, name).sort(key), null_equal=True)
    for name, table in figures(read).tables.items():
        pl.testing.assert_frame_equal(table, figures(rows).tables[name], check_row_order=False)


def test_a_panel_that_lacks_months_or_is_of_another_book_is_refused(
    small_book: Path, folder: Path, panel: Path, tmp_path: Path
) -> None:
    book = open_book(small_book)
    with pytest.raises(Refusal, match="lacks 1 of 20 months, 2022-05-31 the first"):
        gather(book, _number(date(2022, 5, 31)), _number(LAST), tmp_path / "a", workers=1, panel=panel)
    with pytest.raises(Refusal, match="holds no panel"):
        gather(book, _number(FIRST), _number(LAST), tmp_path / "b", workers=1, panel=tmp_path)
    other = tmp_path / "other"
    shutil.copytree(panel, other)
    told = json.loads((other / "_manifest.json").read_text())
    (other / "_manifest.json").write_text(json.dumps(told | {"book": "0" * 64}))
    with pytest.raises(Refusal, match="is of another book"):
        gather(book, _number(FIRST), _number(LAST), tmp_path / "c", workers=1, panel=other)
    file = next(panel.glob("as_of=*/*.parquet"))
    old = tmp_path / "old"
    (old / file.parent.name).mkdir(parents=True)
    pl.read_parquet(file).drop("exit").write_parquet(old / file.parent.name / file.name)
    (old / "_manifest.json").write_text(json.dumps(told))
    with pytest.raises(Refusal, match="before panels held exit; make it anew"):
        gather(book, _number(FIRST), _number(LAST), tmp_path / "d", workers=1, panel=old)


def test_what_was_not_recorded_is_said_and_not_made_up(pack: Pack) -> None:
    assert pack.notes["class_shares"] == "not_recorded"
    assert "class_shares" not in pack.tables


def test_the_pack_is_a_page_with_its_numbers_and_loans_beside_it(pack: Pack, rows: Rows, folder: Path) -> None:
    page = write_pack(pack, rows, folder / "pack", "CNY", "Asia/Shanghai")
    text = page.read_text("utf-8")
    for name in pack.tables:
        assert (page.parent / f"{name}.csv").exists()
    for link in ("delinquency.csv", "rows/late_loans.csv", "rows/moves.csv"):
        assert f'href="{link}"' in text
        assert (page.parent / link).stat().st_size > 10
    late = pl.read_csv(page.parent / "rows" / "late_loans.csv")
    accounts = pack.tables["delinquency"].filter(basis="accounts", over=0, as_of=LAST)
    assert len(late) == accounts["numerator"][0]


def test_a_segment_named_like_markup_stays_text(pack: Pack, rows: Rows, folder: Path) -> None:
    hostile = Rows(**{**rows.__dict__, "lives": rows.lives.with_columns(region=pl.lit("<script>alert(1)</script>"))})
    page = write_pack(figures(hostile), hostile, folder / "hostile", "CNY", "Asia/Shanghai")
    assert "<script>" not in page.read_text("utf-8")


def test_a_due_on_the_last_day_of_a_month_is_judged_in_the_next() -> None:
    """Two dues of 100, on 31 January and 10 February: the first paid on time, the second open."""
    clock = "T09:00:00+08:00"
    body = {
        "loans": [
            {"loan_id": "L", "borrower_id": "B", "product": "car", "borrower_type": "person", "currency": "CNY",
             "principal": "200.00", "annual_rate": 0.0, "disbursed_on": "2024-01-02", "maturity_on": "2024-02-10",
             "n_instalments": 2, "repayment_type": "annuity", "posted_at": f"2024-01-02{clock}"}
        ],
        "instalments": [
            {"loan_id": "L", "instalment_no": k, "schedule_version": 1, "valid_from": "2024-01-02", "due_on": due,
             "principal_due": "100.00", "interest_due": "0.00", "fee_due": "0.00",
             "posted_at": f"2024-01-02{clock}"}
            for k, due in ((1, "2024-01-31"), (2, "2024-02-10"))
        ],
        "payments": [
            {"loan_id": "L", "paid_on": "2024-01-31", "amount": "100.00", "payment_id": "P", "purpose": "scheduled",
             "status": "posted", "posted_at": f"2024-01-31{clock}"}
        ],
    }  # fmt: skip
    settings = Settings(timezone="Asia/Shanghai", currency="CNY")
    days = np.array([_number(date(2024, 1, 31)), _number(date(2024, 2, 29))], np.int32)
    found = states(tables_from_rows(body, settings), days, settings).sort("as_of")
    columns = ("due_in_month", "instalments_due", "instalments_late", "unpaid_due")
    assert found.select(columns).rows() == [(0.0, 0, 0, 0.0), (200.0, 2, 1, 100.0)]
