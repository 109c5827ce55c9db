"""The five classes: every clause asked, what the debtor's other loans say, and the slow way out of non-performing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import overload

import numpy as np
from numpy.typing import NDArray

from policy.asking import Asking, Sheet
from policy.debtors import Debtors
from policy.facts import Facts
from policy.kernels import raise_to
from policy.parts.classes import CLASSES, NPL, ClassRules
from policy.program import HOLDS, UNKNOWN, Answers

__all__ = ["CLASSES", "HELD", "NPL", "ClassReason", "ClassReasons", "Classes", "classify"]
Bools = NDArray[np.bool_]
Codes = NDArray[np.int8]
HELD = "upgrade"


@dataclass(frozen=True)
class ClassReason:
    """Why a loan is classed as it is: the clause, its article, and the facts it asked (None = not known)."""

    clause: str
    five_class: str
    article: str
    evidence: Mapping[str, float | None]


@dataclass(frozen=True)
class Classes:
    """Classes (n,) as positions in CLASSES; `reasons` gravest first; `not_evaluated` by clause, where facts miss.

    `held` (n,): the clauses would allow better, but the way out of non-performing is not open yet.
    """

    five_class: Codes
    reasons: Sequence[tuple[ClassReason, ...]]
    not_evaluated: Mapping[str, Bools]
    held: Bools


def classify(
    facts: Facts, sheet: Sheet, asking: Asking, rules: ClassRules, before: Codes, active: Bools, answers: Answers
) -> Classes:
    """The class of every `active` observation, (n,); `before` is the class after the last decision, -1 none.

    Facts about debtors are added to `sheet`, answers to `answers`.
    """
    debtors = Debtors(facts, sheet)

    def settled(five_class: Codes) -> Codes:
        """The gravest class of all clauses, `five_class` at least, once the debtors' loans agree with each other."""
        raise_to(answers, asking.clauses, asking.of_class_alone, five_class)
        while True:
            last = five_class.copy()
            debtors.say(last)
            asking.ask(asking.across, sheet, active, answers)
            raise_to(answers, asking.clauses, asking.of_class, five_class)
            if np.array_equal(last, five_class):
                return five_class

    asking.ask(asking.alone, sheet, active, answers)
    five_class = settled(np.zeros(len(facts), np.int8))
    held = _held(sheet, asking, five_class, before, answers)
    if held.any():
        five_class = settled(np.where(held, before, 0).astype(np.int8))
    return Classes(
        five_class, ClassReasons(rules, asking, answers, sheet, held), _unknown(rules, asking, answers), held
    )


def _held(sheet: Sheet, asking: Asking, now: Codes, before: Codes, answers: Answers) -> Bools:
    """Where a loan stays non-performing: better by its clauses, but what an upgrade asks is not all proven."""
    out: Bools = (before >= NPL) & (now < NPL)
    if not out.any():
        return out
    asking.ask(asking.upgrade, sheet, out, answers)
    return np.asarray(out & ~(answers[asking.upgrade] == HOLDS).any(axis=0))


def _unknown(rules: ClassRules, asking: Asking, answers: Answers) -> dict[str, Bools]:
    """Where a clause could not be asked: those about the loan itself first."""
    unknown = answers[asking.clauses] == UNKNOWN
    some = unknown.any(axis=1)
    order = [*np.flatnonzero(some & ~asking.is_across).tolist(), *np.flatnonzero(some & asking.is_across).tolist()]
    return {rules.clauses[place].id: unknown[place] for place in order}


class ClassReasons(Sequence[tuple[ClassReason, ...]]):
    """The reasons of every loan, put into words when asked for: most loans are normal and have none."""

    def __init__(self, rules: ClassRules, asking: Asking, answers: Answers, sheet: Sheet, held: Bools) -> None:
        self._rules = rules
        self._holds = answers[asking.clauses] == HOLDS
        self._held = held
        self._places = asking.class_facts
        self._values = sheet.facts[asking.class_slots]

    def __len__(self) -> int:
        return len(self._held)

    @overload
    def __getitem__(self, i: int) -> tuple[ClassReason, ...]: ...
    @overload
    def __getitem__(self, i: slice) -> list[tuple[ClassReason, ...]]: ...
    def __getitem__(self, i: int | slice) -> tuple[ClassReason, ...] | list[tuple[ClassReason, ...]]:
        """The clauses that hold, gravest first; before them that an upgrade must wait."""
        if isinstance(i, slice):
            return [self[j] for j in range(*i.indices(len(self)))]
        found = []
        if self._held[i]:
            told = self._evidence(self._rules.upgrade.asks, i)
            found.append(ClassReason(HELD, "", self._rules.upgrade_article, told))
        for place in np.flatnonzero(self._holds[:, i]).tolist():
            clause = self._rules.clauses[place]
            told = self._evidence(clause.when.asks, i)
            found.append(ClassReason(clause.id, CLASSES[clause.five_class], clause.article, told))
        return tuple(found)

    def clauses(self, i: int) -> list[str]:
        """The reasons of loan `i` by name alone."""
        held = [HELD] if self._held[i] else []
        return held + [self._rules.clauses[place].id for place in np.flatnonzero(self._holds[:, i]).tolist()]

    def _evidence(self, names: tuple[str, ...], i: int) -> dict[str, float | None]:
        return evidence(names, self._places, self._values, i)


def evidence(
    names: tuple[str, ...], places: Mapping[str, int], values: NDArray[np.float64], i: int
) -> dict[str, float | None]:
    """The facts of loan `i` by name, None where not known; `values` (k, n) by place."""
    found: dict[str, float | None] = {}
    for name in names:
        value = float(values[places[name], i])
        found[name] = None if value != value else value
    return found
