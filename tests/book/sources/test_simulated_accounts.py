"""Some borrowers have an account here and one elsewhere; causes and confounders move income between the two."""

from __future__ import annotations

from datetime import date

import polars as pl
import pytest

EARNED = ("salary", "business_income")


@pytest.fixture(scope="module")
def rows(simulated) -> pl.DataFrame:
    """Account rows with the amount as a double, the type of borrower, and whether there are two accounts."""
    types = simulated.table("loans").select("borrower_id", "borrower_type").unique()
    return (
        simulated.table("cashflow")
        .join(types, on="borrower_id")
        .with_columns(
            money=pl.col("amount").cast(pl.Float64),
            two=pl.col("account_id").n_unique().over("borrower_id") == 2,
        )
    )


def test_an_account_is_either_here_or_elsewhere(rows) -> None:
    assert (rows.group_by("account_id").agg(pl.col("held_here").n_unique())["held_here"] == 1).all()
    two = rows.filter("two")
    assert (two.group_by("borrower_id").agg(pl.col("held_here").n_unique())["held_here"] == 2).all()


@pytest.mark.parametrize("kind", ["person", "firm"])
def test_persons_and_firms_have_one_account_here_one_elsewhere_or_both(rows, kind: str) -> None:
    by_borrower = rows.filter(pl.col("borrower_type") == kind).group_by("borrower_id").agg(pl.col("held_here").mean())
    share = by_borrower["held_here"]
    for there in (share == 1.0, share == 0.0, (share > 0.0) & (share < 1.0)):
        assert 0.2 < there.mean() < 0.5


def test_salary_spending_and_transfers_are_split_between_two_accounts(rows) -> None:
    two = rows.filter(pl.col("two") & (pl.col("borrower_type") == "person"))
    here = two.group_by("category").agg(pl.col("held_here").mean())
    shares = dict(here.iter_rows())
    for category in ("salary", "essential", "discretionary", "transfer"):
        assert 0.2 < shares[category] < 0.8, category
    paid_twice = two.filter(pl.col("category") == "salary").group_by("borrower_id", "booked_on").len()
    assert 0.1 < (paid_twice["len"] == 2).mean() < 0.6


def test_a_transfer_between_own_accounts_has_two_legs_on_one_day(rows) -> None:
    moved = rows.filter(
        pl.col("two") & (pl.col("counterparty_type") == "own") & (pl.col("booked_on") < date(2023, 12, 1))
    )
    legs = moved.group_by("borrower_id", "booked_on").agg(pl.col("money").sum(), pl.col("held_here").n_unique())
    both = legs.filter(pl.col("held_here") == 2)
    assert len(both) > 0.7 * len(legs)  # the rest are savings that come in, and legs not posted yet
    assert (both["money"] == 0.0).mean() > 0.95


def test_accounts_are_rarely_empty_at_a_month_end(rows) -> None:
    ends = rows.sort("booked_on").group_by("account_id", "two", pl.col("booked_on").dt.truncate("1mo")).last()
    below = ends.group_by("two").agg((pl.col("balance_after") < 0).mean().alias("share"))
    assert below["share"].max() < 0.04


def _share_here(rows: pl.DataFrame, truth: pl.DataFrame, cause: str, first: int, last: int) -> float:
    """Of the income of the struck borrowers that comes in on days `first` to `last` from the onset, what comes here."""
    struck = truth.filter(pl.col("cause") == cause).select("borrower_id", "onset_on").unique()
    days = (pl.col("booked_on") - pl.col("onset_on")).dt.total_days()
    earned = rows.join(struck, on="borrower_id").filter(pl.col("category").is_in(EARNED) & days.is_between(first, last))
    return float(earned.filter("held_here")["money"].sum() / earned["money"].sum())


@pytest.mark.parametrize("cause", ["moved_away", "second_bank"])
def test_income_moves_to_the_other_bank(simulated, rows, cause: str) -> None:
    truth = simulated.truth()
    before, after = _share_here(rows, truth, cause, -120, -31), _share_here(rows, truth, cause, 91, 180)
    assert before > 0.75
    assert after < 0.55


def test_who_has_moved_away_stops_paying_months_after_the_income_has_gone(simulated) -> None:
    truth = simulated.truth().filter(pl.col("cause") == "moved_away").select("loan_id", "onset_on")
    failed = simulated.table("payments").filter(pl.col("fail_reason") == "insufficient").join(truth, on="loan_id")
    days = (failed["paid_on"] - failed["onset_on"]).dt.total_days()
    assert days.is_between(90, 270).sum() >= 2 * days.is_between(-90, 60).sum()
