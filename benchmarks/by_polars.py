"""71 columns of the catalogue by hand-written Polars: one pass of group-bys a month end, on what was known then."""

from __future__ import annotations

import polars as pl

from benchmarks.last_step import finished
from benchmarks.plain_book import Day
from benchmarks.polars_book import BORROWER, LOAN, Book, read

CAP, OPEN = 1.5, 1 << 24
c = pl.col


def features(book: Book, asked: pl.DataFrame, days: list[Day]) -> pl.DataFrame:
    """The columns of every (loan_id, as_of) asked for; a missing value is null."""
    by_day = asked.partition_by("as_of", as_dict=True)
    return pl.concat([month(book, by_day[day.as_of,], day) for day in days if (day.as_of,) in by_day])


def month(book: Book, asked: pl.DataFrame, day: Day) -> pl.DataFrame:
    """The columns of the loans asked about on one month end."""
    loans = asked.join(book.loans.drop("posted_at"), on="loan_id")
    ours = loans.select(LOAN)
    payments = book.payments.filter(
        c("paid_on") <= day.as_of,
        c("posted_at") <= day.cutoff,
        c("undone_on").is_null() | (c("undone_on") > day.as_of) | (c("undone_at") > day.cutoff),
    ).join(ours, on=LOAN, how="semi")
    dues = book.dues.filter(c("valid_from") <= day.as_of, c("posted_at") <= day.cutoff).join(ours, on=LOAN, how="semi")
    events = book.events.filter(c("event_on") <= day.as_of, c("posted_at") <= day.cutoff)
    feeds = book.cashflow.filter(c("booked_on") <= day.as_of, c("posted_at") <= day.cutoff)
    whole = loans
    for part in (
        settled_columns(dues, payments, day),
        plan_columns(dues, day),
        money_columns(payments, day),
        event_columns(events, day),
    ):
        whole = whole.join(part, on=LOAN, how="left")
    whole = whole.join(account_columns(feeds, day), on=BORROWER, how="left")
    numbers = whole.drop(LOAN, BORROWER, "loan_id", "borrower_id", "as_of").cast(pl.Float64)
    columns = finished({name: numbers[name].to_numpy() for name in numbers.columns}, day)
    return whole.select("loan_id", "as_of").with_columns(pl.Series(name, values) for name, values in columns.items())


def settled(dues: pl.DataFrame, payments: pl.DataFrame, day: Day) -> pl.DataFrame:
    """The instalments judged by the day, with when they were settled and what had been paid by their due date."""
    money = payments.filter("scheduled").group_by(LOAN, "paid_on").agg(c("amount").sum()).sort(LOAN, "paid_on")
    money = money.select(LOAN, "paid_on", paid=c("amount").cum_sum().over(LOAN))
    dues = dues.filter(c("due_on") < day.as_of).with_columns(total=c("due").cum_sum().over(LOAN))
    dues = dues.with_columns(needed=c("total") - 100)
    by_sum = dues.sort("needed").join_asof(
        money.sort("paid").rename({"paid_on": "settled"}),
        left_on="needed",
        right_on="paid",
        by=LOAN,
        strategy="forward",
        check_sortedness=False,
    )
    both = (
        by_sum.drop("paid")
        .sort("due_on")
        .join_asof(
            money.sort("paid_on"),
            left_on="due_on",
            right_on="paid_on",
            by=LOAN,
            strategy="backward",
            check_sortedness=False,
        )
        .sort(LOAN, "due_on", "instalment_no")
    )
    number = pl.int_range(pl.len())
    return (
        both.with_columns(
            c("settled").fill_null(OPEN).alias("settled"),
            c("paid").fill_null(0).alias("by_due"),
            number.over(LOAN).alias("no"),
            (pl.len() - 1 - number).over(LOAN).alias("age"),
        )
        .with_columns(
            late=c("settled") > c("due_on"),
            days_late=pl.min_horizontal("settled", pl.lit(day.as_of)) - c("due_on"),
            covered=(c("by_due") - c("total") + c("due")).clip(0, c("due")),
            share=((c("by_due") - c("by_due").shift(1).over(LOAN).fill_null(0)) / c("due")).clip(upper_bound=CAP),
            last=pl.min_horizontal(c("settled") - 1, pl.lit(day.as_of)),
            first=pl.max_horizontal(c("due_on") + 1, c("settled").shift(1).over(LOAN)),
        )
        .with_columns(
            over=c("last") - c("due_on"),
            falls=(c("share") < c("share").shift(1).over(LOAN)).fill_null(False),
        )
    )


def settled_columns(dues: pl.DataFrame, payments: pl.DataFrame, day: Day) -> pl.DataFrame:
    """Everything that is read from judged instalments, a row a loan."""
    t, edge = day.as_of, day.edges
    rows = settled(dues, payments, day)
    lateness = c("days_late").clip(0)

    def at(edge_day: int) -> pl.Expr:
        standing = (c("due_on") < edge_day) & (c("settled") > edge_day)
        return (edge_day - c("due_on").filter(standing).min()).fill_null(0)

    def latest(value: pl.Expr, k: int) -> pl.Expr:
        return pl.when(pl.len() >= (k + 1) // 2).then(value.filter(c("age") < k).mean())

    def daily(months: int) -> pl.Expr:
        a = pl.max_horizontal(c("first"), pl.lit(edge[months] + 1))
        days = (c("last") - a + 1) * (a + c("last") - 2 * c("due_on"))
        return (days.filter((c("last") >= a) & (c("last") > c("due_on"))).sum() / 2).alias(f"dpd_sum_{months}m")

    due = {w: c("due_on") > edge[w] for w in (1, 3, 6, 12)}
    weight = (0.5 ** (c("age") / 3)).filter(c("age") < 12)
    k_th = {k: (c("due_on").filter(c("no") == k).first(), c("settled").filter(c("no") == k).first()) for k in range(3)}
    fails = {k: pl.when(t >= d + 7).then(s > d + 7) for k, (d, s) in k_th.items()}
    return (
        rows.group_by(LOAN)
        .agg(
            *(late_rate(due[w]).alias(f"late_rate_{w}m") for w in (3, 6, 12)),
            *(c("due").filter(due[w]).sum().alias(f"dues_{w}m") for w in (3, 6, 12)),
            late_amt_rate_12m=(c("due") - c("covered")).filter(due[12]).sum() / c("due").filter(due[12]).sum(),
            **{f"days_late_mean_{k}n": latest(c("days_late"), k) for k in (1, 3, 6, 12)},
            days_late_max_6n=pl.when(pl.len() >= 3).then(lateness.filter(c("age") < 6).max()),
            **{
                f"days_late_std_{k}n": pl.when(pl.len() >= k // 2).then(lateness.filter(c("age") < k).std(ddof=0))
                for k in (6, 12)
            },
            days_late_ewm=pl.when(pl.len() >= 6).then(
                (c("days_late").filter(c("age") < 12) * weight).sum() / weight.sum()
            ),
            early_share_6n=latest(c("days_late") < 0, 6),
            partial_share_6n=latest((c("covered") > 0) & c("late"), 6),
            paid_ratio_last1=latest(c("share"), 1),
            n_consec_declining=c("age").filter(~c("falls")).min().clip(upper_bound=11),
            clean_streak=c("age").filter("late").min().fill_null(pl.len()),
            late_streak=c("age").filter(~c("late")).min().fill_null(pl.len()),
            first_late_no=c("no").filter("late").min() + 1,
            fpd_flag=fails[0],
            spd_flag=pl.when(fails[1].is_not_null()).then(~fails[0] & fails[1]),
            tpd_flag=pl.when(fails[2].is_not_null()).then(~fails[0] & ~fails[1] & fails[2]),
            fpd_days=(pl.min_horizontal(k_th[0][1], pl.lit(t)) - k_th[0][0]).clip(0),
            due_before=c("due").sum(),
            last_due=c("due").filter(c("age") == 0).first(),
            **{
                f"dpd_max_{w}m": c("over").filter(c("last") > edge[w]).max().clip(0).fill_null(0) for w in (1, 3, 6, 12)
            },
            dpd_worst_ever=c("over").max().clip(0),
            in_arrears=c("last").filter(c("over") > 0).max(),
            in_arrears_30=c("last").filter(c("over") > 30).max(),
            **{f"at_{j}": at(edge[j]) for j in range(13)},
        )
        .join(rows.group_by(LOAN).agg(*(daily(w) for w in (3, 6, 12))), on=LOAN)
    )


def late_rate(window: pl.Expr) -> pl.Expr:
    """Share of late instalments of a window; nothing due: missing."""
    return c("late").filter(window).mean()


def plan_columns(dues: pl.DataFrame, day: Day) -> pl.DataFrame:
    """What is still to come."""
    coming = c("due").filter(c("due_on") >= day.as_of)
    return dues.group_by(LOAN).agg(
        last_due_on=c("due_on").max(), first_to_come=coming.first(), next_three=coming.head(3).mean()
    )


def money_columns(payments: pl.DataFrame, day: Day) -> pl.DataFrame:
    """Sums and counts over payment rows, a row a loan."""
    since = {w: c("paid_on") > day.edges[w] for w in (3, 6, 12)}
    told = c("scheduled") & c("method").is_not_null()
    by_hand = told & (c("method") != "autopay")
    named = c("posted") & c("payer").is_not_null()
    failed, before = c("status") == "failed", since[6] & ~since[3]
    short = failed & (c("fail_reason") == "insufficient").fill_null(False)
    technical = failed & c("fail_reason").is_in(["technical", "mandate"]).fill_null(False)
    tried = short | (c("scheduled") & (c("method") == "autopay"))

    def share(some: pl.Expr, of: pl.Expr) -> pl.Expr:
        return pl.when(of.sum() > 0).then(some.sum() / of.sum())

    return payments.group_by(LOAN).agg(
        **{f"paid_{w}m": c("amount").filter(c("scheduled") & since[w]).sum() for w in (3, 6, 12)},
        paid_ever=c("amount").filter("scheduled").sum(),
        ahead_12m=c("amount").filter(c("ahead") & since[12]).sum(),
        purposes=(c("posted") & c("purpose").is_not_null()).sum(),
        third_party_share_6m=share(
            c("amount").filter(named & since[6] & (c("payer") != "borrower")), c("amount").filter(named & since[6])
        ),
        manual_share_chg=share(by_hand & since[3], told & since[3]) - share(by_hand & before, told & before),
        **{f"debit_fail_rate_{w}m": share(short & since[w], tried & since[w]) for w in (3, 6)},
        n_insufficient_3m=(short & since[3]).sum(),
        n_technical_fail_3m=(technical & since[3]).sum(),
    )


def event_columns(events: pl.DataFrame, day: Day) -> pl.DataFrame:
    """Counts of loan events, a row a loan."""
    granted = c("event_type").is_in(["extension", "deferral", "grace"]) & (c("event_on") > day.edges[12])
    ended = (c("event_type") == "mandate_off") & (c("event_on") > day.edges[3])
    return events.group_by(LOAN).agg(n_extensions_12m=granted.sum(), autopay_cancelled_3m=ended.any())


def account_columns(feeds: pl.DataFrame, day: Day) -> pl.DataFrame:
    """Sums over account rows by kind and window, a row a borrower."""
    side, kind = c("counterparty_type").fill_null(""), c("category").fill_null("")
    own, handed = side.is_in(["own", "related"]), kind.is_in(["refund", "loan_repayment"])
    paid_in = kind.is_in(["salary", "business_income", "refund", "loan_repayment"])
    lent = (kind == "loan_in") | ((side == "lender") & ~paid_in)
    feeds = feeds.with_columns(
        inflow=(c("amount") > 0) & ~own & ~lent & ~handed, outflow=(c("amount") < 0) & ~own & (kind != "refund")
    )

    def total(rows: pl.Expr, since: int, until: int = 0) -> pl.Expr:
        return (
            c("amount").filter(rows & (c("booked_on") > day.edges[since]) & (c("booked_on") <= day.edges[until])).sum()
        )

    spent = {"cash": ["cash"], "essential": ["essential"], "risky": ["gambling", "securities"]}
    return feeds.group_by(BORROWER).agg(
        first_row=c("booked_on").min(),
        last_row=c("booked_on").max(),
        **{f"in_{w}m": total(c("inflow"), w) for w in (1, 3, 6)},
        **{f"out_{w}m": -total(c("outflow"), w) for w in (1, 3, 6)},
        **{f"{name}_3m": -total(c("outflow") & c("category").is_in(kinds), 3) for name, kinds in spent.items()},
        in_before=total(c("inflow"), 6, 3),
        in_4=total(c("inflow"), 5, 3),
    )


__all__ = ["features", "read"]
