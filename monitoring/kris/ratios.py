"""P05: regulatory ratios of the five classes, and how much of the book hangs on one name, industry or region."""

from __future__ import annotations

import polars as pl

from monitoring.portfolio.classes import NPL

NAMES = {"largest_name_share": "borrower_id", "largest_industry_share": "industry", "largest_region_share": "region"}


def ratios(now: pl.DataFrame, opening: pl.DataFrame | None = None) -> dict[str, float]:
    """The figures of P05 that can be known from loans on the book.

    `now` and `opening` (the start of the year) hold loan_id, five_class, balance; `now` also dpd and, where known,
    borrower_id, industry, region, restructured. Shares are of the balance; loans without a class count in the total.

    - overdue90_to_npl: balance more than 90 days late / balance classed substandard, doubtful or loss
    - special_mention_rate, restructured_rate: share of the balance
    - npl_formation_rate: balance now non-performing that was performing at the opening, or is new / performing balance
      at the opening
    - largest_..._share: the largest name, industry, region; where nothing is stated nothing is said
    """
    total = float(now["balance"].sum())
    if total <= 0:
        return {}
    npl = _held(now, pl.col("five_class").is_in(NPL))
    found = {"special_mention_rate": _held(now, pl.col("five_class") == "special_mention") / total}
    if npl > 0:
        found["overdue90_to_npl"] = _held(now, pl.col("dpd") > 90) / npl
    if "restructured" in now.columns:
        found["restructured_rate"] = _held(now, pl.col("restructured")) / total
    if opening is not None:
        found |= formation(opening, now)
    return found | concentration(now)


def formation(opening: pl.DataFrame, now: pl.DataFrame) -> dict[str, float]:
    """npl_formation_rate: balance that became non-performing since the opening / performing balance then."""
    performing = _held(opening, ~pl.col("five_class").is_in(NPL))
    if performing <= 0:
        return {}
    bad = opening.filter(pl.col("five_class").is_in(NPL)).select("loan_id")
    fresh = now.filter(pl.col("five_class").is_in(NPL)).join(bad, on="loan_id", how="anti")
    return {"npl_formation_rate": float(fresh["balance"].sum()) / performing}


def concentration(now: pl.DataFrame) -> dict[str, float]:
    """The share of the largest name, industry and region in the balance; "" and null are nobody's name."""
    total, found = float(now["balance"].sum()), {}
    for figure, column in NAMES.items():
        stated = now.filter(pl.col(column).fill_null("") != "") if column in now.columns else now.head(0)
        if total > 0 and not stated.is_empty():
            found[figure] = float(stated.group_by(column).agg(pl.col("balance").sum())["balance"].max()) / total  # type: ignore[arg-type]
    return found


def _held(rows: pl.DataFrame, where: pl.Expr) -> float:
    return float(rows.filter(where)["balance"].sum())
