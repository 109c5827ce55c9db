"""Groups of borrowers, where the book has the table `attributes`: never an input of a model, only a test of it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import lightgbm
import numpy as np
from numpy.typing import NDArray

from monitoring.bootstrap import Interval, intervals, spread
from monitoring.metrics import auc
from training.case import Case, Groups
from training.gates.verdict import Found

Floats = NDArray[np.float64]

LEAST = 30  # borrowers below which a group is not told apart
WORST = 2  # tiers that are adverse, from the worst
NONE = "the book has no table attributes"  # as reports.model.page reads it
_TREES = 40


def group_auc(case: Case) -> Sequence[Found] | str:
    """How well loans are told apart within each group."""
    return _figure(case, "auc")


def group_oe(case: Case) -> Sequence[Found] | str:
    """Observed over expected events of each group."""
    return _figure(case, "oe")


def tier_ratio(case: Case) -> Sequence[Found] | str:
    """Share of each group outside the `WORST` tiers, over that of the group that fares best (four fifths screen)."""
    if not case.groups:
        return NONE
    fine = (case.tier < len(case.tiers) - WORST).astype(np.float64)
    found = []
    for attribute, groups in case.groups.items():
        parts = dict(_parts(case, attribute, groups))
        best = max(parts, key=lambda name: float(fine[parts[name]].mean()), default="")
        for name, rows in parts.items():
            ratio = _ratio(fine, rows, parts[best], case)
            found.append(Found.of(f"{name} : {best}", ratio, int(case.y[rows].sum())))
    return found or f"no group has {LEAST} borrowers"


def proxy(case: Case) -> Sequence[Found] | str:
    """How well the features tell each group from the others: AUC on borrowers that were not used to learn it."""
    if not case.groups:
        return NONE
    _, first = np.unique(case.rows.borrower[case.sample.at], return_index=True)
    rows_of = case.sample.at[first]
    found = []
    for attribute, groups in case.groups.items():
        for name, rows in _parts(case, attribute, groups):
            member = np.zeros(len(case.rows))
            member[rows] = 1
            known = groups.code[rows_of] >= 0
            told = _told(case.sample.x[first[known]], member[rows_of[known]])
            found.append(Found.of(name, told, int(member[rows_of[known]].sum())))
    return found or f"no group has {LEAST} borrowers"


def _figure(case: Case, name: str) -> Sequence[Found] | str:
    if not case.groups:
        return NONE
    found = []
    for attribute, groups in case.groups.items():
        for part, rows in _parts(case, attribute, groups):
            figures = intervals(case.y[rows], case.pd[rows], case.rows.borrower[rows], case.replicates)
            found.append(Found.of(part, figures[name], int(case.y[rows].sum())))
    return found or f"no group has {LEAST} borrowers"


def _parts(case: Case, attribute: str, groups: Groups) -> Iterator[tuple[str, NDArray[np.intp]]]:
    """The rows of every group that is large enough."""
    for code, name in enumerate(groups.names):
        rows = np.flatnonzero(groups.code == code)
        if len(np.unique(case.rows.borrower[rows])) >= LEAST:
            yield f"{attribute} = {name}", rows


def _ratio(fine: Floats, rows: NDArray[np.intp], best: NDArray[np.intp], case: Case) -> Interval:
    def ratio(weight: Floats) -> float:
        most = np.average(fine[best], weights=weight[best]) if weight[best].sum() else 0.0
        mine = np.average(fine[rows], weights=weight[rows]) if weight[rows].sum() else 0.0
        return float(mine / most) if most else float("nan")

    return spread(ratio, case.rows.borrower, case.replicates)


def _told(x: NDArray[np.float32], member: Floats) -> Interval:
    """AUC of a small model on one half of the borrowers, after learning from the other; standard error by Hanley."""
    half = np.random.default_rng(1).permutation(len(member)) % 2 == 0
    if not (0 < member[half].sum() < half.sum() and 0 < member[~half].sum() < (~half).sum()):
        return Interval(float("nan"), float("nan"), float("nan"))
    options = {"objective": "binary", "num_leaves": 7, "learning_rate": 0.1, "verbosity": -1, "seed": 1}
    options |= {"deterministic": True, "num_threads": 1, "min_data_in_leaf": 20}
    booster = lightgbm.train(options, lightgbm.Dataset(x[half], member[half], params=options), _TREES)
    found = auc(member[~half], np.asarray(booster.predict(x[~half]), np.float64))
    error = _hanley(found, int(member[~half].sum()), int((~half).sum() - member[~half].sum()))
    return Interval(found, found - 1.96 * error, found + 1.96 * error)


def _hanley(a: float, events: int, others: int) -> float:
    """Standard error of an AUC (Hanley & McNeil 1982)."""
    q1, q2 = a / (2 - a), 2 * a * a / (1 + a)
    spread_of = a * (1 - a) + (events - 1) * (q1 - a * a) + (others - 1) * (q2 - a * a)
    return float(np.sqrt(max(spread_of, 0.0) / (events * others)))
