"""All figures of the timeline from the rows and counts of a book."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date

import polars as pl

from monitoring.backtest import GradeTest
from monitoring.stability import Stability
from monitoring.timeline import drift, truth, verdict
from monitoring.timeline.counts import Baseline, Counts
from monitoring.timeline.verdict import Verdict


@dataclass(frozen=True)
class Asked:
    """What is monitored: the bundle, its horizon in months and grades, the AUC it was judged at (low end), the features
    that weigh most, and the challenger ("" for none).
    """

    bundle: str
    target: str
    horizon: int
    grades: tuple[str, ...]
    top: tuple[str, ...]
    judged_auc: float | None = None
    challenger: str = ""


@dataclass(frozen=True)
class Timeline:
    """The figures by name, the verdict, and the figures that policy asks. `gap`: challenger less champion, in AUC."""

    asked: Asked
    on: date
    tables: Mapping[str, pl.DataFrame]
    verdict: Verdict
    policy: Mapping[str, float]
    stability: Stability
    stable_by: str
    book: GradeTest
    gap: Mapping[str, float] | None


def timeline(rows: pl.DataFrame, counts: Counts, baseline: Baseline, asked: Asked) -> Timeline:
    """The state of a model at the last month end of `rows`, with the months before it.

    A row is a scored loan at a month end: loan_id, borrower_id, as_of, dpd, pd, grade (position in `asked.grades`),
    challenger_pd and challenger_grade, y (outcome, NaN until mature), roll (worse a month later, NaN where not known),
    cashflow_age, bureau_age (days), mismatch.
    """
    people = drift.population(rows)
    tables = {
        "population": people,
        "score_psi": drift.score_psi(rows, baseline, people),
        "feature_csi": drift.feature_csi(counts, baseline, people, asked.top),
        "freshness": drift.freshness(rows),
        "early_read": truth.early_read(rows),
        "early_tenths": truth.early_tenths(rows),
        "truth": truth.truth(rows),
    }
    grades, book = truth.backtest(rows, asked.horizon, asked.grades)
    if grades:
        tables["grades"] = _tests([*grades, book])
    gap = None
    if asked.challenger:
        tables |= {"shadow": truth.shadow(rows), "swaps": truth.swaps(rows)}
        gap = truth.gap(rows) if len(tables["truth"]) else None
    stable_by, stable = truth.over_months(tables["truth"], tables["early_read"])
    found = [
        *verdict.drifting(tables),
        *verdict.earlier(tables["early_read"]),
        *verdict.matured(grades, book, tables["truth"], asked.judged_auc),
    ]
    on: date = people["as_of"].to_list()[-1]
    policy = verdict.policy_figures(tables, book)
    return Timeline(asked, on, tables, Verdict.of(found), policy, stable, stable_by, book, gap)


def _tests(tests: Sequence[GradeTest]) -> pl.DataFrame:
    return pl.DataFrame([asdict(one) for one in tests])
