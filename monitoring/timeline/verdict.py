"""What the timeline amounts to: ok, watch or act, and for which reasons."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl

from monitoring.backtest import GradeTest
from monitoring.timeline.drift import ALL

OK, WATCH, ACT = LEVELS = ("ok", "watch", "act")
SCORE_ACT, CSI_ACT, MISSING, COVERAGE = 0.25, 0.25, 0.10, -0.20
OE_HIGH, OE_LOW, SURE = 1.25, 0.80, 0.05
EARLY_FALL, EARLY_LEAST = 0.05, 30
TRUTH_FALL, TRUTH_LEAST = 0.05, 30


@dataclass(frozen=True)
class Finding:
    """One reason: `code` names its texts, `level` is watch or act, `values` fill the texts in."""

    code: str
    level: str
    values: Mapping[str, float | str]


@dataclass(frozen=True)
class Verdict:
    """The worst level of the findings, worst first."""

    level: str
    findings: tuple[Finding, ...]

    @classmethod
    def of(cls, findings: Sequence[Finding]) -> Verdict:
        """From all findings."""
        order = sorted(findings, key=lambda one: -LEVELS.index(one.level))
        return cls(order[0].level if order else OK, tuple(order))


def drifting(tables: Mapping[str, pl.DataFrame]) -> list[Finding]:
    """Findings of the last month end: score, features, missing values, coverage."""
    return [*_score(tables["score_psi"]), *_features(tables["feature_csi"]), *_coverage(tables["freshness"])]


def _last(table: pl.DataFrame) -> pl.DataFrame:
    return table.filter(pl.col("as_of") == table["as_of"].max()) if len(table) else table


def _score(table: pl.DataFrame) -> list[Finding]:
    found = []
    for row in _last(table).to_dicts():
        if row["psi"] > row["limit"]:
            far = row["bucket"] == ALL and row["psi"] > max(SCORE_ACT, row["critical"])
            values = {name: row[name] for name in ("psi", "limit", "bucket")}
            found.append(Finding("score_psi", ACT if far else WATCH, values))
    return found


def _features(table: pl.DataFrame) -> list[Finding]:
    if not len(table):
        return []
    now = _last(table).filter(pl.col("bucket") == ALL)
    moved = now.filter(pl.col("top").is_not_null() & (pl.col("psi") > CSI_ACT) & (pl.col("psi") > pl.col("critical")))
    found = [
        Finding("feature_csi", ACT, {name: row[name] for name in ("feature", "psi", "limit")})
        for row in moved.sort("psi", descending=True).to_dicts()
    ]
    gone = now.filter(pl.col("rise") >= MISSING).sort("rise", descending=True)
    if len(gone):
        worst = gone.row(0, named=True)
        values = {name: worst[name] for name in ("feature", "missing_then", "missing_now")} | {"n": float(len(gone))}
        found.append(Finding("missing", WATCH, values))
    return found


def _coverage(table: pl.DataFrame) -> list[Finding]:
    now = _last(table).to_dicts()
    if not now or now[0]["coverage_chg"] is None or now[0]["coverage_chg"] > COVERAGE:
        return []
    return [Finding("coverage", WATCH, {"coverage": now[0]["coverage"], "change": now[0]["coverage_chg"]})]


def earlier(early: pl.DataFrame) -> list[Finding]:
    """Whether the last early read orders loans worse than those before it did."""
    usable = early.filter((pl.col("worse") >= EARLY_LEAST) & pl.col("auc").is_not_nan())
    if len(usable) < 3:
        return []
    now, before = usable["auc"][-1], float(usable["auc"][:-1].mean() or 0.0)  # type: ignore[arg-type]
    return [Finding("early", WATCH, {"auc": now, "before": before})] if before - now > EARLY_FALL else []


def matured(
    grades: Sequence[GradeTest], book: GradeTest, true: pl.DataFrame, judged_auc: float | None
) -> list[Finding]:
    """Findings of mature months: PDs too low or too high, grades, order lost. `judged_auc`: low end when judged."""
    found = []
    if book.obligors and book.jeffreys < SURE:
        far = book.oe > OE_HIGH
        found.append(Finding("pd_low", ACT if far else WATCH, {"oe": book.oe, "p": book.jeffreys}))
    elif book.obligors and book.oe < OE_LOW and 1 - book.jeffreys < SURE:
        found.append(Finding("pd_high", WATCH, {"oe": book.oe, "p": 1 - book.jeffreys}))
    low = [one for one in grades if one.adjusted < SURE]
    if low:
        found.append(Finding("grades", WATCH, {"grades": ", ".join(one.name for one in low)}))
    events = true["events"].sum() if len(true) else 0
    if judged_auc is not None and events >= TRUTH_LEAST:
        weighed = true.filter(pl.col("auc").is_not_nan())
        mean = float(np.average(weighed["auc"].to_numpy(), weights=weighed["events"].to_numpy()))
        if mean < judged_auc:
            level = ACT if mean < judged_auc - TRUTH_FALL else WATCH
            found.append(Finding("order", level, {"auc": mean, "judged": judged_auc}))
    return found


def policy_figures(tables: Mapping[str, pl.DataFrame], book: GradeTest) -> dict[str, float]:
    """The figures that rules P02 and P03 of policy ask, of the last month end; what is not known is left out.

    `csi_top10_max` is the largest CSI that is beyond chance (0 where none is), so that small books do not trip it.
    """
    found: dict[str, float | None] = {}
    score = _last(tables["score_psi"]).filter(pl.col("bucket") == ALL).to_dicts()
    if score:
        found |= {"score_psi": score[0]["psi"], "score_psi_critical": score[0]["critical"]}
    if len(tables["feature_csi"]):
        now = _last(tables["feature_csi"]).filter(pl.col("bucket") == ALL)
        sure = now.filter(pl.col("top").is_not_null() & (pl.col("psi") > pl.col("critical")))["psi"]
        found["csi_top10_max"] = sure.max() if len(sure) else 0.0  # type: ignore[assignment]
        found["missing_rate_rise_max"] = now["rise"].max()  # type: ignore[assignment]
    fresh = _last(tables["freshness"]).to_dicts()
    if fresh:
        found["cashflow_coverage_chg"] = fresh[0]["coverage_chg"]
    if book.obligors:
        found |= {"observed_to_expected": book.oe, "jeffreys_p": book.jeffreys}
    return {name: float(value) for name, value in found.items() if value is not None}
