"""Each planted cause leaves its trace in the table that should see it, and a confounder that looks like it."""

from __future__ import annotations

from collections.abc import Callable

import polars as pl
import pytest

Rows = Callable[[str, str], pl.DataFrame]


@pytest.fixture(scope="module")
def struck(simulated) -> Rows:
    """Rows of a table that belong to borrowers of one cause, with `days` from its onset to the row's date."""
    dates = {"external_debts": "report_on", "public_events": "event_on", "collateral": "valued_on"}
    dates |= {"invoices": "issued_on", "financials": "period_end", "tax_filings": "period_end", "contacts": "at"}
    truth = simulated.truth()

    def rows(name: str, cause: str) -> pl.DataFrame:
        table = simulated.table(name)
        key = "borrower_id" if "borrower_id" in table.columns else "loan_id"
        spells = truth.filter(pl.col("cause") == cause).select(key, "onset_on", "ends_on").unique()
        days = (pl.col(dates[name]).cast(pl.Date) - pl.col("onset_on")).dt.total_days()
        return table.join(spells, on=key).with_columns(days=days)

    return rows


@pytest.fixture(scope="module")
def untouched(simulated) -> pl.Series:
    """Borrowers without any cause or confounder."""
    return simulated.table("loans").join(simulated.truth(), on="borrower_id", how="anti")["borrower_id"].unique()


@pytest.fixture(scope="module")
def returns(simulated) -> pl.DataFrame:
    """By loan: cause (null for none) and the share of the payout that came back to the borrower or a party."""
    links = simulated.table("parties").select("borrower_id", "party_id")
    own = simulated.table("loans").select("loan_id", "borrower_id", "principal", "disbursed_on")
    rows = simulated.table("fund_trace").filter(pl.col("hop").is_between(1, 2)).join(own, on="loan_id")
    related = rows.join(links, left_on=["borrower_id", "to_id"], right_on=["borrower_id", "party_id"], how="semi")
    back = pl.concat([rows.filter(pl.col("to_id") == pl.col("borrower_id")), related]).unique("trace_id")
    back = back.group_by("loan_id").agg(pl.col("amount").cast(pl.Float64).sum())
    share = (pl.col("amount") / pl.col("principal").cast(pl.Float64)).fill_null(0.0)
    loans = own.join(back, on="loan_id", how="left").with_columns(share=share)
    return loans.join(simulated.truth().select("loan_id", "cause", "onset_on"), on="loan_id", how="left")


def test_over_indebtedness_shows_at_the_bureau(simulated, struck: Rows, untouched: pl.Series) -> None:
    calm = simulated.table("external_debts").filter(pl.col("borrower_id").is_in(untouched.implode()))
    late = struck("external_debts", "over_indebted").filter(pl.col("days").is_between(90, 300))
    assert late["approval_inquiries_6m"].mean() > 4 * calm["approval_inquiries_6m"].mean()
    others = late.filter(~pl.col("is_ours"))
    lenders = others.group_by("snapshot_id").agg(pl.col("lender_id").n_unique())["lender_id"].mean()
    usual = calm.filter(~pl.col("is_ours")).group_by("snapshot_id").agg(pl.col("lender_id").n_unique())
    assert lenders > usual["lender_id"].mean() + 1.5
    short = (pl.col("maturity_on") - pl.col("report_on")).dt.total_days() < 366
    assert others.filter(short & (pl.col("debt_type") == "cash_loan"))["balance"].sum() > 0
    assert late["score"].mean() < calm["score"].mean() - 25


def test_a_refinancing_raises_inquiries_but_not_debt(struck: Rows) -> None:
    rows = struck("external_debts", "refinancing").filter(~pl.col("is_ours"))
    before, after = rows.filter(pl.col("days") < 0), rows.filter(pl.col("days").is_between(60, 180))
    assert after["approval_inquiries_6m"].mean() > before["approval_inquiries_6m"].mean() + 2
    debt = [side.group_by("snapshot_id").agg(pl.col("balance").sum())["balance"].mean() for side in (before, after)]
    assert debt[1] < 1.15 * debt[0]
    assert rows.filter(pl.col("opened_on") >= pl.col("onset_on"))["borrower_id"].n_unique() > 20


def test_our_own_loans_are_lines_of_the_reports(simulated) -> None:
    lines = simulated.table("external_debts").filter("is_ours")
    loans = simulated.table("loans").select("borrower_id", opened_on="disbursed_on")
    assert len(lines.join(loans, on=["borrower_id", "opened_on"], how="semi")) > 0.99 * len(lines)
    assert (lines["dpd"] > 0).mean() < 0.15


def test_diverted_funds_come_back_along_the_trace(returns: pl.DataFrame) -> None:
    early = (pl.col("disbursed_on") - pl.col("onset_on")).dt.total_days().is_between(-100, 60)
    diverted = returns.filter((pl.col("cause") == "funds_diverted") & early)
    assert len(diverted) > 10
    assert diverted["share"].mean() > 0.2
    assert returns.filter(pl.col("cause").is_null())["share"].max() == 0


def test_returned_goods_look_like_diverted_funds(returns: pl.DataFrame) -> None:
    cancelled = returns.filter(pl.col("cause") == "returned_goods")
    assert (cancelled["share"] > 0.1).mean() > 0.5


def test_what_is_traced_was_paid_out(simulated) -> None:
    payouts = simulated.table("disbursements").group_by("loan_id").agg(pl.col("amount").sum())
    loans = simulated.table("loans").filter(pl.col("product") != "credit_line").join(payouts, on="loan_id")
    assert (loans["amount"] == loans["principal"]).all()
    spent = simulated.table("fund_trace").filter(pl.col("hop") == 1).group_by("loan_id").agg(pl.col("amount").sum())
    assert (spent.join(payouts, on="loan_id").select((pl.col("amount") / pl.col("amount_right")).max())).item() < 1.5


def test_unwilling_borrowers_break_promises_refuse_and_cannot_be_reached(simulated, struck: Rows) -> None:
    refusing = struck("contacts", "strategic").filter(pl.col("days").is_between(30, 150))
    slow = struck("contacts", "income_loss").filter(pl.col("days").is_between(30, 150))
    share = {"invalid": 0.0, "refused": 0.0}
    for outcome in share:
        share[outcome] = (refusing["outcome"] == outcome).mean()
    assert share["invalid"] > 2 * (slow["outcome"] == "invalid").mean()
    assert share["refused"] > 0.02


def test_promises_are_kept_by_most_and_broken_by_some(simulated) -> None:
    calls = simulated.table("contacts").filter(pl.col("ptp_on").is_not_null())
    calls = calls.filter(pl.col("ptp_on") < pl.date(2023, 12, 1)).with_columns(on=pl.col("at").dt.date())
    paid = simulated.table("payments").filter((pl.col("status") == "posted") & (pl.col("purpose") == "scheduled"))
    both = calls.join(paid.select("loan_id", "paid_on", "amount"), on="loan_id", how="left")
    within = pl.col("paid_on").is_between("on", "ptp_on")
    kept = both.group_by("contact_id", "ptp_amount").agg(got=pl.col("amount").filter(within).sum())
    share = (kept["got"] >= kept["ptp_amount"]).mean()
    assert 0.3 < share < 0.9


def test_a_wrong_number_is_replaced(simulated, struck: Rows) -> None:
    calls = struck("contacts", "wrong_number")
    during = calls.filter(pl.col("at").dt.date() < pl.col("ends_on"), pl.col("days") >= 0)
    assert (during["outcome"] == "invalid").mean() > 0.95
    assert calls.filter(pl.col("direction") == "in")["contact_point_id"].n_unique() > 20
    numbers = simulated.table("contacts").group_by("loan_id").agg(pl.col("contact_point_id").n_unique())
    assert 0.01 < (numbers["contact_point_id"] > 1).mean() < 0.10


def test_a_declining_firm_invoices_less_before_its_receipts_fall(simulated, struck: Rows) -> None:
    sales = struck("invoices", "firm_decline").filter(pl.col("direction") == "sale")
    monthly = [_sum(sales.filter(pl.col("days").is_between(low, low + 92))) for low in (-95, 120)]
    assert monthly[1] < 0.75 * monthly[0]


def test_a_declining_firm_shows_in_accounts_taxes_and_registers(simulated, struck: Rows) -> None:
    accounts = struck("financials", "firm_decline").with_columns(
        debt=pl.col("total_liabilities").cast(pl.Float64) / pl.col("total_assets").cast(pl.Float64)
    )
    before, after = accounts.filter(pl.col("days") < 0), accounts.filter(pl.col("days") > 150)
    assert after["debt"].mean() > before["debt"].mean() + 0.05
    taxes = struck("tax_filings", "firm_decline").with_columns(short=pl.col("tax_paid") < 0.9 * pl.col("tax_due"))
    assert taxes.filter(pl.col("days") > 120)["short"].mean() > 3 * taxes.filter(pl.col("days") < 0)["short"].mean()
    courts = struck("public_events", "firm_decline").filter(pl.col("event_type") == "litigation_defendant")
    assert (courts["days"] > 0).mean() > 0.6


def test_accounts_balance(simulated) -> None:
    rows = simulated.table("financials")
    assert (rows["total_assets"] == rows["total_liabilities"] + rows["equity"]).all()


def test_a_succession_changes_the_register_and_nothing_else(struck: Rows) -> None:
    entries = struck("public_events", "succession")
    owners = entries.filter(pl.col("event_type") == "legal_rep")["borrower_id"].n_unique()
    assert owners > 0.5 * entries["borrower_id"].n_unique()
    accounts = struck("tax_filings", "succession")
    assert (accounts["tax_paid"] < accounts["tax_due"]).mean() < 0.05


def test_seasonal_firms_have_dips_that_pass(struck: Rows) -> None:
    sales = struck("invoices", "seasonal_income").filter(
        pl.col("direction") == "sale", pl.col("issued_on").dt.year() == 2022
    )
    by_month = sales.group_by("borrower_id", pl.col("issued_on").dt.month()).agg(
        pl.col("amount").cast(pl.Float64).sum()
    )
    spread = by_month.group_by("borrower_id").agg(low=pl.col("amount").min() / pl.col("amount").max(), n=pl.len())
    assert spread.filter(pl.col("n") == 12)["low"].median() < 0.65


def test_decayed_collateral_is_valued_down_for_good(simulated, struck: Rows) -> None:
    fallen = _last_to_first(struck("collateral", "collateral_decay").filter(pl.col("ends_on") < pl.date(2023, 9, 1)))
    marked = _last_to_first(struck("collateral", "revaluation"))
    everyone = _last_to_first(simulated.table("collateral"))
    assert fallen < marked - 0.1 < everyone - 0.1


def test_some_guarantors_borrow_here_themselves(simulated) -> None:
    guarantors = simulated.table("guarantees")["guarantor_id"]
    here = guarantors.is_in(simulated.table("loans")["borrower_id"].implode())
    assert 0.1 < here.mean() < 0.4


def _sum(rows: pl.DataFrame) -> float:
    return float(rows["amount"].cast(pl.Float64).sum())


def _last_to_first(rows: pl.DataFrame) -> float:
    value = pl.col("value").cast(pl.Float64)
    ends = rows.sort("valued_on").group_by("collateral_id").agg(share=value.last() / value.first(), n=pl.len())
    return float(ends.filter(pl.col("n") > 1)["share"].mean())
