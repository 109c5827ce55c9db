"""The five classes: every clause asked, what the debtor's other loans say, and the slow way out of non-performing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import overload

import numpy as np
from numpy.typing import NDArray

from policy.conditions import Answer
from policy.facts import Facts
from policy.parts.classes import CLASSES, NPL, ClassRules, Clause

__all__ = ["CLASSES", "HELD", "NPL", "ClassReason", "ClassReasons", "Classes", "classify"]
Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]
Values = Mapping[str, Floats]
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
    `debtor` are the facts about debtors that came out of it, (n,) each.
    """

    five_class: NDArray[np.int8]
    reasons: Sequence[tuple[ClassReason, ...]]
    not_evaluated: Mapping[str, Bools]
    held: Bools
    debtor: Mapping[str, Floats]


def classify(
    facts: Facts, values: dict[str, Floats], rules: ClassRules, before: NDArray[np.int8], active: Bools
) -> Classes:
    """The class of every `active` observation, (n,); `before` is the class after the last decision, -1 none.

    `values` are the facts by name, to which those about debtors are added.
    """
    debtors = _Debtors(facts, values)

    def ask(clause: Clause) -> Answer:
        answer = clause.when(values)
        return Answer(answer.holds & active, answer.fails | ~active)

    def settled(least: NDArray[np.int8]) -> NDArray[np.int8]:
        """The gravest class of all clauses, `least` (n,) at least, once the debtors' loans agree with each other."""
        five_class = np.maximum(least, _gravest([one for one in rules.clauses if not one.across], answers, len(facts)))
        while True:
            last = five_class
            values.update(debtors.say(last))
            answers.update({one.id: ask(one) for one in rules.clauses if one.across})
            five_class = np.maximum(last, _gravest(rules.clauses, answers, len(facts)))
            if np.array_equal(last, five_class):
                return five_class

    answers = {one.id: ask(one) for one in rules.clauses if not one.across}
    none = np.zeros(len(facts), np.int8)
    five_class = settled(none)
    held = _held(values, rules, five_class, before)
    if held.any():
        five_class = settled(np.where(held, before, none).astype(np.int8))
    return Classes(
        five_class,
        ClassReasons(rules, {id: answer.holds for id, answer in answers.items()}, values, held),
        {id: answer.unknown for id, answer in answers.items() if answer.unknown.any()},
        held,
        {name: values[name] for name in ("debtor_npl_here", "debtor_npl_share", "debtor_over90_share")},
    )


def _gravest(clauses: tuple[Clause, ...] | list[Clause], answers: Mapping[str, Answer], n: int) -> NDArray[np.int8]:
    five_class = np.zeros(n, np.int8)
    for clause in clauses:
        five_class = np.maximum(five_class, np.where(answers[clause.id].holds, clause.five_class, 0).astype(np.int8))
    return five_class


def _held(values: Mapping[str, Floats], rules: ClassRules, now: NDArray[np.int8], before: NDArray[np.int8]) -> Bools:
    """Where a loan stays non-performing: better by its clauses, but what an upgrade asks is not all proven."""
    out = (before >= NPL) & (now < NPL)
    if not out.any():
        return out
    return np.asarray(out & ~rules.retail(values).holds & ~rules.upgrade(values).holds)


class _Debtors:
    """Observations grouped by debtor and day."""

    def __init__(self, facts: Facts, values: Mapping[str, Floats]) -> None:
        key = facts.debtor * (1 << 24) + facts.as_of
        _, self.group = np.unique(key, return_inverse=True)
        self.n = int(self.group.max()) + 1 if len(facts) else 0
        self.whole = facts.whole_debtor
        self.balance = np.nan_to_num(values["principal_outstanding"], nan=0.0)
        self.known = ~np.isnan(values["principal_outstanding"])
        self.values = values

    def _sum(self, amount: Floats) -> Floats:
        return np.asarray(np.bincount(self.group, amount, minlength=self.n)[self.group], np.float64)

    def say(self, five_class: NDArray[np.int8]) -> dict[str, Floats]:
        """What the debtors' loans together say. What could be worse by loans that are not here is not known."""
        npl = five_class >= NPL
        here = self._sum(self.balance)
        bad = self._sum(self.balance * npl)
        late = self._sum(self.balance * (self.values["overdue_days"] > 90))
        told = self.whole & (self._sum(~self.known) == 0)
        share = np.where(here > 0, bad / np.where(here > 0, here, 1), 0.0)
        any_npl = self._sum(npl.astype(float)) > 0
        impaired = self._sum((self.values["credit_impaired"] == 1).astype(float)) > 0
        unsure = self._sum(np.isnan(self.values["credit_impaired"]).astype(float)) > 0
        others, over = self.values["ext_bank_debt"], self.values["ext_bank_over90"]
        whole = here + others
        return {
            "debtor_npl_here": np.where(any_npl, 1.0, np.where(self.whole, 0.0, np.nan)),
            "debtor_npl_share": np.where(told, share, np.nan),
            "debtor_over90_share": np.where(told & (whole > 0), (late + over) / np.where(whole > 0, whole, 1), np.nan),
            "debtor_impaired": np.where(impaired, 1.0, np.where(self.whole & ~unsure, 0.0, np.nan)),
        }


class ClassReasons(Sequence[tuple[ClassReason, ...]]):
    """The reasons of every loan, put into words when asked for: most loans are normal and have none."""

    def __init__(self, rules: ClassRules, holds: Mapping[str, Bools], values: Values, held: Bools) -> None:
        self._rules = rules
        self._holds = holds
        self._held = held
        asked = {name for clause in rules.clauses for name in clause.when.asks} | set(rules.upgrade.asks)
        self._values = {name: values[name] for name in asked}

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
            told = evidence(self._rules.upgrade.asks, self._values, i)
            found.append(ClassReason(HELD, "", self._rules.upgrade_article, told))
        for clause in self._rules.clauses:
            if self._holds[clause.id][i]:
                told = evidence(clause.when.asks, self._values, i)
                found.append(ClassReason(clause.id, CLASSES[clause.five_class], clause.article, told))
        return tuple(found)


def evidence(names: tuple[str, ...], values: Values, i: int) -> dict[str, float | None]:
    """The facts of loan `i` by name, None where not known."""
    found: dict[str, float | None] = {}
    for name in names:
        value = float(values[name][i])
        found[name] = None if value != value else value
    return found
