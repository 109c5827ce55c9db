"""Scores and features of the out-of-time months against those of training: PSI, and CSI by feature."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

import numpy as np

from features.catalogue import Catalogue
from monitoring.csi import Reference, csi, reference
from monitoring.psi import drift, fixed_bins
from training.case import Case
from training.result import TrainResult
from training.split import iso

SHOWN = 12  # features shown by month
SCORE = "pd"  # the name of the score among the features of a reference


def drifts(case: Case, result: TrainResult, catalogue: Catalogue) -> dict[str, Any]:
    """PSI of the score by month, CSI of every feature over the slice, and of the most moved by month."""
    bins = fixed_bins(case.pd)
    then, then_who = bins.counts(case.then_pd), len(np.unique(case.then_borrower))
    known = reference(case.then_sample.x, catalogue.names, case.then_borrower[case.then_sample.at])
    x, seen = case.sample.x, case.rows.take(case.sample.at)
    whole = csi(known, x, catalogue.names, seen.borrower)
    order = sorted(whole, key=lambda name: -whole[name].drift.psi)
    used = {name for name, gain in result.report["importance"].items() if gain > 0}
    shown = [name for name in order if name in used][:SHOWN]
    columns = [catalogue.names.index(name) for name in shown]
    months, by_month = [], []
    for day in np.unique(case.rows.as_of):
        at, some = case.rows.as_of == day, seen.as_of == day
        moved = drift(then, bins.counts(case.pd[at]), then_who, len(np.unique(case.rows.borrower[at])))
        months.append({"month": iso(day), **asdict(moved), "trips": moved.trips})
        by_feature = csi(known, x[some][:, columns], shown, seen.borrower[some])
        by_month.append({name: one.drift.psi for name, one in by_feature.items()})
    features = [
        {"feature": name, "used": name in used, **asdict(one.drift), "trips": one.drift.trips}
        | {"missing_then": one.missing_then, "missing_now": one.missing_now}
        for name, one in ((name, whole[name]) for name in order)
    ]
    return {"months": months, "features": features, "shown": shown, "by_month": by_month}


def kept_reference(case: Case) -> Reference:
    """What monitoring compares later months with: bins and counts of the out-of-time slice, the score as `SCORE`."""
    score = reference(case.pd.astype(np.float32)[:, None], (SCORE,), case.rows.borrower)
    features = reference(case.sample.x, case.names, case.rows.borrower[case.sample.at])
    return Reference({**score.bins, **features.bins}, {**score.counts, **features.counts}, features.borrowers)


def by_bucket(case: Case) -> dict[str, Any]:
    """The same of current and of late loans, each with bins of its own, where there are any; plain data."""
    seen = case.rows.take(case.sample.at)
    found = {}
    for name, whole, some in (
        ("current", case.rows.dpd <= 0, seen.dpd <= 0),
        ("late", case.rows.dpd > 0, seen.dpd > 0),
    ):
        if np.any(some):
            score = reference(case.pd[whole].astype(np.float32)[:, None], (SCORE,), case.rows.borrower[whole])
            features = reference(case.sample.x[some], case.names, seen.borrower[some])
            bins, counts = {**score.bins, **features.bins}, {**score.counts, **features.counts}
            found[name] = asdict(Reference(bins, counts, features.borrowers))
    return found
