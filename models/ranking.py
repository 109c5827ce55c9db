"""Which families raise or lower a PD most, and the feature that leads each: plain arrays."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from features.feature import FeatureColumn

Floats = NDArray[np.float64]

NONE = -1
MATERIAL = 0.01  # log-odds: a smaller family is no reason (1 % of the odds)


@dataclass(frozen=True)
class Ranking:
    """The strongest families of one direction, best first; shape (n, places), `NONE` and NaN where fewer.

    `family` is a position in `families(columns)`, `lead` the column that contributes most in that direction
    among those that may be shown, `contribution` the family's sum in log-odds.
    """

    family: NDArray[np.int32]
    lead: NDArray[np.int32]
    contribution: Floats


def families(columns: Sequence[FeatureColumn]) -> tuple[str, ...]:
    """Family codes in the order of their first column."""
    return tuple(dict.fromkeys(column.family.code for column in columns))


def by_family(contributions: Floats, columns: Sequence[FeatureColumn]) -> Floats:
    """Contributions (n, k + 1) by family, shape (n, families): with the base they sum to the log-odds."""
    codes = families(columns)
    sums = np.zeros((len(contributions), len(codes)))
    for position, column in enumerate(columns):
        sums[:, codes.index(column.family.code)] += contributions[:, position]
    return sums


def rank(contributions: Floats, columns: Sequence[FeatureColumn], places: int, sign: int) -> Ranking:
    """The `places` strongest families that raise (`sign` 1) or lower (`sign` -1) the PD.

    Ties go to the earlier family and the earlier column. A family whose every contributing feature may not be
    shown is left out.
    """
    codes = families(columns)
    leads, strengths = _leads(contributions * sign, columns, codes)
    sums = by_family(contributions, columns)
    weight = np.where((strengths > 0) & (sums * sign >= MATERIAL), sums * sign, -np.inf)
    order = np.argsort(-weight, axis=1, kind="stable")[:, :places]
    chosen = np.take_along_axis(weight, order, axis=1) > 0
    return Ranking(
        family=np.where(chosen, order, NONE).astype(np.int32),
        lead=np.where(chosen, np.take_along_axis(leads, order, axis=1), NONE).astype(np.int32),
        contribution=np.where(chosen, np.take_along_axis(sums, order, axis=1), np.nan),
    )


def _leads(
    signed: Floats, columns: Sequence[FeatureColumn], codes: tuple[str, ...]
) -> tuple[NDArray[np.int32], Floats]:
    """Per row and family: the strongest column that may be shown, and its strength in that direction."""
    leads = np.full((len(signed), len(codes)), NONE, np.int32)
    strengths = np.full((len(signed), len(codes)), -np.inf)
    rows = np.arange(len(signed))
    for family, code in enumerate(codes):
        members = [i for i, column in enumerate(columns) if column.family.code == code and column.show_borrower]
        if members:
            best = np.argmax(signed[:, members], axis=1)
            leads[:, family] = np.array(members, np.int32)[best]
            strengths[:, family] = signed[rows, leads[:, family]]
    return leads, strengths
