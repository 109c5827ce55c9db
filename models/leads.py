"""The feature that leads each family of a row: a compiled walk over the contributions."""

from __future__ import annotations

import numba as nb
import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

UP, DOWN = 0, 1
TIE = 1e-9  # log-odds: contributions closer than this are as strong as each other, whatever explained them


@nb.njit(cache=True, nogil=True)
def leads(
    contributions: Floats,
    x: NDArray[np.float32],
    family: NDArray[np.int32],
    shown: NDArray[np.bool_],
    total: Floats,
    lead: NDArray[np.int32],
    unseen: NDArray[np.bool_],
) -> None:
    """Fill `total` (n, f) with sums by family, `lead` and `unseen` (n, f, 2) for the directions UP and DOWN.

    `family` and `shown` are facts of the k columns. The lead of a family is its strongest column in that direction
    that may be shown, -1 where none is, the earlier of two as strong. An observed one leads, unless what is not
    observed moves the family further in that direction: then the strongest of those does, and `unseen` says so.
    """
    f = total.shape[1]
    strength, which = np.empty((f, 2, 2)), np.empty((f, 2, 2), np.int32)
    part = np.empty((f, 2))
    for r in range(len(x)):
        strength[:], which[:], part[:] = TIE, -1, 0.0
        total[r] = 0.0
        for j in range(x.shape[1]):
            c, one = contributions[r, j], family[j]
            seen = 0 if x[r, j] != x[r, j] else 1
            total[r, one] += c
            part[one, seen] += c
            if shown[j]:
                for way in (UP, DOWN):
                    force = c if way == UP else -c
                    if force > strength[one, way, seen]:
                        strength[one, way, seen], which[one, way, seen] = force + TIE, j
        for one in range(f):
            for way in (UP, DOWN):
                sign = 1.0 if way == UP else -1.0
                gone = which[one, way, 0] >= 0 and (
                    which[one, way, 1] < 0 or sign * (part[one, 0] - part[one, 1]) > TIE
                )
                unseen[r, one, way] = gone
                lead[r, one, way] = which[one, way, 0 if gone else 1]


@nb.njit(cache=True, nogil=True)
def strongest(
    total: Floats,
    lead: NDArray[np.int32],
    unseen: NDArray[np.bool_],
    way: int,
    material: float,
    family_out: NDArray[np.int32],
    lead_out: NDArray[np.int32],
    contribution: Floats,
    unseen_out: NDArray[np.bool_],
) -> None:
    """Fill the last four, (n, places): of each row the families that weigh most in a direction, strongest first.

    `total` (n, f), `lead` and `unseen` (n, f, 2) are as `leads` fills them. A family needs a lead and a force of at
    least `material`; forces count to nine digits, the earlier of two as strong comes first. -1 and NaN where fewer.
    """
    f = total.shape[1]
    sign = 1.0 if way == UP else -1.0
    weight = np.empty(f)
    for r in range(len(total)):
        for one in range(f):
            force = sign * total[r, one]
            fit = lead[r, one, way] >= 0 and force >= material
            weight[one] = np.rint(force * 1e9) / 1e9 if fit else 0.0
        for place in range(family_out.shape[1]):
            best = -1
            for one in range(f):
                if weight[one] > (weight[best] if best >= 0 else 0.0):
                    best = one
            family_out[r, place], lead_out[r, place] = best, -1
            contribution[r, place], unseen_out[r, place] = np.nan, False
            if best >= 0:
                weight[best] = 0.0
                lead_out[r, place], unseen_out[r, place] = lead[r, best, way], unseen[r, best, way]
                contribution[r, place] = sign * (sign * total[r, best])
