"""The figures that the rules of the book ask (P01, P02, P04, P05), from the tables and rows of a pack."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

import polars as pl

from monitoring.kris.arrears import arrears_figures
from monitoring.kris.process import process_figures
from monitoring.kris.ratios import concentration, ratios
from monitoring.kris.worst import worst_tiers
from monitoring.portfolio.decided import Decided, Night
from monitoring.portfolio.gather import Rows
from policy.pack import Pack as Policy

MONTH = range(26, 36)
"""Days between two nights that may be compared as a month apart."""


def key_figures(
    tables: Mapping[str, pl.DataFrame], rows: Rows, decided: Decided | None, policy: Policy, on: date
) -> dict[str, float]:
    """Every figure of P01, P02, P04 and P05 that can be known at month end `on`, by the names of policy.

    P02's defaults against PDs, and P03, take a run of `loanwatch monitor`.
    """
    found = arrears_figures(tables["delinquency"], tables["transitions"], rows.lives, on)
    now = decided.now if decided is not None else None
    if now is not None and (now.on.year, now.on.month) == (on.year, on.month):
        opening = decided.opening.rows if decided is not None and decided.opening is not None else None
        found |= ratios(_described(now.rows.drop("borrower_id"), rows.lives, on), opening)
    else:
        here = rows.states.filter((pl.col("as_of") == on) & (pl.col("exit") == ""))
        held = _described(here.select("loan_id", balance="principal_outstanding"), rows.lives, on)
        found |= _without_classes(held)
    if decided is not None:
        found |= _worst(decided.before, now, policy)
        of_loans = decided.alerts.filter(pl.col("loan_id") != "")
        events = rows.lives.filter(pl.col("over_30_on").is_not_null()).select("loan_id", event_on="over_30_on")
        found |= process_figures(of_loans, events, decided.capacity, on)
    return found


def _without_classes(held: pl.DataFrame) -> dict[str, float]:
    total = float(held["balance"].sum())
    again = float(held.filter(pl.col("restructured"))["balance"].sum())
    return ({"restructured_rate": again / total} if total > 0 else {}) | concentration(held)


def _described(held: pl.DataFrame, lives: pl.DataFrame, on: date) -> pl.DataFrame:
    """Loans on the book with what concentration is counted by, and whether they were ever restructured."""
    changed = (pl.col("restructured_on") <= on).fill_null(value=False)
    facts = lives.select("loan_id", "borrower_id", "industry", "region", restructured=changed)
    return held.join(facts, on="loan_id", how="left").with_columns(pl.col("restructured").fill_null(value=False))


def _worst(before: Night | None, now: Night | None, policy: Policy) -> dict[str, float]:
    if before is None or now is None or (now.on - before.on).days not in MONTH:
        return {}
    return worst_tiers(before.rows, now.rows, tuple(tier.code for tier in policy.tiers))
