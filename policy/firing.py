"""Asking the rules of many loans: which step fires, what stays unknown, what was told already, what is one case."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from policy.parts.rules import Rule

Bools = NDArray[np.bool_]
Weights = NDArray[np.int8]
Days = NDArray[np.int32]
Values = Mapping[str, NDArray[np.float64]]


@dataclass(frozen=True)
class Fired:
    """Of every subject (n,): the weight of the gravest step that holds (0 none), and where none does but could."""

    weight: Weights
    unknown: Bools


def outcome(rule: Rule, values: Values, n: int, active: Bools | None = None) -> Fired:
    """What a rule says of `n` subjects; only `active` ones are asked (None: all).

    A subject to which the rule does not apply is neither fired on nor unknown; where it is not known whether it
    applies, or no step is known to hold and one is not known to fail, the rule is not evaluated.
    """
    asked = np.ones(n, bool) if active is None else active.copy()
    doubt = np.zeros(n, bool)
    if rule.applies is not None:
        answer = rule.applies(values)
        doubt = asked & answer.unknown
        asked = asked & answer.holds
    weight, unknown = np.zeros(n, np.int8), np.zeros(n, bool)
    for step in rule.steps:
        answer = step.when(values)
        weight = np.where((weight == 0) & answer.holds & asked, step.weight, weight).astype(np.int8)
        unknown = unknown | answer.unknown
    return Fired(weight, doubt | (asked & unknown & (weight == 0)))


def in_cool_down(rule: Rule, told_on: int, on: int) -> bool:
    """Whether the rule was told less than its cool-down ago; a clock that stepped back does not end it."""
    return on - told_on < rule.cool_down
