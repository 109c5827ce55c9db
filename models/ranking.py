"""Which families raise or lower a PD most, and the feature that leads each: plain arrays."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from features.feature import FeatureColumn
from models.leads import DOWN, UP, leads, strongest

Floats = NDArray[np.float64]

NONE = -1
MATERIAL = 0.01  # log-odds: a smaller family is no reason (1 % of the odds)


@dataclass(frozen=True)
class Ranking:
    """The strongest families of one direction, best first; shape (n, places), `NONE` and NaN where fewer.

    `family` is a position in `Families.codes`, `lead` the column that contributes most in that direction
    among those that may be shown, `contribution` the family's sum in log-odds. `unseen` says that the lead was not
    observed, and that this, not a value, moves the family.
    """

    family: NDArray[np.int32]
    lead: NDArray[np.int32]
    contribution: Floats
    unseen: NDArray[np.bool_]


@dataclass(frozen=True)
class Families:
    """The columns of a model by family."""

    columns: tuple[FeatureColumn, ...]

    @cached_property
    def codes(self) -> tuple[str, ...]:
        """Family codes in the order of their first column."""
        return families(self.columns)

    @cached_property
    def of_column(self) -> NDArray[np.int32]:
        """Position in `codes` of each column, (k,)."""
        return np.array([self.codes.index(column.family.code) for column in self.columns], np.int32)

    @cached_property
    def members(self) -> NDArray[np.bool_]:
        """Which columns a family has, (families, k)."""
        return self.of_column[None, :] == np.arange(len(self.codes))[:, None]

    @cached_property
    def shown(self) -> NDArray[np.bool_]:
        """Which columns a reason may name, (k,)."""
        return np.array([column.show_borrower for column in self.columns], np.bool_)

    def rank(
        self, contributions: Floats, x: NDArray[np.float32], n_adverse: int, n_protective: int
    ) -> tuple[Floats, Ranking, Ranking]:
        """Sums by family (n, families), and the strongest that raise and that lower the PD.

        `contributions` (n, k + 1) and `x` (n, k), NaN = not observed. Ties go to the earlier family and the earlier
        column. A family whose every contributing feature may not be shown is left out.
        """
        n, f = len(x), max(len(self.codes), n_adverse, n_protective)
        total = np.empty((n, f))
        lead, unseen = np.empty((n, f, 2), np.int32), np.empty((n, f, 2), np.bool_)
        leads(np.ascontiguousarray(contributions), x, self.of_column, self.shown, total, lead, unseen)
        adverse, protective = (
            _strongest(total, lead, unseen, way, places) for way, places in ((UP, n_adverse), (DOWN, n_protective))
        )
        return np.ascontiguousarray(total[:, : len(self.codes)]), adverse, protective


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


def _strongest(total: Floats, lead: NDArray[np.int32], unseen: NDArray[np.bool_], way: int, places: int) -> Ranking:
    """The `places` families with the most force in a direction that have a lead."""
    shape = len(total), places
    made = Ranking(np.empty(shape, np.int32), np.empty(shape, np.int32), np.empty(shape), np.empty(shape, np.bool_))
    strongest(total, lead, unseen, way, MATERIAL, made.family, made.lead, made.contribution, made.unseen)
    return made
