"""Why a score moved between two dates: the exact difference of two sets of contributions, by family."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from book.errors import Refusal
from features.feature import FeatureColumn
from models.ranking import MATERIAL, families
from models.sentences import LANGUAGES

Floats = NDArray[np.float64]

MOST = 4  # families named
_TEXT = {"en": "{label}: {before}, now {after}", "zh": "{label}：原为{before}，现为{after}"}
_SAME = {"en": "{label}: {after}, as before", "zh": "{label}：{after}，与之前相同"}
_DIGITS = 9  # of log-odds that count when two are compared


class TwoModels(Refusal):
    """The two scores were not made by one model; the text names both."""


@dataclass(frozen=True)
class Told:
    """One score as it is compared: the bundle that made it, its contributions and its features (k,)."""

    bundle: str
    contributions: Floats
    x: NDArray[np.float32]


@dataclass(frozen=True)
class Shift:
    """A family that moved the score, and its column that moved furthest the same way.

    `change` is in log-odds, above 0 where the family raised the risk; `before` and `after` are the values of the
    column, None where not observed.
    """

    column: FeatureColumn = field(repr=False)
    change: float
    before: float | None
    after: float | None

    @property
    def family(self) -> str:
        """The code of the family."""
        return self.column.family.code

    @property
    def text(self) -> Mapping[str, str]:
        """The two values in words, by language."""
        said: dict[str, str] = {}
        for language in LANGUAGES:
            before, after = (
                self.column.unit.format(np.nan if one is None else one, language) for one in (self.before, self.after)
            )
            form = _SAME if self.before == self.after else _TEXT
            said[language] = form[language].format(label=self.column.label[language], before=before, after=after)
        return said


@dataclass(frozen=True)
class Move:
    """From one score to another: `change` in log-odds, exactly the sum of `by_family`; the strongest `shifts`."""

    change: float
    by_family: Mapping[str, float]
    shifts: tuple[Shift, ...]


def moved(before: Told, after: Told, columns: Sequence[FeatureColumn], most: int = MOST) -> Move:
    """What moved a loan's score from `before` to `after`; `columns` are the model's, in order.

    Families that moved it by less than 1 % of the odds are not among the shifts, nor columns that may not be shown.
    Raises TwoModels where two bundles made the scores: their contributions cannot be compared.
    """
    if before.bundle != after.bundle:
        raise TwoModels(
            f"why the score moved: got scores of two models, {before.bundle[:12]} and {after.bundle[:12]}; "
            "allowed: two scores of one model (score the earlier date again with the later model)"
        )
    change = after.contributions - before.contributions
    sums = dict.fromkeys(families(columns), 0.0)
    for column, one in zip(columns, change.tolist(), strict=True):
        sums[column.family.code] += one
    order = sorted(sums, key=lambda family: -round(abs(sums[family]), _DIGITS))
    named = (_shift(family, sums[family], change, before, after, columns) for family in order)
    shifts = tuple(shift for shift in named if shift is not None)[:most]
    return Move(sum(sums.values()), sums, shifts)


def _shift(
    family: str, total: float, change: Floats, before: Told, after: Told, columns: Sequence[FeatureColumn]
) -> Shift | None:
    """The family in one line; None where it hardly moved the score, or none of its columns may be shown."""
    shown = [at for at, one in enumerate(columns) if one.family.code == family and one.show_borrower]
    if abs(total) < MATERIAL or not shown:
        return None
    way = 1.0 if total > 0 else -1.0
    lead = max(shown, key=lambda at: (round(way * float(change[at]), _DIGITS), -at))
    if way * change[lead] <= 0:
        return None
    return Shift(columns[lead], total, _value(before.x[lead]), _value(after.x[lead]))


def _value(value: np.float32) -> float | None:
    return None if np.isnan(value) else float(value)
