"""The ordered set of columns that models see, and the matrix of them."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from types import ModuleType

import numpy as np
from numpy.typing import NDArray

from features.families import (
    afford,
    amount,
    balloon,
    cashflow,
    cohort,
    dpd,
    exposure,
    external,
    funds,
    public,
    quality,
    revolving,
    security,
    statements,
    timing,
    willing,
)
from features.feature import Feature, FeatureColumn, FeatureRefused, fingerprint
from features.history import History
from features.kept import kept
from features.sheet import Sheet, rows_of


@dataclass(frozen=True)
class Catalogue:
    """Columns in order. `columns` are the inputs of models, `everything` also those kept for people and for checks.

    `own` are the lender's own feature files: name and sha256 of each.
    """

    everything: tuple[FeatureColumn, ...]
    own: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def of(cls, modules: Iterable[ModuleType], own: Mapping[str, str] | None = None) -> Catalogue:
        """The features declared in `modules`, in their order there; FeatureRefused where a name comes twice."""
        columns: list[FeatureColumn] = []
        seen: dict[str, str] = {}
        for module in modules:
            for declared in (value for value in vars(module).values() if isinstance(value, Feature)):
                if declared.compute.__module__ != module.__name__:
                    continue
                for column in declared.columns:
                    if column.name in seen:
                        raise FeatureRefused(
                            f"feature {column.name}: declared in {module.__name__} and in {seen[column.name]};"
                            " allowed is one feature per name"
                        )
                    seen[column.name] = module.__name__
                    columns.append(column)
        return cls(tuple(columns), own or {})

    @kept
    def columns(self) -> tuple[FeatureColumn, ...]:
        """The columns that models see, in order."""
        return tuple(c for c in self.everything if c.model_input)

    @kept
    def names(self) -> tuple[str, ...]:
        """Names of the columns that models see."""
        return tuple(c.name for c in self.columns)

    @kept
    def all_names(self) -> tuple[str, ...]:
        """Names of every column."""
        return tuple(c.name for c in self.everything)

    @kept
    def fingerprint(self) -> str:
        """Changes when a name, the order, a fact or a formula of a model column does."""
        return fingerprint(self.columns)

    @property
    def monotone(self) -> tuple[int, ...]:
        """Direction of each model column: 1 a higher value means higher risk, -1 lower risk, 0 either."""
        return tuple(int(c.worse) for c in self.columns)

    @kept
    def rest(self) -> Catalogue:
        """The columns that models do not see."""
        return self.without(self.names)

    def without(self, names: Collection[str]) -> Catalogue:
        """The columns that are not among `names`."""
        told = set(names)
        return Catalogue(tuple([column for column in self.everything if column.name not in told]))

    def matrix(self, h: History) -> NDArray[np.float32]:
        """The model columns of n observations, float32 (n, k) in C order; NaN = not observed."""
        return rows_of(self._models.values(h))

    def full_matrix(self, h: History) -> NDArray[np.float32]:
        """Every column of n observations, float32 (n, all) in C order."""
        return rows_of(self.by_column(h))

    def by_column(self, h: History) -> NDArray[np.float32]:
        """The transpose of `full_matrix`, float32 (all, n) in C order: a column lies in one piece."""
        return self._all.values(h)

    @kept
    def _models(self) -> Sheet:
        return Sheet(self.columns)

    @kept
    def _all(self) -> Sheet:
        return Sheet(self.everything)


MODULES = (
    dpd, timing, amount, exposure, revolving, cashflow, afford, willing, external, funds, public, security, statements,
    balloon, cohort, quality,
)  # fmt: skip
CATALOGUE = Catalogue.of(MODULES)
