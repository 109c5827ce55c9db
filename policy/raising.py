"""Raising alerts on loans and borrowers: rules asked at once, told once, and one case per family of rules."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from policy.alerts import Alert, made
from policy.facts import Facts
from policy.firing import Bools, Days, Values, Weights, outcome, over_borrower, standing
from policy.parts.rules import Rule, Rules
from policy.state import States

Int = NDArray[np.int64]


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
class _Column:
    """A rule with what it says now (`weight`), what stands from before (`stood`) and who speaks, (n,) each."""

    rule: Rule
    weight: Weights
    stood: Weights
    speaks: Bools

    @property
    def due(self) -> Bools:
        """Where it is to be told: it fires, and was not told in the cool-down or was told milder."""
        return self.speaks & (self.weight > self.stood)


def raise_alerts(facts: Facts, values: Values, rules: Rules, before: States, active: Bools) -> Raised:
    """Ask the rules of level loan and borrower of every observation; only `active` loans fire."""
    n = len(facts)
    group = facts.debtor
    columns, unknown = [], {}
    for place, rule in enumerate(rules.of("loan", "borrower")):
        fired = outcome(rule, values, n, active)
        speaks = np.ones(n, bool)
        stood = standing(rule, before.told[:, place], before.told_on[:, place], facts.as_of)
        if rule.level == "borrower" and n:
            fired, speaks = over_borrower(fired, group, int(group.max()) + 1)
            stood = _gravest(stood, group)
        columns.append(_Column(rule, fired.weight, stood, speaks))
        if fired.unknown.any():
            unknown[rule.id] = fired.unknown
    worst = np.zeros(n, np.int8)
    for column in columns:
        worst = np.maximum(worst, column.weight // 10)
    alerts = _told(facts, values, columns, rules)
    told, told_on = before.told.copy(), before.told_on.copy()
    for place, column in enumerate(columns):
        now = column.weight > column.stood
        told[now, place], told_on[now, place] = column.weight[now], facts.as_of[now]
    return Raised(alerts, worst.astype(np.int8), unknown, told, told_on)


def _gravest(weight: Weights, group: Int) -> Weights:
    """The largest over each borrower's loans, (n,)."""
    worst = np.zeros(int(group.max()) + 1, np.int8)
    np.maximum.at(worst, group, weight)
    return worst[group]


def _told(facts: Facts, values: Values, columns: list[_Column], rules: Rules) -> tuple[Alert, ...]:
    """The alerts of every loan, in order of loans; of one family at most its cap, the gravest first.

    What another rule of the family has told within its cool-down counts: a milder or equal sign is the same case.
    """
    found: list[tuple[int, Alert]] = []
    for family in rules.families.values():
        members = [column for column in columns if column.rule.family == family.id]
        if not members:
            continue
        alone = sum(column.due.astype(np.int8) for column in members) == 1
        alone &= ~np.any([column.stood > 0 for column in members], axis=0)
        together: dict[int, list[Alert]] = {}
        for column in members:
            for i, alert in _alerts_of(facts, values, column):
                if alone[i]:
                    found.append((i, alert))
                else:
                    together.setdefault(i, []).append(alert)
        for i, fired in together.items():
            stood = [int(column.stood[i]) for column in members if column.stood[i]]
            found.extend((i, alert) for alert in _cases(fired, stood, family.cap))
    found.sort(key=lambda one: one[0])
    return tuple(alert for _, alert in found)


def _alerts_of(facts: Facts, values: Values, column: _Column) -> Iterator[tuple[int, Alert]]:
    """The alert of every loan on which the rule is to be told, with its position."""
    rule, due = column.rule, column.due
    for step in rule.steps:
        rows = np.flatnonzero(due & (column.weight == step.weight))
        if not len(rows):
            continue
        asked = [values[name][rows] for name in step.when.asks]
        told = [[None if value != value else value for value in one.tolist()] for one in asked]
        loans, borrowers = facts.loan_id[rows].tolist(), facts.borrower_id[rows].tolist()
        subjects = borrowers if rule.level == "borrower" else loans
        days = facts.as_of[rows].tolist()
        for i, who, day, answers in zip(
            rows.tolist(), zip(subjects, loans, borrowers, strict=True), days, zip(*told, strict=True), strict=True
        ):
            yield i, made(rule, step, who, day, answers)


def _cases(fired: list[Alert], stood: list[int], cap: int) -> Iterator[Alert]:
    """At most `cap` cases with those that stand; the rest is folded into the gravest told now."""
    fired = sorted(fired, key=lambda alert: -alert.weight)
    room, worst = max(cap - len(stood), 0), max(stood, default=0)
    told = [alert for place, alert in enumerate(fired) if place < room or alert.weight > worst][:cap]
    if told:
        names = {alert.rule for alert in told}
        yield told[0]._replace(folded=tuple(alert.rule for alert in fired if alert.rule not in names))
        yield from told[1:]
