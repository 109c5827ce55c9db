"""Planted causes lead to default and leave their trace; confounders only look like it."""

from __future__ import annotations

import polars as pl
import pytest

CAUSES = (
    *("income_loss", "over_indebted", "funds_diverted", "slipping_habit", "strategic"),
    *("firm_decline", "collateral_decay", "moved_away"),
)
CONFOUNDERS = (
    *("technical_failure", "payday_shift", "seasonal_income", "refinancing"),
    *("wrong_number", "returned_goods", "revaluation", "succession", "second_bank"),
)
DEFAULT = ("write_off", "default_flag", "compensation")


@pytest.fixture(scope="module")
def fates(simulated) -> pl.DataFrame:
    """Loans of the first two years: cause and confounder (null for none), and whether they defaulted."""
    events = simulated.table("loan_events").filter(pl.col("event_type").is_in(DEFAULT))
    truth = simulated.truth()
    kinds = [
        truth.filter(pl.col("confounder") == flag).select("loan_id", pl.col("cause").alias(name))
        for flag, name in ((False, "cause"), (True, "confounder"))
    ]
    loans = simulated.table("loans").filter(pl.col("disbursed_on") < pl.date(2023, 1, 1)).select("loan_id")
    for kind in kinds:
        loans = loans.join(kind, on="loan_id", how="left")
    return loans.with_columns(defaulted=pl.col("loan_id").is_in(events["loan_id"].implode()))


def test_trouble_raises_the_default_rate_many_times(fates) -> None:
    healthy = fates.filter(pl.col("cause").is_null())["defaulted"].mean()
    struck = fates.filter(pl.col("cause").is_not_null())["defaulted"].mean()
    assert healthy < 0.01
    assert struck > 0.08


@pytest.mark.parametrize("cause", ["income_loss", "strategic"])
def test_fast_causes_end_in_default_within_the_window(fates, cause: str) -> None:
    struck = fates.filter(pl.col("cause") == cause)
    assert len(struck) > 15
    assert struck["defaulted"].mean() > 0.1


@pytest.mark.parametrize("confounder", CONFOUNDERS)
def test_a_confounder_alone_does_not_lead_to_default(fates, confounder: str) -> None:
    calm = fates.filter((pl.col("confounder") == confounder) & pl.col("cause").is_null())
    assert len(calm) > 30
    assert calm["defaulted"].mean() < 0.02


def test_most_troubled_borrowers_do_not_default(fates) -> None:
    """A model must not be able to be near-perfect: trouble is common, default is rare."""
    assert fates.filter(pl.col("cause").is_not_null())["defaulted"].mean() < 0.5


def test_all_causes_and_confounders_are_planted(simulated) -> None:
    assert set(simulated.truth()["cause"].unique()) == {*CAUSES, *CONFOUNDERS}


def test_technical_failures_show_as_failed_debits(simulated) -> None:
    truth = simulated.truth().filter(pl.col("cause") == "technical_failure")
    failed = simulated.table("payments").filter(pl.col("fail_reason") == "technical")
    spell = failed.join(truth, on="loan_id").filter(pl.col("paid_on").is_between("onset_on", "ends_on"))
    assert len(spell) > 0.3 * len(failed)


def test_income_falls_before_payments_stop(simulated) -> None:
    truth = simulated.truth().filter((pl.col("cause") == "income_loss") & (pl.col("severity") > 0.5))
    pay = simulated.table("cashflow").filter(pl.col("category") == "salary")
    pay = pay.join(truth.select("borrower_id", "onset_on").unique(), on="borrower_id")
    days = (pl.col("booked_on") - pl.col("onset_on")).dt.total_days()
    before = pay.filter(days.is_between(-95, -5))["amount"].cast(pl.Float64).sum()
    after = pay.filter(days.is_between(31, 121))["amount"].cast(pl.Float64).sum()
    assert after < 0.6 * before
