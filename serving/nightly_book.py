"""What a night says of the book as a whole: figures of its rows, beside those of the night before, and their alerts."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from policy.alerts import PortfolioAlerts, portfolio_alerts
from policy.pack import Pack
from policy.parts.classes import CLASSES, NPL
from serving.journal.journal import Journal
from serving.journal.segment import Segment
from serving.nightly_means import Means

LEVELS = ("book", "model", "process")
A_MONTH = range(26, 36)
"""Days between two nights that may be compared as a month apart."""
_READ = ["borrower_id", "status", "tier", "dpd", "exposure", "ead", "five_class"]
_SEEN = 20


def book_alerts(rows: Sequence[Path], means: Means, pack: Pack, journal: Journal) -> PortfolioAlerts:
    """P01-P05 over the figures that rows of nights can give; what takes more is not known, and said so."""
    now = _table(rows)
    figures = figures_of(now, pack)
    if means.before is not None and means.as_of - means.before.entry.as_of in A_MONTH:
        figures |= _changes(figures, _shares(now, pack), means.before, pack)
    given = {name: value for name, value in figures.items() if value == value}
    return portfolio_alerts(given, pack, means.as_of, told_before(pack, means.as_of, journal))


def figures_of(rows: pa.Table, pack: Pack) -> dict[str, float]:
    """Shares of the balance of all loans that are not closed, by the names of `policy.vocabulary.FIGURES`."""
    open_rows = rows.filter(pc.not_equal(rows["status"], "closed"))
    owed = _owed(open_rows)
    total = float(owed.sum())
    if total <= 0:
        return {}
    dpd = open_rows["dpd"].to_numpy()
    classes = open_rows["five_class"].to_pylist()
    five = np.array([CLASSES.index(name) if name else -1 for name in classes])
    bad = float(owed[five >= NPL].sum())
    by_name = open_rows.select(["borrower_id"]).append_column("owed", pa.array(owed)).group_by("borrower_id")
    return {
        "rate30": float(owed[dpd > 30].sum()) / total,
        "special_mention_rate": float(owed[five == 1].sum()) / total,
        "overdue90_to_npl": float(owed[dpd > 90].sum()) / bad if bad else float("nan"),
        "largest_name_share": float(pc.max(by_name.aggregate([("owed", "sum")])["owed_sum"]).as_py()) / total,
    }


def _changes(now: dict[str, float], share: float, before: Segment, pack: Pack) -> dict[str, float]:
    """How figures moved against the night of a month ago, relative to it."""
    then = before.rows(_READ)
    pairs = {
        "rate30_chg_1m": (now.get("rate30", np.nan), figures_of(then, pack).get("rate30", np.nan)),
        "worst_tiers_ead_chg": (share, _shares(then, pack)),
    }
    return {name: new / old - 1 for name, (new, old) in pairs.items() if old > 0}


def _shares(rows: pa.Table, pack: Pack) -> float:
    """The share of exposure at default in the two worst tiers, among loans that have a tier and are not in D."""
    ead = np.nan_to_num(rows["ead"].to_numpy(zero_copy_only=False).astype(float))
    tiers = rows["tier"].to_pylist()
    worst, all_tiers = {step.code for step in pack.tiers[-2:]}, {step.code for step in pack.tiers}
    bad = np.array([tier in worst for tier in tiers], bool)
    total = float(ead[np.array([tier in all_tiers for tier in tiers], bool)].sum())
    return float(ead[bad].sum()) / total if total else float("nan")


def told_before(pack: Pack, as_of: int, journal: Journal) -> dict[str, list[Any]]:
    """The last alert of each rule before this day, as the policy remembers it: weight and day."""
    state: dict[str, list[Any]] = {}
    for rule in pack.rules.of(*LEVELS):
        for life in journal.alerts(limit=_SEEN, rule=rule.id).rows:
            if life.entry.fired_on < as_of:
                evidence = journal.value(life.entry.evidence) or {}
                state[rule.id] = [int(evidence.get("weight", 0)), str(np.datetime64(life.entry.fired_on, "D"))]
                break
    return state


def _owed(rows: pa.Table) -> Any:
    return np.nan_to_num(rows["exposure"].to_numpy(zero_copy_only=False).astype(float))


def _table(rows: Sequence[Path]) -> pa.Table:
    return pa.concat_tables(pq.read_table(path, columns=_READ, partitioning=None) for path in rows)
