"""Grades then and grades later: who moved, how far, and whether the scale still tells loans apart.

Formulas: ECB, Instructions for reporting the validation results of internal models (2019), 2.5.5 and annex.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Counts = NDArray[np.int64]


@dataclass(frozen=True)
class Bandwidth:
    """How far grades moved as a share of how far they could: `up` towards worse grades, `down` towards better."""

    up: float
    down: float


@dataclass(frozen=True)
class Concentration:
    """How bunched a distribution over grades is: `hi` 0 is even, 1 all in one grade.

    `p`: chance of a rise like that since the first distribution; low says that loans bunch more than they did.
    """

    cv: float
    hi: float
    p: float


def matrix(then: NDArray[np.integer], later: NDArray[np.integer], grades: int) -> Counts:
    """Loans (grades, grades) by grade then (rows) and later (columns), 0 the best; codes below 0 are left out."""
    both = (then >= 0) & (later >= 0)
    cell = then[both].astype(np.int64) * grades + later[both]
    return np.bincount(cell, minlength=grades * grades).reshape(grades, grades)


def shares(counts: Counts) -> Floats:
    """Each row of a matrix as shares of one; NaN where a row is empty."""
    total = counts.sum(axis=1, keepdims=True).astype(np.float64)
    return np.divide(counts, total, out=np.full(counts.shape, np.nan), where=total > 0)


def bandwidth(counts: Counts) -> Bandwidth:
    """MWB: steps moved over the most steps those who moved could make; 0 where nobody moved."""
    size = len(counts)
    rows, columns = np.indices(counts.shape)
    steps = np.abs(rows - columns)
    most = np.maximum(rows, size - 1 - rows)
    found = []
    for moved in (columns > rows, columns < rows):
        could = float(np.sum((counts * most)[moved]))
        found.append(float(np.sum((counts * steps)[moved])) / could if could else 0.0)
    return Bandwidth(*found)


def adjacent(counts: Counts) -> tuple[Floats, Floats]:
    """Statistic z of "a far move is not more frequent than the next nearer one", and p-values, (grades, grades).

    Cell (i, j) compares j with its neighbour on the side of i. A low p says that loans jump over a grade more often
    than they stop in it. NaN on the diagonal, in empty rows, and where both shares are 0.
    """
    from scipy.special import ndtr  # slow to import and not needed to serve

    p, n = shares(counts), counts.sum(axis=1).astype(np.float64)
    z = np.full(p.shape, np.nan)
    for i, j in np.argwhere(~np.eye(len(p), dtype=bool)):
        near, far = p[i, j - np.sign(j - i)], p[i, j]
        spread = (far * (1 - far) + near * (1 - near) + 2 * far * near) / n[i] if n[i] else 0.0
        if spread > 0:
            z[i, j] = (far - near) / np.sqrt(spread)
    return z, 1 - ndtr(z)


def concentration(now: Counts, first: Counts | None = None) -> Concentration:
    """CV and HI of loans by grade (k,), with the p-value of a rise since `first`, NaN without it."""
    from scipy.special import ndtr

    k, cv = len(now), _cv(now)
    hi = 1 + np.log((cv**2 + 1) / k) / np.log(k)
    if first is None or cv == 0:
        return Concentration(cv, float(hi), float("nan"))
    z = np.sqrt(k - 1) * (cv - _cv(first)) / np.sqrt(cv**2 * (0.5 + cv**2))
    return Concentration(cv, float(hi), float(1 - ndtr(z)))


def _cv(counts: Counts) -> float:
    share = counts / counts.sum()
    return float(np.sqrt(len(counts) * np.sum((share - 1 / len(counts)) ** 2)))
