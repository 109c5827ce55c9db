"""The same 71 columns by pandas: vectorised columns, merge_asof and group-bys, a month end at a time, as known then."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from benchmarks.last_step import finished
from benchmarks.plain_book import Day

OWN = ("borrower", "co_borrower", "other")
LOAN, CAP, OPEN = "loan_id", 1.5, 1 << 24


@dataclass(frozen=True)
class Book:
    """The tables, days as whole numbers, money in minor units, words as categories, sorted by owner and day."""

    loans: pd.DataFrame
    dues: pd.DataFrame
    payments: pd.DataFrame
    events: pd.DataFrame
    cashflow: pd.DataFrame


def read(folder: Path) -> Book:
    """Read the five tables and prepare what does not depend on the day asked about."""

    def table(name: str, *columns: str) -> pd.DataFrame:
        made = {}
        rows = pq.read_table(folder / "part-00000" / f"{name}.parquet", columns=[*columns, "posted_at"])
        for column, kind in zip(rows.column_names, rows.schema.types, strict=True):
            values = rows[column]
            if pa.types.is_decimal(kind):
                made[column] = np.rint(pc.cast(values, pa.float64()).to_numpy() * 100).astype(np.int64)
            elif pa.types.is_date(kind):
                made[column] = values.cast(pa.int32()).to_numpy().astype(np.int64)
            elif pa.types.is_timestamp(kind):
                made[column] = values.cast(pa.int64()).to_numpy()
            elif pa.types.is_string(kind) and not column.endswith("_id"):
                made[column] = values.dictionary_encode().to_pandas()
            else:
                made[column] = values.to_pandas()
        return pd.DataFrame(made)

    loans = table("loans", LOAN, "borrower_id", "disbursed_on").drop(columns="posted_at")
    number = pd.Series(np.arange(len(loans)), index=loans[LOAN])
    borrower = pd.Series({name: k for k, name in enumerate(loans["borrower_id"].unique())})
    dues = table(
        "instalments", LOAN, "instalment_no", "valid_from", "due_on", "principal_due", "interest_due", "fee_due"
    )
    dues["due"] = dues["principal_due"] + dues["interest_due"] + dues["fee_due"]
    payments = _payments(table(
        "payments", "payment_id", LOAN, "paid_on", "amount", "purpose", "payer", "method", "status", "fail_reason",
        "reverses_id",
    ))  # fmt: skip
    events = table("loan_events", LOAN, "event_type", "event_on")
    for frame in (dues, payments, events):
        frame["loan"] = frame[LOAN].map(number)
    cashflow = table("cashflow", "borrower_id", "booked_on", "amount", "category", "counterparty_type")
    return Book(
        loans=loans.assign(loan=np.arange(len(loans)), borrower=loans["borrower_id"].map(borrower)),
        dues=dues[dues["due"] > 0].sort_values(["loan", "due_on", "instalment_no"], ignore_index=True),
        payments=payments.sort_values(["loan", "paid_on"], ignore_index=True),
        events=events,
        cashflow=_kinds(cashflow.assign(borrower=cashflow["borrower_id"].map(borrower))),
    )


def _payments(rows: pd.DataFrame) -> pd.DataFrame:
    reversals = rows[rows["status"] == "reversal"].groupby("reverses_id")[["paid_on", "posted_at"]].min()
    rows = rows[rows["status"] != "reversal"].copy()
    rows["undone_on"] = rows["payment_id"].map(reversals["paid_on"]).fillna(OPEN)
    rows["undone_at"] = rows["payment_id"].map(reversals["posted_at"]).fillna(np.inf)
    rows["posted"] = rows["status"] == "posted"
    meant = rows["purpose"].isna() | (rows["purpose"] == "scheduled")
    rows["scheduled"] = rows["posted"] & meant & (rows["payer"].isna() | rows["payer"].isin(OWN))
    rows["ahead"] = rows["posted"] & rows["purpose"].isin(["partial_prepay", "full_prepay"])
    rows["named"] = rows["posted"] & rows["payer"].notna()
    rows["by_other"] = rows["named"] & (rows["payer"] != "borrower")
    rows["told"] = rows["scheduled"] & rows["method"].notna()
    rows["by_hand"] = rows["told"] & (rows["method"] != "autopay")
    failed = rows["status"] == "failed"
    rows["short"] = failed & (rows["fail_reason"] == "insufficient")
    rows["technical"] = failed & rows["fail_reason"].isin(["technical", "mandate"])
    rows["tried"] = rows["short"] | (rows["scheduled"] & (rows["method"] == "autopay"))
    return rows


def _kinds(rows: pd.DataFrame) -> pd.DataFrame:
    own = rows["counterparty_type"].isin(["own", "related"])
    handed = rows["category"].isin(["refund", "loan_repayment"])
    paid_in = rows["category"].isin(["salary", "business_income", "refund", "loan_repayment"])
    lent = (rows["category"] == "loan_in") | ((rows["counterparty_type"] == "lender") & ~paid_in)
    amount = rows["amount"]
    rows["inflow"] = amount.where((amount > 0) & ~own & ~lent & ~handed, 0)
    rows["outflow"] = -amount.where((amount < 0) & ~own & (rows["category"] != "refund"), 0)
    for name, kinds in (("cash", ["cash"]), ("essential", ["essential"]), ("risky", ["gambling", "securities"])):
        rows[name] = rows["outflow"].where(rows["category"].isin(kinds), 0)
    return rows.sort_values(["borrower", "booked_on"], ignore_index=True)


def features(book: Book, asked: pl.DataFrame, days: list[Day]) -> pl.DataFrame:
    """The columns of every (loan_id, as_of) asked for."""
    by_day = dict(iter(asked.to_pandas().groupby("as_of")))
    whole = pd.concat([month(book, by_day[day.as_of], day) for day in days if day.as_of in by_day])
    return pl.from_pandas(whole)


def month(book: Book, asked: pd.DataFrame, day: Day) -> pd.DataFrame:
    """The columns of the loans asked about on one month end."""
    loans = asked.merge(book.loans, on=LOAN)
    p, d, e, f = book.payments, book.dues, book.events, book.cashflow
    there = (p["paid_on"] <= day.as_of) & (p["posted_at"] <= day.cutoff)
    there &= (p["undone_on"] > day.as_of) | (p["undone_at"] > day.cutoff)
    ours = np.zeros(len(book.loans), bool)
    ours[loans["loan"]] = True
    payments = p[there & ours[p["loan"]]]
    dues = d[(d["valid_from"] <= day.as_of) & (d["posted_at"] <= day.cutoff) & ours[d["loan"]]]
    events = e[(e["event_on"] <= day.as_of) & (e["posted_at"] <= day.cutoff)]
    feeds = f[(f["booked_on"] <= day.as_of) & (f["posted_at"] <= day.cutoff)]
    parts = (settled_columns(dues, payments, day), plan_columns(dues, day), money_columns(payments, day))
    whole = loans.set_index("loan").join([*parts, event_columns(events, day)])
    whole = whole.merge(account_columns(feeds, day), left_on="borrower", right_index=True, how="left")
    numbers = whole.drop(columns=[LOAN, "borrower_id", "borrower", "as_of"]).astype(float)
    columns = finished({name: numbers[name].to_numpy() for name in numbers}, day)
    return pd.DataFrame({LOAN: whole[LOAN].to_numpy(), "as_of": whole["as_of"].to_numpy(), **columns})


def settled(dues: pd.DataFrame, payments: pd.DataFrame, day: Day) -> pd.DataFrame:
    """The instalments judged by the day, with when they were settled and what had been paid by their due date."""
    money = payments[payments["scheduled"]].groupby(["loan", "paid_on"], as_index=False)["amount"].sum()
    money["paid"] = money.groupby("loan")["amount"].cumsum()
    rows = dues.loc[dues["due_on"] < day.as_of, ["loan", "due_on", "due"]].reset_index(drop=True)
    by_loan = rows.groupby("loan")
    rows["total"] = by_loan["due"].cumsum()
    rows["no"] = by_loan.cumcount()
    rows["age"] = by_loan.cumcount(ascending=False)
    rows["needed"] = rows["total"] - 100
    money = money[["loan", "paid_on", "paid"]]
    by_sum = pd.merge_asof(
        rows.sort_values("needed"), money.sort_values("paid"), left_on="needed", right_on="paid", by="loan",
        direction="forward",
    ).rename(columns={"paid_on": "settled"}).drop(columns="paid")  # fmt: skip
    rows = pd.merge_asof(
        by_sum.sort_values("due_on"), money.sort_values("paid_on"), left_on="due_on", right_on="paid_on", by="loan"
    ).sort_values(["loan", "no"], ignore_index=True)
    rows["settled"] = rows["settled"].fillna(OPEN)
    rows["paid"] = rows["paid"].fillna(0)
    first = rows["no"] == 0
    rows["late"] = rows["settled"] > rows["due_on"]
    rows["days_late"] = np.minimum(rows["settled"], day.as_of) - rows["due_on"]
    rows["covered"] = np.clip(rows["paid"] - rows["total"] + rows["due"], 0, rows["due"])
    rows["share"] = np.minimum((rows["paid"] - rows["paid"].shift().where(~first, 0)) / rows["due"], CAP)
    rows["falls"] = (rows["share"] < rows["share"].shift()) & ~first
    rows["last"] = np.minimum(rows["settled"] - 1, day.as_of)
    rows["first"] = np.maximum(rows["due_on"] + 1, rows["settled"].shift().where(~first, 0))
    rows["over"] = rows["last"] - rows["due_on"]
    return rows


def settled_columns(dues: pd.DataFrame, payments: pd.DataFrame, day: Day) -> pd.DataFrame:
    """Everything that is read from judged instalments, a row a loan."""
    rows = settled(dues, payments, day)
    loan, t, edge = rows["loan"], day.as_of, day.edges
    count = rows.groupby("loan").size()
    out = pd.DataFrame({"due_before": rows.groupby("loan")["due"].sum()})
    for w in (3, 6, 12):
        window = rows[rows["due_on"] > edge[w]].groupby("loan")
        out[f"late_rate_{w}m"], out[f"dues_{w}m"] = window["late"].mean(), window["due"].sum()
    out["late_amt_rate_12m"] = (out["dues_12m"] - window["covered"].sum()) / out["dues_12m"]
    _latest_columns(rows, count, out)
    out["clean_streak"] = rows[rows["late"]].groupby("loan")["age"].min().reindex(out.index).fillna(count)
    out["late_streak"] = rows[~rows["late"]].groupby("loan")["age"].min().reindex(out.index).fillna(count)
    out["first_late_no"] = rows[rows["late"]].groupby("loan")["no"].min() + 1
    out["n_consec_declining"] = rows[~rows["falls"]].groupby("loan")["age"].min().clip(upper=11)
    out["last_due"] = rows[rows["age"] == 0].set_index("loan")["due"]
    _first_columns(rows, out, t)
    for w in (1, 3, 6, 12):
        out[f"dpd_max_{w}m"] = rows[rows["last"] > edge[w]].groupby("loan")["over"].max().clip(lower=0)
    out["dpd_worst_ever"] = rows.groupby("loan")["over"].max().clip(lower=0)
    out["in_arrears"] = rows[rows["over"] > 0].groupby("loan")["last"].max()
    out["in_arrears_30"] = rows[rows["over"] > 30].groupby("loan")["last"].max()
    for j in range(13):
        standing = (rows["due_on"] < edge[j]) & (rows["settled"] > edge[j])
        out[f"at_{j}"] = edge[j] - rows["due_on"][standing].groupby(loan[standing]).min()
    for w in (3, 6, 12):
        since = np.maximum(rows["first"], edge[w] + 1)
        days = (rows["last"] - since + 1) * (since + rows["last"] - 2 * rows["due_on"]) / 2
        held = (rows["last"] >= since) & (rows["over"] > 0)
        out[f"dpd_sum_{w}m"] = days[held].groupby(loan[held]).sum()
    return out


def _latest_columns(rows: pd.DataFrame, count: pd.Series, out: pd.DataFrame) -> None:
    """Columns over the latest instalments; at least half of them must be there."""
    latest = {k: rows[rows["age"] < k] for k in (1, 3, 6, 12)}
    enough = {k: count >= (k + 1) // 2 for k in latest}
    for k, some in latest.items():
        out[f"days_late_mean_{k}n"] = some.groupby("loan")["days_late"].mean().where(enough[k])
    six = latest[6].assign(
        lateness=latest[6]["days_late"].clip(lower=0), early=latest[6]["days_late"] < 0,
        partial=(latest[6]["covered"] > 0) & latest[6]["late"],
    ).groupby("loan")  # fmt: skip
    out["days_late_max_6n"] = six["lateness"].max().where(enough[6])
    out["early_share_6n"] = six["early"].mean().where(enough[6])
    out["partial_share_6n"] = six["partial"].mean().where(enough[6])
    for k in (6, 12):
        lateness = latest[k]["days_late"].clip(lower=0).groupby(latest[k]["loan"])
        out[f"days_late_std_{k}n"] = lateness.std(ddof=0).where(enough[k])
    weight = 0.5 ** (latest[12]["age"] / 3)
    total = (latest[12]["days_late"] * weight).groupby(latest[12]["loan"]).sum()
    out["days_late_ewm"] = (total / weight.groupby(latest[12]["loan"]).sum()).where(enough[12])
    out["paid_ratio_last1"] = latest[1].set_index("loan")["share"]


def _first_columns(rows: pd.DataFrame, out: pd.DataFrame, t: int) -> None:
    """How the first three instalments went."""
    fails = []
    for k in range(3):
        kth = rows[rows["no"] == k].set_index("loan").reindex(out.index)
        fails.append((kth["settled"] > kth["due_on"] + 7).where(t >= kth["due_on"] + 7))
        if k == 0:
            out["fpd_days"] = (np.minimum(kth["settled"], t) - kth["due_on"]).clip(lower=0)
    one, two, three = (f.astype(float) for f in fails)
    out["fpd_flag"] = one
    out["spd_flag"] = ((one == 0) & (two == 1)).where(two.notna())
    out["tpd_flag"] = ((one == 0) & (two == 0) & (three == 1)).where(three.notna())


def plan_columns(dues: pd.DataFrame, day: Day) -> pd.DataFrame:
    """What is still to come."""
    coming = dues[dues["due_on"] >= day.as_of].groupby("loan")["due"]
    out = pd.DataFrame({"last_due_on": dues.groupby("loan")["due_on"].max()})
    out["first_to_come"] = coming.first()
    three = dues[dues["due_on"] >= day.as_of].groupby("loan").head(3)
    out["next_three"] = three.groupby("loan")["due"].mean()
    return out


def money_columns(payments: pd.DataFrame, day: Day) -> pd.DataFrame:
    """Sums and counts over payment rows, a row a loan."""
    amount, on = payments["amount"], payments["paid_on"]
    since = {w: on > day.edges[w] for w in (3, 6, 12)}
    before = since[6] & ~since[3]
    wanted = {f"paid_{w}m": amount.where(payments["scheduled"] & since[w], 0) for w in (3, 6, 12)}
    wanted |= {
        "paid_ever": amount.where(payments["scheduled"], 0),
        "ahead_12m": amount.where(payments["ahead"] & since[12], 0),
        "purposes": payments["posted"] & payments["purpose"].notna(),
        "other": amount.where(payments["by_other"] & since[6], 0),
        "named": amount.where(payments["named"] & since[6], 0), "n_insufficient_3m": payments["short"] & since[3],
        "n_technical_fail_3m": payments["technical"] & since[3], "hand": payments["by_hand"] & since[3],
        "told": payments["told"] & since[3], "hand_before": payments["by_hand"] & before,
        "told_before": payments["told"] & before,
        **{f"short_{w}": payments["short"] & since[w] for w in (3, 6)},
        **{f"tried_{w}": payments["tried"] & since[w] for w in (3, 6)},
    }  # fmt: skip
    out = pd.DataFrame(wanted).groupby(payments["loan"]).sum()
    out["third_party_share_6m"] = (out["other"] / out["named"]).where(out["named"] > 0)
    out["manual_share_chg"] = out["hand"] / out["told"] - out["hand_before"] / out["told_before"]
    for w in (3, 6):
        out[f"debit_fail_rate_{w}m"] = out[f"short_{w}"] / out[f"tried_{w}"]
    return out.drop(columns=["other", "named", "hand", "told", "hand_before", "told_before"])


def event_columns(events: pd.DataFrame, day: Day) -> pd.DataFrame:
    """Counts of loan events, a row a loan."""
    granted = events["event_type"].isin(["extension", "deferral", "grace"]) & (events["event_on"] > day.edges[12])
    ended = (events["event_type"] == "mandate_off") & (events["event_on"] > day.edges[3])
    counted = pd.DataFrame({"n_extensions_12m": granted, "autopay_cancelled_3m": ended}).groupby(events["loan"])
    out = counted.sum()
    return out.assign(autopay_cancelled_3m=out["autopay_cancelled_3m"] > 0)


def account_columns(feeds: pd.DataFrame, day: Day) -> pd.DataFrame:
    """Sums over account rows by kind and window, a row a borrower."""
    edge, on = day.edges, feeds["booked_on"]
    by_borrower = feeds.groupby("borrower")["booked_on"]
    out = pd.DataFrame({"first_row": by_borrower.min(), "last_row": by_borrower.max()})
    for w in (1, 3, 6):
        window = feeds[on > edge[w]].groupby("borrower")
        out[[f"in_{w}m", f"out_{w}m"]] = window[["inflow", "outflow"]].sum()
        if w == 3:
            out[["cash_3m", "essential_3m", "risky_3m"]] = window[["cash", "essential", "risky"]].sum()
    for name, months in (("in_before", 6), ("in_4", 5)):
        window = feeds[(on > edge[months]) & (on <= edge[3])]
        out[name] = window.groupby("borrower")["inflow"].sum()
    return out
