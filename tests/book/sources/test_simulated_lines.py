"""Credit lines, balances and charges agree with the payments."""

from __future__ import annotations

import polars as pl
import pytest


@pytest.fixture(scope="module")
def lines(simulated) -> pl.DataFrame:
    """Month-end balances of credit lines, with the limit as `share` used."""
    rows = simulated.table("balances").filter(pl.col("limit").is_not_null())
    return rows.with_columns(share=pl.col("principal").cast(pl.Float64) / pl.col("limit").cast(pl.Float64))


def test_a_line_has_no_end_date_and_its_principal_is_the_limit(simulated, lines: pl.DataFrame) -> None:
    loans = simulated.table("loans").filter(pl.col("repayment_type") == "revolving")
    assert loans["maturity_on"].null_count() == loans["n_instalments"].null_count() == len(loans) > 100
    both = lines.join(loans, on="loan_id", suffix="_agreed")
    assert (both["limit"] == both["principal_agreed"]).all()


def test_lines_are_used_in_part_and_now_and_then_a_little_beyond_the_limit(lines: pl.DataFrame) -> None:
    assert lines["share"].is_between(0, 1.04).all()
    assert 0 < (lines["share"] > 1).mean() < 0.05
    assert 0.1 < lines["share"].mean() < 0.5
    assert (lines["share"] > 0.9).sum() > 20
    within = lines.filter(pl.col("share") <= 1)
    assert (within["undrawn"] == within["limit"] - within["principal"]).all()


def test_a_balance_is_what_was_drawn_less_what_was_paid(simulated, lines: pl.DataFrame) -> None:
    """On month ends; returned and twice-booked payments are left out."""
    paid = simulated.table("payments").filter(pl.col("principal").is_not_null())
    accidents = simulated.table("payments").filter(pl.col("status") == "reversal")["loan_id"]
    drawn = simulated.table("disbursements").select("loan_id", "on", "amount")
    moves = pl.concat([drawn, paid.select("loan_id", on="paid_on", amount=-pl.col("principal"))])
    ends = lines.filter(~pl.col("loan_id").is_in(accidents.implode()), pl.col("as_on") < pl.date(2023, 11, 1))
    got = ends.join(moves, on="loan_id").filter(pl.col("on") <= pl.col("as_on"))
    got = got.group_by("loan_id", "as_on", "principal").agg(pl.col("amount").sum())
    assert len(got) > 500
    assert (got["amount"] == got["principal"]).mean() > 0.99


def test_a_statement_asks_for_the_next_due(simulated, lines: pl.DataFrame) -> None:
    dues = simulated.table("instalments").filter(pl.col("loan_id").is_in(lines["loan_id"].implode()))
    assert (dues["due_on"] > dues["valid_from"]).all()
    dues = dues.with_columns(as_on=pl.col("valid_from").dt.month_end())
    asked = dues.join(lines, on=["loan_id", "as_on"])
    due = asked["principal_due"] + asked["interest_due"]
    assert len(asked) > 500
    assert (asked["min_due"] >= due).mean() > 0.95
    assert (asked["statement_balance"] >= due).all()


def test_some_pay_the_least_and_some_pay_all(simulated, lines: pl.DataFrame) -> None:
    payments = simulated.table("payments").filter(pl.col("loan_id").is_in(lines["loan_id"].implode()))
    more = payments.filter(pl.col("purpose") == "partial_prepay")["loan_id"].n_unique()
    assert 0.3 < more / lines["loan_id"].n_unique() < 0.95


def test_a_loan_without_arrears_owes_what_falls_due_later(simulated) -> None:
    """Or less, where a due is paid some days early."""
    versions = simulated.table("instalments").group_by("loan_id").agg(pl.col("schedule_version").max())
    single = versions.filter(pl.col("schedule_version") == 1)
    ends = simulated.table("balances").filter(pl.col("limit").is_null(), pl.col("penalty") == 0)
    ends = ends.join(single, on="loan_id", how="semi")
    later = ends.join(simulated.table("instalments"), on="loan_id").filter(pl.col("due_on") > pl.col("as_on"))
    left = later.group_by("loan_id", "as_on", "principal").agg(pl.col("principal_due").sum())
    assert len(left) > 1000
    assert (left["principal_due"] == left["principal"]).mean() > 0.9
    assert (left["principal_due"] >= left["principal"]).mean() > 0.999


def test_charges_follow_lateness(simulated) -> None:
    charges = simulated.table("charges")
    kinds = dict(charges["kind"].value_counts().iter_rows())
    assert kinds["late_fee"] > kinds["waiver"] > 20
    assert kinds["penalty_interest"] > 50
    written_off = simulated.table("loan_events").filter(pl.col("event_type") == "write_off")
    assert kinds["legal"] == pytest.approx(len(written_off), abs=3)
