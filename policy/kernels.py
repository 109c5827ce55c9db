"""Small compiled loops over the answers of many loans."""

from __future__ import annotations

from typing import Any

import numba as nb
import numpy as np

from policy.program import HOLDS, UNKNOWN


@nb.njit("void(int8[:, ::1], int64[::1], int8[::1], int8[::1])", cache=True, nogil=True)
def raise_to(answers: Any, which: Any, level: Any, out: Any) -> None:
    """Raise `out` (n,) to the highest `level` of those conditions `which` that hold."""
    for k in range(len(which)):
        for i in range(len(out)):
            if answers[which[k], i] == HOLDS and level[k] > out[i]:
                out[i] = level[k]


@nb.njit("void(int8[:, ::1], int64[::1], int64[::1], int64[::1], int8[::1], boolean[::1], int8[:, ::1],"
         "boolean[:, ::1])", cache=True, nogil=True)  # fmt: skip
def outcomes(
    answers: Any, applies: Any, starts: Any, step: Any, weight_of: Any, active: Any, weight: Any, unknown: Any
) -> None:
    """The weight of the gravest step that holds of each rule (r, n), and where none does but could."""
    for r in range(len(applies)):
        for i in range(len(active)):
            if not active[i]:
                continue
            says = HOLDS if applies[r] < 0 else answers[applies[r], i]
            doubt = says == UNKNOWN
            if says == HOLDS:
                for s in range(starts[r], starts[r + 1]):
                    told = answers[step[s], i]
                    if told == HOLDS:
                        weight[r, i], doubt = weight_of[s], False
                        break
                    doubt |= told == UNKNOWN
            unknown[r, i] = doubt


@nb.njit("void(int8[:, ::1], int32[:, ::1], int32[::1], int64[::1], int8[:, ::1])", cache=True, nogil=True)
def standing(told: Any, told_on: Any, as_of: Any, cool_down: Any, out: Any) -> None:
    """The weight last told (n, r) where that is within the cool-down, else 0; (r, n)."""
    for i in range(len(as_of)):
        for r in range(len(cool_down)):
            if told[i, r] > 0 and np.int64(as_of[i]) - told_on[i, r] < cool_down[r]:
                out[r, i] = told[i, r]


@nb.njit("void(boolean[::1], int64[::1], int64, int8[:, ::1], boolean[:, ::1], int8[:, ::1], boolean[:, ::1])",
         cache=True, nogil=True)  # fmt: skip
def over_borrowers(
    of_borrower: Any, group: Any, n_groups: int, weight: Any, unknown: Any, stood: Any, speaks: Any
) -> None:
    """Rules of borrowers told once: the gravest of the loans of each, what stands on any, and which row speaks.

    Such a rule is not evaluated only where it fires on none of the loans.
    """
    worst, last, first = np.empty(n_groups, np.int8), np.empty(n_groups, np.int8), np.empty(n_groups, np.int64)
    for r in range(len(of_borrower)):
        if not of_borrower[r]:
            speaks[r] = True
            continue
        worst[:], last[:], first[:] = -1, 0, -1
        for i in range(len(group)):
            g = group[i]
            last[g] = max(last[g], stood[r, i])
            if weight[r, i] > worst[g]:
                worst[g], first[g] = weight[r, i], i
        for i in range(len(group)):
            g = group[i]
            weight[r, i], stood[r, i] = worst[g], last[g]
            speaks[r, i] = first[g] == i
            unknown[r, i] &= worst[g] == 0


@nb.njit("void(int8[:, ::1], int8[:, ::1], int32[::1], int8[:, ::1], int32[:, ::1], int8[::1])", cache=True, nogil=True)
def remember(weight: Any, stood: Any, as_of: Any, told: Any, told_on: Any, worst: Any) -> None:
    """Write what is told now to `told` and `told_on` (n, r), and the gravest severity that holds to `worst` (n,)."""
    for i in range(len(worst)):
        for r in range(len(weight)):
            worst[i] = max(worst[i], weight[r, i] // 10)
            if weight[r, i] > stood[r, i]:
                told[i, r], told_on[i, r] = weight[r, i], as_of[i]
