"""Can the borrower pay, and does the borrower want to: two indices between 0 and 1."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numba as nb
import numpy as np
from numpy.typing import NDArray

from policy.asking import Sheet
from policy.parts.treatments import Part, Treatments, Weighted

Floats = NDArray[np.float64]


def ability(sheet: Sheet, rules: Treatments) -> Floats:
    """Mean of the parts, each 1, 0.5 or 0 by its cuts, (n,); NaN where too few are known."""
    return np.asarray(_ability(sheet.facts, _slots(sheet, rules.ability), rules.parts_of_ability, rules.ability_known))


def willingness(sheet: Sheet, rules: Treatments) -> Floats:
    """1 less the weighted mean of what speaks against it, (n,); NaN where too few parts are known."""
    slots = _slots(sheet, rules.willingness)
    return np.asarray(_willingness(sheet.facts, slots, rules.parts_of_willingness, rules.willingness_known))


def _slots(sheet: Sheet, parts: Sequence[Part] | Sequence[Weighted]) -> NDArray[np.int64]:
    return np.array([sheet.slots[part.fact] for part in parts], np.int64)


@nb.njit("float64[::1](float64[:, ::1], int64[::1], float64[:, ::1], int64)", cache=True, nogil=True)
def _ability(facts: Any, slots: Any, parts: Any, least: int) -> Any:
    out = np.full(facts.shape[1], np.nan)
    for i in range(len(out)):
        total, known = 0.0, 0
        for k in range(len(slots)):
            value, high, low = facts[slots[k], i], parts[k, 0], parts[k, 1]
            if value != value:
                continue
            known += 1
            lower = parts[k, 2] == 1.0
            if value >= high if lower else value <= high:
                total += 1.0
            elif value >= low if lower else value <= low:
                total += 0.5
        if known >= least:
            out[i] = total / max(known, 1)
    return out


@nb.njit("float64[::1](float64[:, ::1], int64[::1], float64[:, ::1], int64)", cache=True, nogil=True)
def _willingness(facts: Any, slots: Any, parts: Any, least: int) -> Any:
    out = np.full(facts.shape[1], np.nan)
    for i in range(len(out)):
        total, weight, known = 0.0, 0.0, 0
        for k in range(len(slots)):
            value = facts[slots[k], i]
            if value != value:
                continue
            against = 1 - value if parts[k, 1] == 1.0 else value
            total += parts[k, 0] * min(max(against, 0.0), 1.0)
            weight += parts[k, 0]
            known += 1
        if known >= least:
            out[i] = 1 - total / (weight if weight > 0 else 1.0)
    return out
