"""A suggestion of the stage of IFRS 9, with the triggers that hold."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import overload

import numpy as np
from numpy.typing import NDArray

from policy.asking import Asking, Bools, Sheet
from policy.classes import evidence
from policy.kernels import raise_to
from policy.parts.stages import StageTrigger
from policy.program import HOLDS, UNKNOWN, Answers


@dataclass(frozen=True)
class StageReason:
    """A trigger that holds, its place in the standard, and the facts it asked (None = not known)."""

    trigger: str
    stage: int
    reference: str
    evidence: Mapping[str, float | None]


@dataclass(frozen=True)
class Stages:
    """Stages (n,): 1, 2 or 3, 0 for loans that are closed; reasons; triggers not evaluated where facts were missing."""

    stage: NDArray[np.int8]
    reasons: Sequence[tuple[StageReason, ...]]
    not_evaluated: Mapping[str, Bools]


class StageReasons(Sequence[tuple[StageReason, ...]]):
    """The reasons of every loan, put into words when asked for."""

    def __init__(self, triggers: Sequence[StageTrigger], holds: Bools, sheet: Sheet) -> None:
        self._triggers = triggers
        self._holds = holds
        self._sheet = sheet

    def __len__(self) -> int:
        return self._holds.shape[1]

    @overload
    def __getitem__(self, i: int) -> tuple[StageReason, ...]: ...
    @overload
    def __getitem__(self, i: slice) -> list[tuple[StageReason, ...]]: ...
    def __getitem__(self, i: int | slice) -> tuple[StageReason, ...] | list[tuple[StageReason, ...]]:
        """The triggers that hold, highest stage first."""
        if isinstance(i, slice):
            return [self[j] for j in range(*i.indices(len(self)))]
        found = []
        for place in np.flatnonzero(self._holds[:, i]).tolist():
            one = self._triggers[place]
            told = evidence(one.when.asks, self._sheet.slots, self._sheet.facts, i)
            found.append(StageReason(one.id, one.stage, one.reference, told))
        return tuple(found)


def suggest(sheet: Sheet, asking: Asking, triggers: Sequence[StageTrigger], active: Bools, answers: Answers) -> Stages:
    """The stage of each `active` loan: the highest of which a trigger holds, 1 where none does.

    Answers are added to `answers`.
    """
    stage = active.astype(np.int8)
    asking.ask(asking.stages, sheet, active, answers)
    raise_to(answers, asking.stages, asking.of_stage, stage)
    told = answers[asking.stages]
    unknown = told == UNKNOWN
    missing = {triggers[place].id: unknown[place] for place in np.flatnonzero(unknown.any(axis=1)).tolist()}
    return Stages(stage, StageReasons(triggers, told == HOLDS, sheet), missing)
