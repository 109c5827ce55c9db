"""The start page of a scored book, from the files that scoring wrote."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

from book.settings import Settings
from loanwatch.signposts import Signposts
from models.bundle import Bundle
from policy.pack import Pack
from reports.index import STATE_D, BookView, Judgement, LoanLink, StatusRow, TierRow
from serving.files import SCORES

_SEGMENTS = {"all": ("overall",), "current": ("by_bucket", "C")}


@dataclass(frozen=True)
class Choice:
    """A loan chosen to be read: its id, tier and probability."""

    loan_id: str
    tier: str
    pd: float


def read_scores(folder: Path) -> pl.DataFrame:
    """Loan, status, tier, probability and exposure (minor units) of every loan that was scored."""
    columns = ["loan_id", "status", "tier", "pd", "principal_outstanding"]
    exposure = (pl.col("principal_outstanding").fill_null(0) * 100).cast(pl.Int64).alias("exposure")
    return pl.read_parquet(folder / SCORES, columns=columns).with_columns(exposure)


def choose(scores: pl.DataFrame, tiers: int = 3) -> list[Choice]:
    """A loan of each of `tiers` different tiers, best first: the outermost that have loans, and between.

    A loan with a probability that the policy puts in state D is none of them. In its tier a loan is the one whose
    probability lies in the middle (the upper of two; ties by id).
    """
    scored = scores.filter(pl.col("pd").is_not_null() & (pl.col("tier") != STATE_D)).sort("tier", "pd", "loan_id")
    present = scored["tier"].unique(maintain_order=True).to_list()
    wanted = np.unique(np.linspace(0, len(present) - 1, min(tiers, len(present))).round().astype(int))
    chosen = []
    for code in (present[k] for k in wanted):
        group = scored.filter(pl.col("tier") == code)
        row = group.row(len(group) // 2, named=True)
        chosen.append(Choice(row["loan_id"], row["tier"], row["pd"]))
    return chosen


def book_view(
    scores: pl.DataFrame,
    as_of: int,
    bundle: Bundle,
    pack: Pack,
    settings: Settings,
    links: Mapping[str, Choice],
    posts: Signposts,
    validation: str | None = None,
) -> BookView:
    """The start page; `links` maps addresses of reports, relative to the page, to their loans.

    `validation` is the address of the model's validation report.
    """
    names = {tier.code: tier.name for tier in (*pack.tiers, pack.state_d)}
    rows = [_tier(scores, tier.code, tier.name) for tier in (*pack.tiers, pack.state_d)]
    return BookView(
        as_of=as_of,
        horizon=bundle.horizon,
        currency=settings.currency,
        timezone=settings.timezone,
        tiers=tuple(row for row in rows if row.loans or row.code != pack.state_d.code),
        statuses=_statuses(scores),
        judgements=_judgements(bundle.metrics),
        judged=_judged(bundle.dates),
        links=tuple(LoanLink(href, c.loan_id, c.tier, names[c.tier], c.pd) for href, c in links.items()),
        files=posts.files(),
        commands=posts.commands(),
        validation=validation,
    )


def _tier(scores: pl.DataFrame, code: str, name: Mapping[str, str]) -> TierRow:
    group = scores.filter((pl.col("tier") == code) & pl.col("pd").is_not_null())
    expected = float(group["pd"].sum())
    mean = expected / len(group) if len(group) else None
    return TierRow(code, name, len(group), int(group["exposure"].sum()), mean, expected)


def _statuses(scores: pl.DataFrame) -> tuple[StatusRow, ...]:
    others = scores.filter(pl.col("pd").is_null())
    counted = others.group_by("status").agg(pl.len().alias("loans"), pl.col("exposure").sum()).sort("status")
    return tuple(StatusRow(row["status"], row["loans"], row["exposure"]) for row in counted.to_dicts())


def _judgements(metrics: Mapping[str, Any]) -> tuple[Judgement, ...]:
    """The out-of-time figures of each segment; a segment without them is left out."""
    found = []
    for segment, path in _SEGMENTS.items():
        figures: Any = metrics
        for key in path:
            figures = figures.get(key, {})
        told = [figures.get(name) for name in ("rows", "events", "auc", "ks", "oe")]
        if all(value is not None for value in told):
            rows, events, auc, ks, ratio = (float(value) for value in told)
            found.append(Judgement(segment, int(rows), int(events), auc, ks, ratio))
    return tuple(found)


def _judged(dates: Mapping[str, str]) -> tuple[int, int] | None:
    if not {"oot_first", "oot_last"} <= set(dates):
        return None
    first, last = (int(np.datetime64(dates[name], "D").astype(int)) for name in ("oot_first", "oot_last"))
    return first, last
