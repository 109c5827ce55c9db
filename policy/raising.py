"""Raising alerts on loans and borrowers: rules asked at once, told once, and one case per family of rules."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import groupby

import numpy as np
from numpy.typing import NDArray

from policy.alerts import Alert, made
from policy.asking import Asking, RulePlan, Sheet
from policy.facts import Facts
from policy.firing import Bools, Days, Weights
from policy.kernels import outcomes, over_borrowers, remember, standing
from policy.program import Answers
from policy.state import States

Pair = tuple[int, int, int]
"""A rule that is to be told of a loan: the loan's row, the place of the family, the place of the rule."""


@dataclass(frozen=True)
class Raised:
    """Alerts to tell now; `worst` (n,) is the gravest severity that holds (0 none, 1 blue to 4 red), told or not.

    `not_evaluated` (n,) by rule; `told`, `told_on` (n, rules) go into the next state.
    """

    alerts: tuple[Alert, ...]
    worst: NDArray[np.int8]
    not_evaluated: Mapping[str, Bools]
    told: Weights
    told_on: Days


@dataclass(frozen=True)
class _Said:
    """What the rules say now: `weight` and what `stood` from before (r, n), and where each is to be told, in order."""

    weight: Weights
    stood: Weights
    due: tuple[Pair, ...]


def raise_alerts(facts: Facts, sheet: Sheet, asking: Asking, before: States, active: Bools, answers: Answers) -> Raised:
    """Ask the rules of level loan and borrower of every observation; only `active` loans fire.

    A rule fires where a step holds, and is told where it was not told within its cool-down, or milder.
    """
    plan, n = asking.rules, len(facts)
    shape = len(plan.rules), n
    weight, stood = np.zeros(shape, np.int8), np.zeros(shape, np.int8)
    unknown, speaks = np.zeros(shape, bool), np.zeros(shape, bool)
    as_of, group = np.ascontiguousarray(facts.as_of, np.int32), facts.debtor
    asking.ask(asking.of_rules, sheet, active, answers)
    outcomes(answers, plan.applies, plan.starts, plan.step, plan.weight, active, weight, unknown)
    standing(before.told, before.told_on, as_of, plan.cool_down, stood)
    over_borrowers(plan.of_borrower, group, int(group.max(initial=-1)) + 1, weight, unknown, stood, speaks)
    worst, told, told_on = np.zeros(n, np.int8), before.told.copy(), before.told_on.copy()
    remember(weight, stood, as_of, told, told_on, worst)
    missing = {plan.rules[place].id: unknown[place] for place in np.flatnonzero(unknown.any(axis=1)).tolist()}
    said = _Said(weight, stood, _in_order(plan, speaks & (weight > stood)))
    return Raised(tuple(_told(facts, sheet, plan, said)), worst, missing, told, told_on)


def _in_order(plan: RulePlan, due: Bools) -> tuple[Pair, ...]:
    """What is to be told, loan by loan, family by family."""
    rule, row = np.nonzero(due)
    family = plan.family[rule]
    order = np.lexsort((rule, family, row))
    return tuple(zip(row[order].tolist(), family[order].tolist(), rule[order].tolist(), strict=True))


def _told(facts: Facts, sheet: Sheet, plan: RulePlan, said: _Said) -> Iterator[Alert]:
    """The alerts of every loan, in order of loans; of one family at most its cap, the gravest first.

    What another rule of the family has told within its cool-down counts: a milder or equal sign is the same case.
    """
    members = [np.flatnonzero(plan.family == place) for place in range(len(plan.families))] if said.stood.any() else []
    for (row, family), pairs in groupby(said.due, lambda pair: pair[:2]):
        fired = [_alert(facts, sheet, plan, row, rule, int(said.weight[rule, row])) for _, _, rule in pairs]
        stood = [weight for weight in said.stood[members[family], row].tolist() if weight] if members else []
        yield from fired if len(fired) == 1 and not stood else _cases(fired, stood, plan.families[family].cap)


def _alert(facts: Facts, sheet: Sheet, plan: RulePlan, row: int, place: int, weight: int) -> Alert:
    """The alert of a rule about a loan."""
    rule, (step, slots) = plan.rules[place], plan.told[place, weight]
    answers = tuple([None if value != value else value for value in sheet.facts[slots, row].tolist()])
    loan, borrower = facts.loan_id[row], facts.borrower_id[row]
    subject = borrower if rule.level == "borrower" else loan
    return made(rule, step, (subject, loan, borrower), int(facts.as_of[row]), answers)


def _cases(fired: list[Alert], stood: list[int], cap: int) -> Iterator[Alert]:
    """At most `cap` cases with those that stand; the rest is folded into the gravest told now."""
    fired = sorted(fired, key=lambda alert: -alert.weight)
    room, worst = max(cap - len(stood), 0), max(stood, default=0)
    told = [alert for place, alert in enumerate(fired) if place < room or alert.weight > worst][:cap]
    if told:
        names = {alert.rule for alert in told}
        yield told[0]._replace(folded=tuple(alert.rule for alert in fired if alert.rule not in names))
        yield from told[1:]
