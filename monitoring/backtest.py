"""Were the probabilities too low? Tests of stated PDs against defaults, by grade and for the book.

Jeffreys test: with D defaults among N independent obligors the default rate is Beta(D + 1/2, N - D + 1/2) after the
fact; p is its mass at or below the stated PD, and a low p says that the PD understates the risk (ECB, Instructions
for reporting the validation results of internal models, 2019, 2.5.3.1).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from book.clock import month_of
from monitoring.metrics import observed_expected

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class GradeTest:
    """One grade, or the book: independent obligors, defaults, mean PD, and how likely such a result was.

    `jeffreys` and `binomial` are low where the PD understates the risk; `adjusted` is the Jeffreys p after Holm's
    correction for the number of grades.
    """

    name: str
    obligors: int
    defaults: int
    pd: float
    rate: float
    oe: float
    jeffreys: float
    binomial: float
    adjusted: float


def jeffreys(pd: float, defaults: int, obligors: int) -> float:
    """BetaCDF(pd; defaults + 1/2, obligors - defaults + 1/2)."""
    from scipy.special import betainc  # slow to import and not needed to serve

    _check(pd, defaults, obligors)
    return float(betainc(defaults + 0.5, obligors - defaults + 0.5, pd))


def binomial(pd: float, defaults: int, obligors: int) -> float:
    """Chance of at least so many defaults where the PD is right."""
    from scipy.special import betainc

    _check(pd, defaults, obligors)
    return 1.0 if defaults == 0 else float(betainc(defaults, obligors - defaults + 1, pd))


def bonferroni(p: Sequence[float]) -> Floats:
    """Each p times their number, at most 1."""
    return np.minimum(np.asarray(p, float) * len(p), 1.0)


def holm(p: Sequence[float]) -> Floats:
    """Step-down adjusted p-values (Holm 1979), in the given order: never above those of `bonferroni`."""
    values = np.asarray(p, float)
    order = np.argsort(values, kind="stable")
    steps = values[order] * np.arange(len(values), 0, -1)
    adjusted = np.empty(len(values))
    adjusted[order] = np.minimum(np.maximum.accumulate(steps), 1.0)
    return adjusted


def independent(
    borrower: NDArray[np.integer], as_of: NDArray[np.integer], pd: Floats, horizon: int
) -> NDArray[np.intp]:
    """Rows (positions, ascending) that may be counted as independent obligors.

    Cohorts whose windows do not overlap: the latest month, and every `horizon` months before it. In a cohort a
    borrower is one obligor, represented by the loan with the highest PD (ties: the first row).
    """
    month = month_of(as_of)
    kept = np.flatnonzero((month.max(initial=0) - month) % horizon == 0)
    order = kept[np.lexsort((kept, -pd[kept], borrower[kept], month[kept]))]
    first = (np.diff(borrower[order], prepend=-1) != 0) | (np.diff(month[order], prepend=-1) != 0)
    return np.sort(order[first])


def by_grade(
    grade: NDArray[np.integer], y: Floats, pd: Floats, names: Sequence[str]
) -> tuple[list[GradeTest], GradeTest]:
    """The tests of every grade that has obligors, and of the book; rows (n,) must be `independent`."""
    present = [code for code in range(len(names)) if np.any(grade == code)]
    alone = [_tested(names[code], y[grade == code], pd[grade == code]) for code in present]
    adjusted = holm([one.jeffreys for one in alone])
    found = [GradeTest(**(vars(one) | {"adjusted": float(p)})) for one, p in zip(alone, adjusted, strict=True)]
    return found, _tested("book", y, pd)


def _tested(name: str, y: Floats, pd: Floats) -> GradeTest:
    n, d = len(y), int(np.sum(y))
    if not n:
        nothing = float("nan")
        return GradeTest(name, 0, 0, nothing, nothing, nothing, nothing, nothing, nothing)
    stated = float(np.mean(pd))
    p = jeffreys(stated, d, n)
    return GradeTest(name, n, d, stated, d / n, observed_expected(y, pd), p, binomial(stated, d, n), p)


def _check(pd: float, defaults: int, obligors: int) -> None:
    if not 0 <= pd <= 1:
        raise ValueError(f"PD is {pd}, must be a share of one")
    if not 0 <= defaults <= obligors:
        raise ValueError(f"{defaults} defaults among {obligors} obligors; must be 0 to all of them")
