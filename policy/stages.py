"""A suggestion of the stage of IFRS 9, with the triggers that hold."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import overload

import numpy as np
from numpy.typing import NDArray

from policy.classes import evidence
from policy.firing import Bools, Values
from policy.parts.stages import StageTrigger


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

    def __init__(self, triggers: Sequence[StageTrigger], holds: Mapping[str, Bools], values: Values, n: int) -> None:
        self._triggers = triggers
        self._holds = holds
        self._values = {name: values[name] for trigger in triggers for name in trigger.when.asks}
        self._n = n

    def __len__(self) -> int:
        return self._n

    @overload
    def __getitem__(self, i: int) -> tuple[StageReason, ...]: ...
    @overload
    def __getitem__(self, i: slice) -> list[tuple[StageReason, ...]]: ...
    def __getitem__(self, i: int | slice) -> tuple[StageReason, ...] | list[tuple[StageReason, ...]]:
        """The triggers that hold, highest stage first."""
        if isinstance(i, slice):
            return [self[j] for j in range(*i.indices(len(self)))]
        return tuple(
            StageReason(one.id, one.stage, one.reference, evidence(one.when.asks, self._values, i))
            for one in self._triggers
            if self._holds[one.id][i]
        )


def suggest(values: Values, triggers: Sequence[StageTrigger], active: Bools) -> Stages:
    """The stage of each `active` loan: the highest of which a trigger holds, 1 where none does."""
    stage = active.astype(np.int8)
    holds, unknown = {}, {}
    for trigger in triggers:
        answer = trigger.when(values)
        holds[trigger.id] = answer.holds & active
        stage = np.maximum(stage, np.where(holds[trigger.id], trigger.stage, 0)).astype(np.int8)
        missing = answer.unknown & active
        if missing.any():
            unknown[trigger.id] = missing
    return Stages(stage, StageReasons(triggers, holds, values, len(active)), unknown)
