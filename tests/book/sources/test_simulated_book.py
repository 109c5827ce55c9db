"""A simulated book: the same from the same seed, sound as a ledger, with accidents of booking."""

from __future__ import annotations

import hashlib
from datetime import timedelta
from pathlib import Path

import polars as pl
import pytest

from book.errors import Refusal
from book.load import load, open_book
from book.sources.simulate import Plan, simulate

SMALL = Plan(loans=240, months=24, seed=11, part_loans=120)
SMALL_HASH = "7dc4f2a5ea47ee7ecb57ac3b864f690af903bbf8ff322d6add55176a0362e1dc"


def _hash(folder: Path) -> str:
    """Over the values of all tables, not over file bytes, which depend on the writer's version."""
    whole = hashlib.sha256()
    for path in sorted(folder.rglob("*.parquet")):
        whole.update(path.relative_to(folder).as_posix().encode())
        whole.update(pl.read_parquet(path).write_csv().encode())
    return whole.hexdigest()


def test_the_same_plan_gives_the_same_values_on_any_machine(tmp_path: Path) -> None:
    assert _hash(simulate(SMALL, tmp_path / "book")) == SMALL_HASH


def test_a_part_is_the_same_however_many_parts_are_made(tmp_path: Path) -> None:
    two = simulate(SMALL, tmp_path / "two")
    one = simulate(Plan(loans=120, months=24, seed=11, part_loans=120), tmp_path / "one")
    assert _hash(two / "part-00000") == _hash(one / "part-00000")
    assert _hash(two / "part-00000") != _hash(two / "part-00001")


def test_the_book_loads_without_a_fault(simulated) -> None:
    book = open_book(simulated.folder)
    for part in book.parts:
        report = load(part, book.settings).report
        assert not report.faults, report.text()


def test_the_truth_lies_apart_from_the_book(simulated) -> None:
    book = open_book(simulated.folder)
    assert {name for part in book.parts for name in part.files} == {
        *("loans", "instalments", "payments", "loan_events", "balances", "charges", "disbursements", "fund_trace"),
        *("parties", "cashflow", "external_debts", "collateral", "guarantees", "public_events", "invoices"),
        *("tax_filings", "financials", "contacts"),
    }
    words = {"cause", "severity", "quality", "confounder"}
    assert not words & {name for table in book.parts[0].files for name in simulated.table(table).columns}


def test_a_sixth_of_the_borrowers_has_several_loans(simulated) -> None:
    loans = simulated.table("loans").group_by("borrower_id").len()
    assert 0.10 < (loans["len"] > 1).mean() < 0.20


def test_loans_are_paid_out_over_the_whole_window(simulated) -> None:
    months = simulated.table("loans")["disbursed_on"].dt.truncate("1mo")
    assert months.n_unique() == 36
    assert months.value_counts()["count"].min() > 30


def test_about_a_twentieth_of_the_rows_is_posted_late(simulated) -> None:
    for name, day in (("payments", "paid_on"), ("cashflow", "booked_on"), ("loan_events", "event_on")):
        table = simulated.table(name)
        known_at = table["posted_at"].dt.convert_time_zone("Asia/Shanghai").dt.replace_time_zone(None)
        next_morning = table[day].cast(pl.Datetime) + timedelta(days=1, hours=9)
        assert 0.035 < (known_at >= next_morning).mean() < 0.065, name
        assert (known_at < table[day].cast(pl.Datetime)).sum() == 0
        assert (known_at - table[day].cast(pl.Datetime)).max() <= timedelta(days=21)


def test_late_rows_cross_month_ends(simulated) -> None:
    payments = simulated.table("payments")
    known_at = payments["posted_at"].dt.convert_time_zone("Asia/Shanghai")
    assert (known_at.dt.month() != payments["paid_on"].dt.month()).sum() > 50


def test_a_reversal_follows_its_original_in_amount_time_and_knowledge(simulated) -> None:
    payments = simulated.table("payments")
    reversals = payments.filter(pl.col("status") == "reversal")
    assert len(reversals) > 100
    both = reversals.join(payments, left_on="reverses_id", right_on="payment_id", suffix="_original")
    assert len(both) == len(reversals)
    assert (both["amount"] == both["amount_original"]).all()
    assert (both["loan_id"] == both["loan_id_original"]).all()
    assert (both["paid_on"] >= both["paid_on_original"]).all()
    assert (both["posted_at"] >= both["posted_at_original"]).all()
    assert (both["status_original"] == "posted").all()


def test_failed_debits_of_every_reason_are_there(simulated) -> None:
    failed = simulated.table("payments").filter(pl.col("status") == "failed")
    assert (failed["method"] == "autopay").all()
    counts = dict(failed["fail_reason"].value_counts().iter_rows())
    assert counts["insufficient"] > counts["technical"] > 50
    assert counts["mandate"] > 15


def test_schedules_are_rewritten_by_relief_and_prepayment(simulated) -> None:
    instalments = simulated.table("instalments")
    later = instalments.filter(pl.col("schedule_version") > 1)["loan_id"].unique()
    events = simulated.table("loan_events")
    relieved = events.filter(pl.col("event_type").is_in(["restructure", "extension"]))
    assert len(relieved) > 10
    assert relieved["distressed"].all()
    assert relieved["loan_id"].is_in(later.implode()).mean() > 0.8  # the rest is not posted yet


def test_running_balances_add_up(simulated) -> None:
    """Within the extract rows can be missing (posted after its end) only near the end."""
    rows = simulated.table("cashflow").with_columns(
        step=pl.col("balance_after").cast(pl.Float64).diff().over("account_id").round(2)
    )
    known = rows.filter(pl.col("step").is_not_null() & (pl.col("booked_on") < pl.date(2023, 12, 1)))
    assert (known["step"] == known["amount"].cast(pl.Float64)).all()


def test_what_borrowers_paid_left_their_accounts(simulated) -> None:
    payments = simulated.table("payments")
    reversed_ids = payments["reverses_id"].drop_nulls().implode()
    paid = payments.filter(
        (pl.col("status") == "posted") & (pl.col("payer") == "borrower") & ~pl.col("payment_id").is_in(reversed_ids)
    ).join(simulated.table("loans").select("loan_id", "borrower_id"), on="loan_id")
    out = simulated.table("cashflow").filter(pl.col("category") == "loan_repayment")
    out = out.select("borrower_id", paid_on="booked_on", amount=-pl.col("amount")).unique()
    assert len(paid.join(out, on=["borrower_id", "paid_on", "amount"], how="semi")) > 0.98 * len(paid)


def test_a_month_has_about_a_dozen_account_rows(simulated) -> None:
    rows = simulated.table("cashflow").group_by("borrower_id", pl.col("booked_on").dt.truncate("1mo")).len()
    assert 9 < rows["len"].mean() < 15


def test_a_folder_with_files_is_refused(tmp_path: Path) -> None:
    (tmp_path / "mine.txt").write_text("keep")
    with pytest.raises(Refusal, match="not empty"):
        simulate(SMALL, tmp_path)


def test_every_bad_setting_is_named_at_once() -> None:
    with pytest.raises(Refusal) as refusal:
        Plan(loans=0, months=3, start="2021-13")
    assert str(refusal.value).splitlines() == [
        "simulate, loans: got: 0; allowed: 1 to 100000000",
        "simulate, months: got: 3; allowed: 6 to 240",
        "simulate, start: got: '2021-13'; allowed: a month as YYYY-MM",
    ]
