"""The figures of a validation report: segments, calibration, queue, drift, backtest, migration, stability."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

import numpy as np
from numpy.typing import NDArray

from book.clock import month_of
from features.catalogue import Catalogue
from features.coverage import coverage
from monitoring.backtest import by_grade, independent
from monitoring.bootstrap import intervals
from monitoring.metrics import capture, precision
from monitoring.migration import bandwidth, concentration, matrix
from monitoring.stability import monthly, stability
from training.case import Case, Floats
from training.config import Progress
from training.drifts import drifts
from training.judge import BUCKETS, bucket, finite
from training.result import TrainResult
from training.split import TRAIN, iso

SOME = 100  # replicates for a segment
CAPACITIES = (0.01, 0.02, 0.05, 0.1, 0.2)
BINS = 10
MOST = 12  # products named apart; the rest are one

Mask = NDArray[np.bool_]


def studies(case: Case, result: TrainResult, catalogue: Catalogue, progress: Progress | None = None) -> dict[str, Any]:
    """Everything the report shows beside the gates; `progress` counts segments."""
    return {
        "segments": _segments(case, result, progress),
        "baselines": {name: _figured(case, ~np.isnan(pd), pd) for name, pd in _rivals(case).items()},
        "calibration": {"all": _curve(case, np.ones(len(case.pd), bool)), "current": _curve(case, case.rows.dpd <= 0)},
        "queue": {name: _queue(case.y, pd) for name, pd in {"model": case.pd, **_rivals(case)}.items()},
        "drift": drifts(case, result, catalogue),
        "backtest": _backtest(case),
        "migration": _migration(case),
        "stability": _stability(case),
        "families": _families(result, catalogue),
        "labels": _labels(result),
        "coverage": _coverage(case, catalogue),
    }


def _rivals(case: Case) -> dict[str, Floats]:
    rival = {} if case.rival.pd is None else {"champion": case.rival.pd}
    return {**rival, **case.baselines}


def _segments(case: Case, result: TrainResult, progress: Progress | None) -> dict[str, dict[str, Any]]:
    rows, parts = case.rows, dict[str, dict[str, Mask]]()
    buckets = bucket(rows.dpd)
    parts["bucket"] = {name: buckets == code for code, name in enumerate(BUCKETS)}
    parts["month"] = {iso(day): rows.as_of == day for day in np.unique(rows.as_of)}
    parts["product"] = _products(rows.product, result.products)
    seen = np.isin(rows.borrower, np.unique(result.rows.borrower[result.rows.role == TRAIN]))
    parts["borrowers"] = {"seen": seen, "unseen": ~seen, "bullet": rows.bullet}
    total, done, found = sum(len(one) for one in parts.values()), 0, dict[str, dict[str, Any]]()
    for kind, masks in parts.items():
        found[kind] = {}
        for name, mask in masks.items():
            if mask.any():
                found[kind][name] = _figured(case, mask, case.pd)
            done += 1
            if progress:
                progress(done, total)
    return found


def _products(code: NDArray[np.integer], names: tuple[str, ...]) -> dict[str, Mask]:
    codes, counts = np.unique(code, return_counts=True)
    largest = codes[np.argsort(-counts, kind="stable")][:MOST]
    named = {names[one] if one < len(names) else str(one): code == one for one in largest.tolist()}
    rest = ~np.isin(code, largest)
    return named | ({"other": rest} if rest.any() else {})


def _figured(case: Case, mask: Mask, pd: Floats) -> dict[str, Any]:
    y, p, who = case.y[mask], pd[mask], case.rows.borrower[mask]
    found = {name: asdict(one) for name, one in intervals(y, p, who, min(SOME, case.replicates)).items()}
    counted = {"rows": len(y), "events": int(y.sum()), "borrowers": len(np.unique(who))}
    return {**counted, "rate": float(y.mean()), "mean_pd": float(p.mean()), **found}


def _curve(case: Case, mask: Mask) -> list[dict[str, float]]:
    """Bins of equal size by PD: mean PD, event rate, and its bounds by the borrowers in the bin."""
    y, pd, who = case.y[mask], case.pd[mask], case.rows.borrower[mask]
    points = []
    for part in np.array_split(np.argsort(pd, kind="stable"), min(BINS, len(y))):
        if len(part):
            rate = intervals(y[part], pd[part], who[part], min(SOME, case.replicates))["oe"]
            mean = float(pd[part].mean())
            point = {"pd": mean, "rate": float(y[part].mean()), "low": rate.low * mean, "high": rate.high * mean}
            points.append(point | {"rows": float(len(part))})
    return points


def _queue(y: Floats, pd: Floats) -> list[dict[str, float | None]]:
    """Of the share of loans with the highest PD: how many default, and what share of all defaults they are."""
    return [
        finite({"capacity": share, "precision": precision(y, pd, share), "capture": capture(y, pd, share)})
        for share in CAPACITIES
    ]


def _backtest(case: Case) -> dict[str, Any]:
    kept = independent(case.rows.borrower, case.rows.as_of, case.pd, case.horizon)
    grades, book = by_grade(case.grade[kept], case.y[kept], case.pd[kept], case.grades)
    return {"obligors": len(kept), "grades": [asdict(one) for one in grades], "book": asdict(book)}


def _migration(case: Case) -> dict[str, Any]:
    """Grades of the same loan one month apart, all months together."""
    order = np.lexsort((case.rows.as_of, case.rows.loan))
    loan, month, grade = case.rows.loan[order], month_of(case.rows.as_of[order]), case.grade[order]
    next_row = (np.diff(loan) == 0) & (np.diff(month) == 1)
    counts = matrix(grade[:-1][next_row], grade[1:][next_row], len(case.grades))
    held = np.bincount(case.grade, minlength=len(case.grades))
    bunched = concentration(held)
    return {
        "grades": list(case.grades),
        "counts": counts,
        **asdict(bandwidth(counts)),
        "held": held,
        "hi": bunched.hi,
    }


def _stability(case: Case) -> dict[str, Any]:
    ginis, days = monthly(case.y, case.pd, case.rows.as_of)
    found = stability(ginis, days)
    return {
        "months": [iso(day) for day in days],
        "gini": ginis,
        **asdict(found),
        "penalty": found.penalty,
        "score": found.score,
    }


def _families(result: TrainResult, catalogue: Catalogue) -> list[dict[str, Any]]:
    """Share of the total gain of each family of features, largest first, with its strongest feature."""
    gains: Mapping[str, float] = result.report["importance"]
    families: dict[str, dict[str, Any]] = {}
    for column in catalogue.columns:
        gain = gains.get(column.name, 0.0)
        one = families.setdefault(
            column.family.code,
            {"family": column.family.code, "label": dict(column.family.label), "gain": 0.0, "lead": "", "most": -1.0},
        )
        one["gain"] += gain
        if gain > one["most"]:
            one["most"], one["lead"] = gain, column.name
    return sorted(families.values(), key=lambda one: -one["gain"])


def _labels(result: TrainResult) -> dict[str, Any]:
    """AUC without the rows whose label may be argued about."""
    metrics = result.report["metrics"]
    return {name: metrics.get(name, {}) for name in ("overall", "without_indeterminate", "without_closed")}


def _coverage(case: Case, catalogue: Catalogue) -> dict[str, dict[str, float]]:
    """By table: the features that read it, and the share of their values observed in training and out of time."""
    then, now = (_observed(sample.x, catalogue) for sample in (case.then_sample, case.sample))
    reads = Counter(table for column in catalogue.columns for table in column.tables)
    return {table: {"features": reads[table], "then": then[table], "now": now[table]} for table in now}


def _observed(x: NDArray[np.float32], catalogue: Catalogue) -> dict[str, float]:
    counts = dict(zip(catalogue.names, (~np.isnan(x)).sum(axis=0).tolist(), strict=True))
    return coverage(catalogue.columns, counts, len(x))["by_table"]
