"""Shapley values of one leaf: an integral that Gauss-Legendre quadrature gives exactly.

A leaf of value v asks of d features; o_i is 1 where a row passes the test of feature i, r_i the share of training rows
that pass it. Where features join in random order, feature j moves the leaf's weight by

    v (o_j - r_j) * integral over t in [0, 1] of the product over i != j of (r_i + (o_i - r_i) t)

(the path-dependent TreeSHAP of Lundberg et al. 2020; as an integral, Aumann & Shapley 1974). The integrand has degree
d - 1, so ceil(d / 2) points suffice. All its terms are positive: nothing cancels.
"""

from __future__ import annotations

import numba as nb
import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
MOST_POINTS = 32  # a path of 64 features


def points() -> tuple[Floats, Floats]:
    """Gauss-Legendre points on [0, 1] and their weights; row n - 1 of each (32, 32) holds a rule of n points."""
    at, weight = np.zeros((MOST_POINTS, MOST_POINTS)), np.zeros((MOST_POINTS, MOST_POINTS))
    for n in range(1, MOST_POINTS + 1):
        x, w = np.polynomial.legendre.leggauss(n)
        at[n - 1, :n], weight[n - 1, :n] = (x + 1) / 2, w / 2
    return at, weight


@nb.njit(cache=True, nogil=True, error_model="numpy")
def moves(value: float, passed: int, share: Floats, at: Floats, weight: Floats, out: Floats) -> None:
    """Into `out` (d,): what each feature moves a leaf; bit i of `passed` is o_i, `share` (d,) the r_i."""
    d = len(share)
    n = (d + 1) // 2
    for j in range(d):
        out[j] = 0.0
    for q in range(n):
        t = at[n - 1, q]
        product = weight[n - 1, q]
        for i in range(d):
            product *= share[i] + (1.0 - share[i]) * t if (passed >> i) & 1 else share[i] * (1.0 - t)
        for j in range(d):
            out[j] += product / (share[j] + (1.0 - share[j]) * t if (passed >> j) & 1 else share[j] * (1.0 - t))
    for j in range(d):
        out[j] *= value * (((passed >> j) & 1) - share[j])


@nb.njit(cache=True, nogil=True, error_model="numpy")
def fill(
    bits: int,
    start: NDArray[np.int64],
    slot: NDArray[np.int64],
    mask: NDArray[np.int64],
    wanted: NDArray[np.int64],
    share: Floats,
    value: Floats,
    at: Floats,
    weight: Floats,
    table: Floats,
) -> None:
    """Add the leaves of a cluster into its `table` (patterns, features).

    Leaf l asks of the tests `start[l]` to `start[l + 1]`: of the feature in column `slot`, answers `wanted` at the
    bits `mask` of the pattern.
    """
    for leaf in range(len(value)):
        first, d = start[leaf], start[leaf + 1] - start[leaf]
        moved = np.empty((1 << d, d))
        for passed in range(1 << d):
            moves(value[leaf], passed, share[first : first + d], at, weight, moved[passed])
        for pattern in range(1 << bits):
            passed = 0
            for i in range(d):
                passed |= int(((pattern ^ wanted[first + i]) & mask[first + i]) == 0) << i
            for i in range(d):
                table[pattern, slot[first + i]] += moved[passed, i]
