"""A LightGBM model as plain trees: splits numbered from the root, left before right, leaves from left to right."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

MOST_LEAVES = 64  # one bit each
NAN_LEFT, ZERO_IS_MISSING = 1, 2
_CATEGORICAL, _DEFAULT_LEFT = 1, 2
_MISSING_ZERO, _MISSING_NAN = 1, 2


class NotCovered(Exception):
    """The model holds something that the tables cannot tell; the text says what."""


@dataclass(frozen=True)
class Tree:
    """One tree of s splits and s + 1 leaves.

    A row goes left at split i where `x[feature[i]] <= threshold[i]`. `rule[i]` says where a missing value goes:
    bit `NAN_LEFT` to the left; with `ZERO_IS_MISSING` a zero goes there too. `left` and `right` (s,) are splits,
    or leaves as ~leaf. `count` (s,) and `leaf_count` (s + 1,) are training rows, `value` (s + 1,) log-odds, and `mean`
    that of the values over the training rows.
    Split i and all below it are the splits i .. i + `size[i]` - 1 and the leaves from `leaf[i]` on, one more.
    """

    feature: Ints
    threshold: Floats
    rule: Ints
    left: Ints
    right: Ints
    size: Ints
    leaf: Ints
    count: Floats
    value: Floats
    leaf_count: Floats
    mean: float


def parse(model_text: str) -> tuple[Tree, ...]:
    """The trees of a model file. Raises NotCovered for what the tables cannot tell."""
    head, *blocks = model_text.split("\nTree=")
    facts = _facts(head)
    if facts.get("num_tree_per_iteration", "1") != "1":
        raise NotCovered(f"{facts['num_tree_per_iteration']} outputs; covered: one")
    if "average_output" in head.split("\n"):
        raise NotCovered("trees that are averaged; covered: trees that are added up")
    return tuple(_tree(number, _facts(block)) for number, block in enumerate(blocks))


def _facts(block: str) -> Mapping[str, str]:
    lines = block.split("\n\n")[0].split("\n")
    return dict(line.split("=", 1) for line in lines if "=" in line)


def _tree(number: int, facts: Mapping[str, str]) -> Tree:
    leaves = int(facts["num_leaves"])
    if leaves > MOST_LEAVES:
        raise NotCovered(f"tree {number} has {leaves} leaves; covered: up to {MOST_LEAVES}")
    if facts.get("is_linear", "0") != "0":
        raise NotCovered(f"tree {number} has linear leaves")
    value = _numbers(facts, "leaf_value")
    if leaves == 1:
        none, nothing = np.empty(0, np.int64), np.empty(0)
        return Tree(none, nothing, none, none, none, none, none, nothing, value, np.ones(1), float(value[0]))
    decision = _numbers(facts, "decision_type").astype(np.int64)
    if np.any(decision & _CATEGORICAL):
        raise NotCovered(f"tree {number} splits on a category")
    count, leaf_count = _numbers(facts, "internal_count"), _numbers(facts, "leaf_count")
    if min(count.min(), leaf_count.min()) <= 0:
        raise NotCovered(f"tree {number} has a leaf without training rows")
    left, right = (_numbers(facts, side).astype(np.int64) for side in ("left_child", "right_child"))
    splits, order, size, first = _walk(left, right)
    place = np.empty(leaves - 1, np.int64)
    place[splits] = np.arange(leaves - 1)
    seat = np.empty(leaves, np.int64)
    seat[order] = np.arange(leaves)
    threshold = _numbers(facts, "threshold")
    return Tree(
        feature=_numbers(facts, "split_feature").astype(np.int64)[splits],
        threshold=threshold[splits],
        rule=_rules(decision, threshold)[splits],
        left=_renumbered(left[splits], place, seat),
        right=_renumbered(right[splits], place, seat),
        size=size,
        leaf=first,
        count=count[splits],
        value=value[order],
        leaf_count=leaf_count[order],
        mean=_mean(value, leaf_count / count[0]),
    )


def _numbers(facts: Mapping[str, str], name: str) -> Floats:
    return np.array(facts[name].split(), np.float64)


def _rules(decision: Ints, threshold: Floats) -> Ints:
    """Where missing values go: by default, or as zero where the split knows of none (LightGBM's three kinds)."""
    kind = (decision >> 2) & 3
    default = np.where(decision & _DEFAULT_LEFT, NAN_LEFT, 0)
    as_zero = np.where(threshold >= 0, NAN_LEFT, 0)
    known = (kind == _MISSING_NAN) | (kind == _MISSING_ZERO)
    zero = np.where(kind == _MISSING_ZERO, ZERO_IS_MISSING, 0)
    return (np.where(known, default, as_zero) | zero).astype(np.int64)


def _walk(left: Ints, right: Ints) -> tuple[Ints, Ints, Ints, Ints]:
    """Splits and leaves as met from the root, left first; and per split (in that order) its size and first leaf."""
    splits: list[int] = []
    leaves: list[int] = []
    first: list[int] = []
    below = [0]
    while below:
        node = below.pop()
        if node < 0:
            leaves.append(~node)
            continue
        splits.append(node)
        first.append(len(leaves))
        below += [int(right[node]), int(left[node])]
    size = dict.fromkeys(splits, 1)
    for node in reversed(splits):
        size[node] += sum(size[int(side[node])] for side in (left, right) if side[node] >= 0)
    return (*(np.array(one, np.int64) for one in (splits, leaves, [size[node] for node in splits], first)),)  # type: ignore[return-value]


def _renumbered(child: Ints, place: Ints, seat: Ints) -> Ints:
    return np.where(child >= 0, place[np.maximum(child, 0)], ~seat[np.maximum(~child, 0)])


def _mean(value: Floats, share: Floats) -> float:
    """Leaf by leaf in LightGBM's own numbering, so that the base has the bits of its own."""
    mean = 0.0
    for one, weight in zip(value.tolist(), share.tolist(), strict=True):
        mean += weight * one
    return mean
