"""The state of each indicator: every alternative of rules P01-P05 with its value, its limit and whether it holds."""

from __future__ import annotations

import ast
import operator
from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np

from policy.conditions import condition
from policy.pack import Pack
from policy.parts.rules import Rule, Step
from policy.vocabulary import FIGURES

TRIPPED, WITHIN, UNKNOWN = STATES = ("tripped", "within", "unknown")
_COMPUTE: Mapping[type[ast.operator], Callable[[float, float], float]] = {
    ast.Add: operator.add, ast.Sub: operator.sub, ast.Mult: operator.mul, ast.Div: operator.truediv,
}  # fmt: skip
_SIGNS: Mapping[type[ast.cmpop], str] = {ast.Gt: ">", ast.GtE: "≥", ast.Lt: "<", ast.LtE: "≤", ast.Eq: "="}


@dataclass(frozen=True)
class Indicator:
    """One alternative of a rule's step.

    `figure` is what is looked at ("" where the alternative is no plain comparison), `value` and `limit` are NaN where
    not known; `asks` are all figures of it. `text` is the alternative as the policy file has it.
    """

    rule: str
    severity: str
    text: str
    figure: str
    sign: str
    value: float
    limit: float
    asks: tuple[str, ...]
    state: str


def indicators(figures: Mapping[str, float], pack: Pack) -> list[Indicator]:
    """All indicators of the rules above loans and cohorts, in the order of the policy, milder steps first.

    Raises KeyError for a figure that no rule could ask; one that is absent or NaN is not known.
    """
    wrong = sorted(set(figures) - set(FIGURES))
    if wrong:
        raise KeyError(f"no figure is called {', '.join(wrong)}; there are {', '.join(FIGURES)}")
    values = {name: np.array([figures.get(name, np.nan)], np.float64) for name in FIGURES}
    rules = pack.rules.of("book", "model", "process")
    return [one for rule in rules for step in reversed(rule.steps) for one in _of_step(rule, step, values)]


def _of_step(rule: Rule, step: Step, values: Mapping[str, np.ndarray]) -> list[Indicator]:
    tree = ast.parse(step.when.text.strip(), mode="eval").body
    parts = tree.values if isinstance(tree, ast.BoolOp) and isinstance(tree.op, ast.Or) else [tree]
    return [_indicator(rule, step, part, values) for part in parts]


def _indicator(rule: Rule, step: Step, part: ast.expr, values: Mapping[str, np.ndarray]) -> Indicator:
    text = ast.unparse(part)
    asked = condition(text, FIGURES)
    answer = asked(values)
    state = TRIPPED if answer.holds[0] else WITHIN if answer.fails[0] else UNKNOWN
    figure, sign, value, limit = "", "", float("nan"), float("nan")
    if isinstance(part, ast.Compare) and len(part.ops) == 1 and isinstance(part.left, ast.Name):
        figure, sign = part.left.id, _SIGNS.get(type(part.ops[0]), "")
        value = float(values[figure][0])
        limit = _worth(part.comparators[0], values)
    return Indicator(rule.id, step.severity, text, figure, sign, value, limit, asked.asks, state)


def _worth(node: ast.expr, values: Mapping[str, np.ndarray]) -> float:
    """What one side of a comparison comes to; NaN where a figure of it is not known."""
    if isinstance(node, ast.Constant) and isinstance(node.value, int | float):
        return float(node.value)
    if isinstance(node, ast.Name):
        return float(values[node.id][0])
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
        return -_worth(node.operand, values)
    if isinstance(node, ast.BinOp) and type(node.op) in _COMPUTE:
        left, right = _worth(node.left, values), _worth(node.right, values)
        return float("nan") if isinstance(node.op, ast.Div) and right == 0 else _COMPUTE[type(node.op)](left, right)
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in ("max", "min", "abs"):
        inner = np.array([_worth(one, values) for one in node.args])
        return float(
            np.abs(inner[0]) if node.func.id == "abs" else inner.max() if node.func.id == "max" else inner.min()
        )
    return float("nan")
