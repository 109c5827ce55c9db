"""Conditions of policy files, such as `dpd_now > 30 and proven(firm == 1)`: read once, asked of many loans at once.

Facts that are not known make a condition neither true nor false but unknown (Kleene 1938): `and` with a false part
is false, `or` with a true part is true, everything else that hangs on the unknown stays unknown.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]
Values = Mapping[str, Floats]


class Answer(NamedTuple):
    """Where a condition is known to hold and known not to hold, (n,) each; neither where it is unknown."""

    holds: Bools
    fails: Bools

    @property
    def unknown(self) -> Bools:
        """Where too little is known."""
        return ~(self.holds | self.fails)


Truth = Callable[[Values], Answer]
Number = Callable[[Values], Floats]


class ConditionFault(ValueError):
    """A condition that cannot be read; the message says what and what is allowed."""


@dataclass(frozen=True)
class Condition:
    """A condition: its `text` and the facts it `asks`, in order of mention."""

    text: str
    asks: tuple[str, ...]
    _ask: Truth = field(repr=False, compare=False)

    def __call__(self, values: Values) -> Answer:
        """The answer for each loan; KeyError where a fact is not among `values`."""
        return self._ask(values)


def condition(text: str, facts: Collection[str]) -> Condition:
    """Read a condition on `facts`. Raises ConditionFault."""
    try:
        tree = ast.parse(text.strip(), mode="eval").body
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        raise ConditionFault(f"{text!r} cannot be read: {getattr(error, 'msg', error)}") from error
    reader = _Reader(facts)
    ask = reader.truth(tree)
    return Condition(text, tuple(reader.asks), ask)


_COMPARE: Mapping[type[ast.cmpop], Callable[[Floats, Floats], Bools]] = {
    ast.Gt: np.greater, ast.GtE: np.greater_equal, ast.Lt: np.less, ast.LtE: np.less_equal,
    ast.Eq: np.equal, ast.NotEq: np.not_equal,
}  # fmt: skip
_COMPUTE: Mapping[type[ast.operator], Callable[[Floats, Floats], Floats]] = {
    ast.Add: np.add, ast.Sub: np.subtract, ast.Mult: np.multiply, ast.Div: np.divide,
}  # fmt: skip
_CHOOSE: Mapping[str, Callable[[Floats, Floats], Floats]] = {"max": np.maximum, "min": np.minimum}


class _Reader:
    """Turns the parsed text into functions of facts and gathers which facts it asks."""

    def __init__(self, facts: Collection[str]) -> None:
        self.facts = facts
        self.asks: dict[str, None] = {}

    def truth(self, node: ast.expr) -> Truth:
        """What is true or false: comparisons, and, or, not, proven(...), known(...)."""
        if isinstance(node, ast.BoolOp):
            parts = [self.truth(part) for part in node.values]
            return _all(parts) if isinstance(node.op, ast.And) else _any(parts)
        if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not):
            return _not(self.truth(node.operand))
        if isinstance(node, ast.Compare):
            return self._comparison(node)
        name, argument = self._call(node)
        if name == "proven" and len(argument) == 1:
            return _proven(self.truth(argument[0]))
        if name == "known" and len(argument) == 1:
            return _known(self.number(argument[0]))
        raise ConditionFault(f"{ast.unparse(node)!r} is neither true nor false; compare it, as in `dpd_now > 30`")

    def number(self, node: ast.expr) -> Number:
        """What is a number: facts, figures, + - * /, max(a, b), min(a, b), abs(a)."""
        if isinstance(node, ast.Constant) and isinstance(node.value, int | float) and not isinstance(node.value, bool):
            figure = np.asarray(node.value, np.float64)
            return lambda values: figure
        if isinstance(node, ast.Name):
            return self._fact(node.id)
        if isinstance(node, ast.BinOp) and type(node.op) in _COMPUTE:
            return _both(_COMPUTE[type(node.op)], self.number(node.left), self.number(node.right))
        if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
            inner = self.number(node.operand)
            return lambda values: -inner(values)
        name, argument = self._call(node)
        if name in _CHOOSE and len(argument) == 2:
            return _both(_CHOOSE[name], self.number(argument[0]), self.number(argument[1]))
        if name == "abs" and len(argument) == 1:
            of = self.number(argument[0])
            return lambda values: np.abs(of(values))
        raise ConditionFault(f"{ast.unparse(node)!r} is no number; allowed: facts, figures, + - * /, max, min, abs")

    def _fact(self, name: str) -> Number:
        if name not in self.facts:
            near = get_close_matches(name, self.facts, 1, 0.0)
            raise ConditionFault(f"no fact is called {name!r}" + (f"; nearest {near[0]}" if near else ""))
        self.asks[name] = None
        return lambda values: values[name]

    def _comparison(self, node: ast.Compare) -> Truth:
        sides = [self.number(side) for side in (node.left, *node.comparators)]
        steps = []
        for left, sign, right in zip(sides, node.ops, sides[1:], strict=False):
            if type(sign) not in _COMPARE:
                raise ConditionFault(f"{ast.unparse(node)!r}: allowed are < <= > >= == !=")
            steps.append(_compared(_COMPARE[type(sign)], left, right))
        return steps[0] if len(steps) == 1 else _all(steps)

    @staticmethod
    def _call(node: ast.expr) -> tuple[str, list[ast.expr]]:
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and not node.keywords:
            return node.func.id, node.args
        return "", []


def _both(compute: Callable[[Floats, Floats], Floats], left: Number, right: Number) -> Number:
    def ask(values: Values) -> Floats:
        with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
            found = compute(left(values), right(values))
        return np.where(np.isfinite(found), found, np.nan)

    return ask


def _compared(compare: Callable[[Floats, Floats], Bools], left: Number, right: Number) -> Truth:
    def ask(values: Values) -> Answer:
        a, b = left(values), right(values)
        known = ~(np.isnan(a) | np.isnan(b))
        holds = compare(a, b) & known
        return Answer(holds, known & ~holds)

    return ask


def _all(parts: list[Truth]) -> Truth:
    def ask(values: Values) -> Answer:
        holds, fails = parts[0](values)
        for part in parts[1:]:
            more = part(values)
            holds, fails = holds & more.holds, fails | more.fails
        return Answer(holds, fails)

    return ask


def _any(parts: list[Truth]) -> Truth:
    return _not(_all([_not(part) for part in parts]))


def _not(part: Truth) -> Truth:
    def ask(values: Values) -> Answer:
        answer = part(values)
        return Answer(answer.fails, answer.holds)

    return ask


def _proven(part: Truth) -> Truth:
    def ask(values: Values) -> Answer:
        holds = part(values).holds
        return Answer(holds, ~holds)

    return ask


def _known(number: Number) -> Truth:
    def ask(values: Values) -> Answer:
        there = ~np.isnan(number(values))
        return Answer(there, ~there)

    return ask
