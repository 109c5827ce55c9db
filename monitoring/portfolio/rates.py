"""逾期率: how much of the book is late, on the four bases of `docs/definitions.md`, each named."""

from __future__ import annotations

import polars as pl

OVER = (0, 30, 60, 90)
LAG = 12
BASES = ("instalments", "accounts", "balance", "due_amount")


def delinquency(states: pl.DataFrame, over: tuple[int, ...] = OVER, lag: int = LAG) -> pl.DataFrame:
    """Delinquency by month end and basis.

    `states` are month-end states (see `states.read`). One row a month end, basis and threshold: `numerator`,
    `denominator`, `rate`, and with the denominator of `lag` months before, which growth does not dilute,
    `lagged_denominator` and `lagged_rate` (null in the first months).

    - instalments: instalments of the month settled late or open / instalments due in the month (over 0); a due on the
      last day of a month is judged the day after and counts in the next month
    - accounts: loans with DPD > over / loans on the book
    - balance: principal of loans with DPD > over / principal on the book
    - due_amount: unpaid part of what fell due in the month / what fell due in the month (over 0)
    """
    here = states.filter(pl.col("exit") == "")
    parts = [_dues(here)]
    for x in over:
        late = pl.col("dpd") > x
        held = pl.col("principal_outstanding")
        parts.append(_part(here, "accounts", x, late.sum(), pl.len()))
        parts.append(_part(here, "balance", x, held.filter(late).sum(), held.sum()))
    return _with_lag(pl.concat(parts), lag).sort("as_of", "basis", "over")


def _part(states: pl.DataFrame, basis: str, over: int, numerator: pl.Expr, denominator: pl.Expr) -> pl.DataFrame:
    return states.group_by("as_of").agg(
        pl.lit(basis).alias("basis"),
        pl.lit(over, pl.Int32).alias("over"),
        numerator.cast(pl.Float64).alias("numerator"),
        denominator.cast(pl.Float64).alias("denominator"),
    )


def _dues(states: pl.DataFrame) -> pl.DataFrame:
    """The two bases that count what fell due in the month; oldest dues are met first, so the month's come last."""
    unpaid = pl.min_horizontal("unpaid_due", "due_in_month")
    late, due = pl.col("instalments_late").sum(), pl.col("instalments_due").sum()
    by_number = _part(states, "instalments", 0, late, due)
    by_amount = _part(states, "due_amount", 0, unpaid.sum(), pl.col("due_in_month").sum())
    return pl.concat([by_number, by_amount])


def _with_lag(rates: pl.DataFrame, lag: int) -> pl.DataFrame:
    earlier = rates.select(
        pl.col("as_of").dt.offset_by(f"{lag}mo").dt.month_end(),
        "basis",
        "over",
        lagged_denominator="denominator",
    )
    joined = rates.join(earlier, on=["as_of", "basis", "over"], how="left")
    return joined.with_columns(
        rate=_share("denominator"),
        lagged_rate=_share("lagged_denominator"),
    )


def _share(denominator: str) -> pl.Expr:
    return pl.when(pl.col(denominator) > 0).then(pl.col("numerator") / pl.col(denominator))
