"""Conditions of policy files, such as `dpd_now > 30 and proven(firm == 1)`: read once, asked of many loans at once.

Facts that are not known make a condition neither true nor false but unknown (Kleene 1938): `and` with a false part
is false, `or` with a true part is true, everything else that hangs on the unknown stays unknown.
"""

from __future__ import annotations

import ast
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches
from functools import cached_property
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from policy.program import (
    ABS,
    ADD,
    AND,
    DIVIDE,
    EQ,
    FACT,
    FAILS,
    FIGURE,
    GE,
    GT,
    HOLDS,
    KNOWN,
    LE,
    LT,
    MAX,
    MIN,
    MINUS,
    MULTIPLY,
    NE,
    NOT,
    OR,
    PROVEN,
    SUBTRACT,
    Answers,
    Code,
    Program,
    Step,
    answer,
    compiled,
)  # fmt: skip

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


class ConditionFault(ValueError):
    """A condition that cannot be read; the message says what and what is allowed."""


@dataclass(frozen=True)
class Condition:
    """A condition: its `text` and its `program`."""

    text: str
    program: Program = field(repr=False, compare=False)

    @property
    def asks(self) -> tuple[str, ...]:
        """The facts it asks, in order of mention."""
        return self.program.asks

    def __call__(self, values: Values) -> Answer:
        """The answer for each loan, one for all where it asks no fact; KeyError where a fact is not among `values`."""
        n = np.broadcast_shapes(*(values[name].shape for name in self.asks)) if self.asks else (1,)
        facts = np.empty((len(self.asks), *n))
        for place, name in enumerate(self.asks):
            facts[place] = values[name]
        out = np.empty((1, *n), np.int8)
        answer(*self._code, np.zeros(1, np.int64), facts, np.ones(n, bool), out)
        return said(out[0])

    @cached_property
    def _code(self) -> Code:
        return compiled([self.program], {name: place for place, name in enumerate(self.asks)})


def said(answers: Answers) -> Answer:
    """Answers by code as where conditions hold and fail."""
    return Answer(answers == HOLDS, answers == FAILS)


def condition(text: str, facts: Collection[str]) -> Condition:
    """Read a condition on `facts`. Raises ConditionFault."""
    try:
        tree = ast.parse(text.strip(), mode="eval").body
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        raise ConditionFault(f"{text!r} cannot be read: {getattr(error, 'msg', error)}") from error
    reader = _Reader(facts)
    reader.truth(tree)
    return Condition(text, Program(tuple(reader.asks), tuple(reader.steps)))


_COMPARE: Mapping[type[ast.cmpop], int] = {
    ast.Gt: GT, ast.GtE: GE, ast.Lt: LT, ast.LtE: LE, ast.Eq: EQ, ast.NotEq: NE
}  # fmt: skip
_COMPUTE: Mapping[type[ast.operator], int] = {ast.Add: ADD, ast.Sub: SUBTRACT, ast.Mult: MULTIPLY, ast.Div: DIVIDE}
_CHOOSE: Mapping[str, int] = {"max": MAX, "min": MIN}


class _Reader:
    """Turns the parsed text into steps and gathers which facts they ask."""

    def __init__(self, facts: Collection[str]) -> None:
        self.facts = facts
        self.asks: dict[str, int] = {}
        self.steps: list[Step] = []

    def truth(self, node: ast.expr) -> None:
        """What is true or false: comparisons, and, or, not, proven(...), known(...)."""
        if isinstance(node, ast.BoolOp):
            joins = AND if isinstance(node.op, ast.And) else OR
            for place, part in enumerate(node.values):
                self.truth(part)
                if place:
                    self._step(joins)
            return None
        if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not):
            self.truth(node.operand)
            return self._step(NOT)
        if isinstance(node, ast.Compare):
            return self._comparison(node)
        name, argument = self._call(node)
        if name == "proven" and len(argument) == 1:
            self.truth(argument[0])
            return self._step(PROVEN)
        if name == "known" and len(argument) == 1:
            self.number(argument[0])
            return self._step(KNOWN)
        raise ConditionFault(f"{ast.unparse(node)!r} is neither true nor false; compare it, as in `dpd_now > 30`")

    def number(self, node: ast.expr) -> None:
        """What is a number: facts, figures, + - * /, max(a, b), min(a, b), abs(a)."""
        if isinstance(node, ast.Constant) and isinstance(node.value, int | float) and not isinstance(node.value, bool):
            return self._step(FIGURE, float(node.value))
        if isinstance(node, ast.Name):
            return self._fact(node.id)
        if isinstance(node, ast.BinOp) and type(node.op) in _COMPUTE:
            return self._both(_COMPUTE[type(node.op)], node.left, node.right)
        if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
            self.number(node.operand)
            return self._step(MINUS)
        name, argument = self._call(node)
        if name in _CHOOSE and len(argument) == 2:
            return self._both(_CHOOSE[name], *argument)
        if name == "abs" and len(argument) == 1:
            self.number(argument[0])
            return self._step(ABS)
        raise ConditionFault(f"{ast.unparse(node)!r} is no number; allowed: facts, figures, + - * /, max, min, abs")

    def _step(self, does: int, argument: float = 0.0) -> None:
        self.steps.append((does, argument))

    def _both(self, does: int, left: ast.expr, right: ast.expr) -> None:
        self.number(left)
        self.number(right)
        self._step(does)

    def _fact(self, name: str) -> None:
        if name not in self.facts:
            near = get_close_matches(name, self.facts, 1, 0.0)
            raise ConditionFault(f"no fact is called {name!r}" + (f"; nearest {near[0]}" if near else ""))
        self._step(FACT, self.asks.setdefault(name, len(self.asks)))

    def _comparison(self, node: ast.Compare) -> None:
        """A chain such as 1 < a < 3 is its comparisons, joined."""
        for place, (left, sign, right) in enumerate(
            zip((node.left, *node.comparators), node.ops, node.comparators, strict=False)
        ):
            if type(sign) not in _COMPARE:
                raise ConditionFault(f"{ast.unparse(node)!r}: allowed are < <= > >= == !=")
            self._both(_COMPARE[type(sign)], left, right)
            if place:
                self._step(AND)

    @staticmethod
    def _call(node: ast.expr) -> tuple[str, list[ast.expr]]:
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and not node.keywords:
            return node.func.id, node.args
        return "", []
