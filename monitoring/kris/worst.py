"""P02: the share of exposure in the worst two tiers, and defaults against what the PDs said."""

from __future__ import annotations

from collections.abc import Collection, Sequence

import numpy as np
import polars as pl

from monitoring.backtest import jeffreys
from monitoring.metrics import observed_expected

WORST = 2


def worst_tiers(then: pl.DataFrame, now: pl.DataFrame, tiers: Sequence[str]) -> dict[str, float]:
    """worst_tiers_ead_chg: the share of EAD in the last two of `tiers` now against then, relative to then.

    Frames hold tier and ead; loans without one of `tiers` (in default, closed) are left out of both sums.
    """
    before, after = worst_share(then, tiers), worst_share(now, tiers)
    return {"worst_tiers_ead_chg": after / before - 1} if before > 0 and after == after else {}


def worst_share(rows: pl.DataFrame, tiers: Sequence[str]) -> float:
    """The share of EAD in the worst two of `tiers`, NaN where there is none."""
    held = rows.filter(pl.col("tier").is_in(list(tiers)))
    total = float(held["ead"].sum() or 0.0)
    worst = held.filter(pl.col("tier").is_in(list(tiers[-WORST:])))["ead"].sum() or 0.0
    return float(worst) / total if total > 0 else float("nan")


def realised(then: pl.DataFrame, bad: Collection[str]) -> dict[str, float]:
    """observed_to_expected and jeffreys_p of the loans scored at the start of a period that is over.

    `then` holds loan_id, borrower_id, pd; `bad` are the loans that were in default at any time in the period. Every
    borrower counts once, by the loan with the highest PD (ties: the first id), so that obligors are independent.
    """
    scored = then.filter(pl.col("pd").is_not_null() & pl.col("pd").is_not_nan())
    one = scored.sort("pd", "loan_id", descending=[True, False]).unique(
        "borrower_id", keep="first", maintain_order=True
    )
    if one.is_empty():
        return {}
    y = one["loan_id"].is_in(pl.Series(sorted(bad), dtype=pl.String).implode()).to_numpy().astype(np.float64)
    pd = one["pd"].to_numpy()
    return {
        "observed_to_expected": observed_expected(y, pd),
        "jeffreys_p": jeffreys(float(pd.mean()), int(y.sum()), len(y)),
    }
