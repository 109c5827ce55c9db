"""Why a PD is what it is, in words: the families that weigh most, each with its leading feature and value."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from features.feature import FeatureColumn
from models.bundle import Bundle
from models.ranking import NONE, Ranking, rank

Direction = Literal["adverse", "protective"]
LANGUAGES = ("en", "zh")
_WITH_TYPICAL = {"en": "{label}: {value} (typical {typical})", "zh": "{label}：{value}（一般为{typical}）"}
_WITHOUT = {"en": "{label}: {value}", "zh": "{label}：{value}"}


@dataclass(frozen=True)
class Reason:
    """One reason.

    `contribution` is the family's sum in log-odds against the training mean, above 0 where it raises the PD;
    `value` of the `lead` feature and `typical`, the training median, are in the feature's unit, None where
    not observed.
    """

    family: str
    family_label: Mapping[str, str]
    direction: Direction
    contribution: float
    lead: str
    value: float | None
    typical: float | None
    text: Mapping[str, str]


def reasons(
    contributions: NDArray[np.float64],
    x: NDArray[np.float32],
    bundle: Bundle,
    columns: Sequence[FeatureColumn],
    n_adverse: int = 4,
    n_protective: int = 2,
) -> list[list[Reason]]:
    """Per row the strongest adverse, then the strongest protective families.

    `contributions` (n, k + 1) as from `Model.contributions`, `x` (n, k) and `columns` in the order of the
    bundle.
    """
    names = tuple(column.name for column in columns)
    if names != bundle.features:
        raise ValueError("columns are not the bundle's features in their order")
    adverse = rank(contributions, columns, n_adverse, 1)
    protective = rank(contributions, columns, n_protective, -1)
    return [
        _worded(adverse, row, "adverse", x, bundle, columns)
        + _worded(protective, row, "protective", x, bundle, columns)
        for row in range(len(x))
    ]


def _worded(
    ranking: Ranking,
    row: int,
    direction: Direction,
    x: NDArray[np.float32],
    bundle: Bundle,
    columns: Sequence[FeatureColumn],
) -> list[Reason]:
    worded = []
    for lead, contribution in zip(ranking.lead[row], ranking.contribution[row], strict=True):
        if lead == NONE:
            break
        column = columns[lead]
        value = None if np.isnan(x[row, lead]) else float(x[row, lead])
        typical = bundle.reference[lead].median
        worded.append(
            Reason(
                family=column.family.code,
                family_label=column.family.label,
                direction=direction,
                contribution=float(contribution),
                lead=column.name,
                value=value,
                typical=typical,
                text={language: sentence(column, value, typical, language) for language in LANGUAGES},
            )
        )
    return worded


def sentence(column: FeatureColumn, value: float | None, typical: float | None, language: str) -> str:
    """A feature's value beside what is typical, e.g. "Days past due now: 34 days (typical 0 days)"."""
    shown = column.unit.format(math.nan if value is None else value, language)
    label = column.label[language]
    if typical is None:
        return _WITHOUT[language].format(label=label, value=shown)
    return _WITH_TYPICAL[language].format(label=label, value=shown, typical=column.unit.format(typical, language))
