"""All conditions of a pack as one program, and the sheet of facts that it is asked of."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from policy.conditions import Condition
from policy.parts.classes import ClassRules
from policy.parts.rules import Family, Rule, Rules, Step
from policy.parts.stages import StageTrigger
from policy.parts.treatments import Treatments
from policy.program import FAILS, Answers, answer, compiled

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]
Places = NDArray[np.int64]
NEEDED: Final = (
    "pd", "pd_3m_ago", "pd_tier", "pd_tier_3m_ago", "tier", "tier_before", "five_class", "class_before", "alert",
    "dpd_now", "overdue_days", "cashflow_age_days", "bureau_age_days", "data_mismatch", "observation",
    "principal_outstanding", "accrued", "undrawn", "ead", "el", "credit_impaired", "ext_bank_debt", "ext_bank_over90",
    "debtor_npl_here", "debtor_npl_share", "debtor_over90_share", "debtor_impaired",
    "hardship", "complaint_open", "review_overdue_days", "first_check_done", "days_on_book",
)  # fmt: skip
"""Facts that deciding takes whatever the pack asks."""


class Sheet:
    """Facts by name in one array (k, n); NaN = not known."""

    def __init__(self, slots: Mapping[str, int], n: int) -> None:
        self.slots = slots
        self.facts = np.full((len(slots), n), np.nan)

    def __getitem__(self, name: str) -> Floats:
        return self.facts[self.slots[name]]

    def __setitem__(self, name: str, values: NDArray[Any]) -> None:
        self.facts[self.slots[name]] = values


@dataclass(frozen=True)
class RulePlan:
    """Rules of levels loan and borrower as arrays: rule r has the steps from `starts[r]` to `starts[r + 1]`.

    `applies` (r,) is a condition, -1 where there is none; `step` and `weight` (s,) are those of each step.
    `family` (r,) is a place in `families`. `told` by rule and weight: the step, and where its facts are on a sheet.
    """

    rules: tuple[Rule, ...]
    applies: Places
    starts: Places
    step: Places
    weight: NDArray[np.int8]
    of_borrower: NDArray[np.bool_]
    cool_down: Places
    family: Places
    families: tuple[Family, ...]
    told: Mapping[tuple[int, int], tuple[Step, Places]]


class Asking:
    """The conditions of a pack: where each stands in the program, and the facts it takes.

    `alone` are the clauses about the loan itself, `across` those about the debtor's other loans; `of_class` (c,) is the
    class of each clause.
    """

    def __init__(
        self, classes: ClassRules, stages: Sequence[StageTrigger], rules: Rules, treatments: Treatments
    ) -> None:
        self._conditions: list[Condition] = []
        self.clauses = self._places([clause.when for clause in classes.clauses])
        self.of_class = np.array([clause.five_class for clause in classes.clauses], np.int8)
        self.is_across = np.array([clause.across for clause in classes.clauses], bool)
        self.alone, self.across = self.clauses[~self.is_across], self.clauses[self.is_across]
        self.of_class_alone = np.where(self.is_across, np.int8(0), self.of_class)
        self.upgrade = self._places([classes.retail, classes.upgrade])
        self.stages = self._places([trigger.when for trigger in stages])
        self.of_stage = np.array([trigger.stage for trigger in stages], np.int8)
        own = rules.of("loan", "borrower")
        applies = [int(self._places([rule.applies])[0]) if rule.applies else -1 for rule in own]
        steps = self._places([step.when for rule in own for step in rule.steps])
        self.of_rules = np.array([*(place for place in applies if place >= 0), *steps], np.int64)
        self.rule_ids = tuple(rule.id for rule in own)
        taken = [name for condition in self._conditions for name in condition.asks]
        taken += [part.fact for part in treatments.ability] + [part.fact for part in treatments.willingness]
        self.slots = {name: place for place, name in enumerate(dict.fromkeys([*NEEDED, *taken]))}
        self.code = compiled([condition.program for condition in self._conditions], self.slots)
        self.class_facts, self.class_slots = self._asked([*(one.when for one in classes.clauses), classes.upgrade])
        self.rules = self._plan(own, tuple(rules.families.values()), applies, steps)

    def answers(self, n: int) -> Answers:
        """Room for the answers of `n` loans (n_conditions, n): every condition fails until it is asked."""
        return np.full((len(self._conditions), n), FAILS, np.int8)

    def ask(self, which: Places, sheet: Sheet, active: Bools, out: Answers) -> None:
        """Ask the conditions `which` of the `active` loans of a sheet; their rows of `out` are written."""
        answer(*self.code, which, sheet.facts, active, out)

    def _places(self, conditions: Sequence[Condition]) -> Places:
        first = len(self._conditions)
        self._conditions += conditions
        return np.arange(first, len(self._conditions))

    def _asked(self, conditions: Sequence[Condition]) -> tuple[dict[str, int], Places]:
        """The facts that conditions ask: their places among themselves, and in a sheet."""
        names = dict.fromkeys(name for condition in conditions for name in condition.asks)
        return {name: place for place, name in enumerate(names)}, np.array([self.slots[name] for name in names], int)

    def _plan(
        self, rules: tuple[Rule, ...], families: tuple[Family, ...], applies: list[int], steps: Places
    ) -> RulePlan:
        names = [family.id for family in families]
        return RulePlan(
            rules=rules,
            applies=np.array(applies, np.int64),
            starts=np.cumsum([0, *(len(rule.steps) for rule in rules)]),
            step=steps,
            weight=np.array([step.weight for rule in rules for step in rule.steps], np.int8),
            of_borrower=np.array([rule.level == "borrower" for rule in rules], bool),
            cool_down=np.array([rule.cool_down for rule in rules], np.int64),
            family=np.array([names.index(rule.family) for rule in rules], np.int64),
            families=families,
            told={
                (place, step.weight): (step, self._asked([step.when])[1])
                for place, rule in enumerate(rules)
                for step in rule.steps
            },
        )
