"""The result of policy: one entry per loan in every array, with the reasons, and the state for the next time."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from policy.alerts import Alert
from policy.classes import HELD, ClassReason
from policy.pack import Pack
from policy.parts.classes import CLASSES
from policy.parts.rules import SEVERITIES
from policy.parts.treatments import Action
from policy.stages import StageReason
from policy.state import States

Floats = NDArray[np.float64]
Codes = NDArray[np.int8]
Bools = NDArray[np.bool_]


@dataclass(frozen=True)
class Decisions:
    """Decisions on n loans. Codes are positions, -1 = none.

    `grade` in pack.grades; `tier` in pack.tiers (then D); `floor` in pack.floors; `held`: a better tier must wait.
    `five_class` in CLASSES, -1 where the loan is closed; `class_held`: it stays non-performing until the conditions of
    an upgrade are met; `class_review_on` the day by which it is signed off. `stage` 1 to 3 (0 closed), a suggestion.
    `ability`, `willingness` 0 to 1, NaN not known. `ead`, `el` in major units. `cell` in pack.treatments.cells,
    `review` in .reviews, `approval` in .approvals. `worst` the gravest severity that holds (0 none, 1 B to 4 R).
    `alerts` are those to tell now. `not_evaluated` (n,) by rule, clause ("class ...") or trigger ("stage ...").
    """

    pack: Pack
    loan_id: NDArray[Any]
    borrower_id: NDArray[Any]
    as_of: NDArray[np.int32]
    grade: Codes
    tier: Codes
    floor: Codes
    held: Bools
    five_class: Codes
    class_reasons: Sequence[tuple[ClassReason, ...]]
    class_held: Bools
    class_review_on: NDArray[np.int32]
    stage: Codes
    stage_reasons: Sequence[tuple[StageReason, ...]]
    ability: Floats
    willingness: Floats
    ead: Floats
    el: Floats
    raised: Bools
    cell: Codes
    needs_approval: Bools
    approval: Codes
    review: Codes
    ask_for_data: Bools
    holdout: Bools
    worst: Codes
    alerts: tuple[Alert, ...]
    not_evaluated: Mapping[str, Bools]
    state: States

    def __len__(self) -> int:
        return len(self.tier)

    def actions(self, i: int) -> tuple[Action, ...]:
        """What the matrix suggests for loan `i`; data are asked for where an index is not known."""
        if self.cell[i] < 0:
            return ()
        treatments = self.pack.treatments
        names = list(treatments.cells[self.cell[i]].actions)
        if self.ask_for_data[i] and treatments.ask_for_data not in names:
            names.append(treatments.ask_for_data)
        return tuple(treatments.actions[name] for name in names)

    def not_evaluated_of(self, i: int) -> tuple[str, ...]:
        """Rules, clauses and triggers that could not be asked of loan `i`."""
        return tuple(sorted(name for name, rows in self.not_evaluated.items() if rows[i]))

    def plain(self, i: int) -> dict[str, Any]:
        """Loan `i` as a JSON-able dict; its alerts are in `alerts`."""
        pack, treatments = self.pack, self.pack.treatments
        tier, grade, floor = int(self.tier[i]), int(self.grade[i]), int(self.floor[i])
        cell, review, five_class = int(self.cell[i]), int(self.review[i]), int(self.five_class[i])
        return {
            "loan_id": str(self.loan_id[i]),
            "borrower_id": str(self.borrower_id[i]),
            "as_of": _day(self.as_of[i]),
            "grade": pack.grades[grade].code if grade >= 0 else None,
            "tier": pack.tier_of(tier).code if tier >= 0 else None,
            "floor": pack.floors[floor].id if floor >= 0 else None,
            "held": bool(self.held[i]),
            "class": CLASSES[five_class] if five_class >= 0 else None,
            "class_name": dict(pack.classes.names[five_class]) if five_class >= 0 else None,
            "class_reasons": [asdict(reason) | {"text": self.class_text(reason)} for reason in self.class_reasons[i]],
            "class_held": bool(self.class_held[i]),
            "class_review_on": _day(self.class_review_on[i]),
            "stage": int(self.stage[i]) or None,
            "stage_reasons": [asdict(reason) | {"text": self.stage_text(reason)} for reason in self.stage_reasons[i]],
            "ability": _number(self.ability[i]),
            "willingness": _number(self.willingness[i]),
            "ead": _number(self.ead[i]),
            "el": _number(self.el[i]),
            "worst_alert": SEVERITIES[self.worst[i] - 1] if self.worst[i] else None,
            "actions": [{"code": one.code, "kind": one.kind, "text": dict(one.text)} for one in self.actions(i)],
            "treatment": dict(treatments.cells[cell].text) if cell >= 0 else None,
            "needs_approval": bool(self.needs_approval[i]),
            "approval": dict(treatments.approvals[self.approval[i]]) if cell >= 0 else None,
            "review": dict(treatments.reviews[review].text) if review >= 0 else None,
            "review_days": treatments.reviews[review].review_days if review >= 0 else None,
            "raised_by_exposure": bool(self.raised[i]),
            "ask_for_data": bool(self.ask_for_data[i]),
            "holdout": bool(self.holdout[i]),
            "not_evaluated": list(self.not_evaluated_of(i)),
        }

    def class_text(self, reason: ClassReason) -> dict[str, str]:
        """A reason of a class in words."""
        if reason.clause == HELD:
            return dict(self.pack.classes.upgrade_text)
        return dict(next(clause.text for clause in self.pack.classes.clauses if clause.id == reason.clause))

    def stage_text(self, reason: StageReason) -> dict[str, str]:
        """A reason of a stage in words."""
        return dict(next(trigger.text for trigger in self.pack.stages if trigger.id == reason.trigger))


def _number(value: float) -> float | None:
    return None if value != value else float(value)


def _day(day: np.int32) -> str:
    return str(np.datetime64(int(day), "D"))
