"""What gates measure, by name: each takes the case and gives what it found, or says why it does not apply."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from monitoring.backtest import by_grade, independent
from monitoring.bootstrap import Interval, paired, spread
from monitoring.psi import drift, fixed_bins
from monitoring.stability import stability
from monitoring.weighted import Ladder, gini
from training.case import Case
from training.gates import fairness, leaks
from training.gates.verdict import Found

Floats = NDArray[np.float64]
Measure = Callable[[Case], Sequence[Found] | str]


def _overall(name: str) -> Measure:
    def measure(case: Case) -> Sequence[Found]:
        return [Found.of("", case.overall[name], case.events)]

    return measure


def _over_baseline(name: str) -> Measure:
    def measure(case: Case) -> Sequence[Found] | str:
        if name not in case.baselines:
            return f"no baseline {name} was made with this model"
        return [_over(case, case.baselines[name])]

    return measure


def _over_champion(case: Case) -> Sequence[Found] | str:
    if case.rival.pd is None:
        return case.rival.why_not
    return [_over(case, case.rival.pd)]


def _over(case: Case, other: Floats) -> Found:
    known = np.isfinite(other)
    gap = paired(case.y[known], case.pd[known], other[known], case.rows.borrower[known], case.replicates)
    return Found.of("", gap, int(case.y[known].sum()))


def _jeffreys(case: Case) -> Sequence[Found]:
    kept = independent(case.rows.borrower, case.rows.as_of, case.pd, case.horizon)
    tests, _ = by_grade(case.grade[kept], case.y[kept], case.pd[kept], case.grades)
    return [Found(one.name, one.adjusted, one.adjusted, one.adjusted, case.events) for one in tests]


def _psi(case: Case) -> Sequence[Found] | str:
    if not len(case.then_pd):
        return "no scores of the months of training are at hand"
    bins = fixed_bins(case.pd)
    sizes = (len(np.unique(one)) for one in (case.then_borrower, case.rows.borrower))
    moved = drift(bins.counts(case.then_pd), bins.counts(case.pd), *sizes)
    return [Found("", moved.psi, max(moved.psi - moved.critical, 0.0), moved.psi, case.events)]


def _penalty(case: Case) -> Sequence[Found] | str:
    days = np.unique(case.rows.as_of)
    if len(days) < 3:
        return f"{len(days)} months; a trend needs three"
    months = [np.flatnonzero(case.rows.as_of == day) for day in days]
    ladders = [Ladder.of(case.y[at], case.pd[at]) for at in months]

    def penalty(weight: Floats) -> float:
        by_month = [gini(ladder.cells(weight[at][ladder.order])) for at, ladder in zip(months, ladders, strict=True)]
        return stability(np.array(by_month), days).penalty

    return [Found.of("", spread(penalty, case.rows.borrower, case.replicates), case.events)]


def _violations(case: Case) -> Sequence[Found]:
    turned: Mapping[str, int] = case.certificate.get("violations", {})
    total = float(sum(turned.values()))
    return [Found(", ".join(turned), total, total, total, case.events)]


def _changed(case: Case) -> Sequence[Found] | str:
    changed = case.canaries.changed
    if changed is None:
        return "the book was not at hand to measure loans again"
    total = float(sum(changed.values()))
    return [Found(", ".join(changed), total, total, total, case.events)]


def _permuted(case: Case) -> Sequence[Found] | str:
    found: Interval | None = case.canaries.permuted
    return [Found.of("", found, case.events)] if found else "no model was trained on shuffled outcomes"


MEASURES: Mapping[str, Measure] = {
    "auc_over_champion": _over_champion,
    "auc_over_roll_table": _over_baseline("roll_table"),
    "auc_over_scorecard": _over_baseline("scorecard"),
    "auc": _overall("auc"),
    "ks": _overall("ks"),
    "oe": _overall("oe"),
    "ece": _overall("ece"),
    "slope": _overall("slope"),
    "jeffreys": _jeffreys,
    "psi": _psi,
    "stability_penalty": _penalty,
    "monotone_violations": _violations,
    "single_feature_auc": leaks.single_feature,
    "current_loan_precision": leaks.current_loans,
    "changed_by_future": _changed,
    "permuted_auc": _permuted,
    "group_auc": fairness.group_auc,
    "group_oe": fairness.group_oe,
    "group_tier_ratio": fairness.tier_ratio,
    "attribute_auc": fairness.proxy,
}
