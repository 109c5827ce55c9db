"""The tables of a model: built once from its text, then only looked up."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import accumulate
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from models.explain.plan import Bits, Cluster, Leaf, Path, planned
from models.explain.shapley import Floats, fill, points
from models.explain.trees import Tree, parse

Ints = NDArray[np.int64]
Masks = NDArray[np.uint64]

BUDGET = 120_000_000  # bytes of looked-up numbers; a model that needs more gets smaller tables
SIZES = (Bits(10, 9), Bits(9, 8), Bits(8, 8), Bits(7, 7), Bits(6, 6), Bits(5, 5), Bits(4, 4), Bits(3, 3), Bits(0, 0))


class Splits(NamedTuple):
    """All splits (s,), those of tree t from `start[t]` to `start[t + 1]`.

    `column` is a position in `Tables.used`; `lost` the leaves of the tree that a row cannot reach when it goes right.
    """

    start: Ints
    column: Ints
    threshold: Floats
    rule: Ints
    lost: Masks


class Lookups(NamedTuple):
    """All clusters (c,), those of tree t from `start[t]` to `start[t + 1]`.

    The pattern of cluster c: answers to the splits `mask` >> `first` of its tree, above one bit for each test from
    `test[c]` on (`asked` and `wanted` of them). Its row in `table` begins at `row[c]` + pattern x number of features;
    the features are `column[feature[c]]` and so on.
    """

    start: Ints
    first: Ints
    mask: Masks
    test: Ints
    asked: Masks
    wanted: Masks
    feature: Ints
    column: Ints
    row: Ints
    table: Floats


class Longs(NamedTuple):
    """Leaves too long for a table (l,), those of tree t from `start[t]` on, with their tests from `test[l]` on."""

    start: Ints
    value: Floats
    test: Ints
    asked: Masks
    wanted: Masks
    share: Floats
    column: Ints
    at: Floats
    weight: Floats


class Leaves(NamedTuple):
    """Values of the leaves, those of tree t from `start[t]` on."""

    start: Ints
    value: Floats


class Tables(NamedTuple):
    """A model ready to explain. `used` are the features its trees ask of, `base` the mean log-odds of training."""

    used: Ints
    base: float
    splits: Splits
    lookups: Lookups
    longs: Longs
    leaves: Leaves

    @property
    def bytes(self) -> int:
        """Memory of all arrays."""
        groups = (self.splits, self.lookups, self.longs, self.leaves)
        return int(self.used.nbytes + sum(array.nbytes for group in groups for array in group))


def build(model_text: str, budget: int = BUDGET) -> Tables:
    """The tables of a LightGBM model. Raises NotCovered for what they cannot tell."""
    trees = parse(model_text)
    for bits in SIZES:
        plans = [planned(tree, bits) for tree in trees]
        if sum(8 * cluster.cells for clusters, _ in plans for cluster in clusters) <= budget:
            break
    used = np.unique(np.concatenate([np.empty(0, np.int64), *(tree.feature for tree in trees)]))
    column = {int(feature): place for place, feature in enumerate(used)}
    base = 0.0
    for tree in trees:
        base += tree.mean
    return Tables(
        used=used,
        base=base,
        splits=_splits(trees, used),
        lookups=_lookups([clusters for clusters, _ in plans], column),
        longs=_longs([leaves for _, leaves in plans], column),
        leaves=Leaves(_starts([len(tree.value) for tree in trees]), _joined([tree.value for tree in trees])),
    )


def _splits(trees: Sequence[Tree], used: Ints) -> Splits:
    lost = [
        ((1 << int(tree.size[tree.left[i]]) + 1 if tree.left[i] >= 0 else 2) - 1) << int(tree.leaf[i])
        for tree in trees
        for i in range(len(tree.feature))
    ]
    return Splits(
        start=_starts([len(tree.feature) for tree in trees]),
        column=np.searchsorted(used, _joined([tree.feature for tree in trees]).astype(np.int64)),
        threshold=_joined([tree.threshold for tree in trees]),
        rule=_joined([tree.rule for tree in trees]).astype(np.int64),
        lost=np.array(lost, np.uint64),
    )


def _lookups(plans: Sequence[Sequence[Cluster]], column: dict[int, int]) -> Lookups:
    clusters = [cluster for plan in plans for cluster in plan]
    asked, wanted, _ = _tests([cluster.path for cluster in clusters])
    row = _starts([cluster.cells for cluster in clusters])
    table = np.zeros(row[-1])
    at, weight = points()
    for cluster, begin in zip(clusters, row.tolist(), strict=False):
        _fill(cluster, table[begin : begin + cluster.cells].reshape(-1, max(len(cluster.features), 1)), at, weight)
    return Lookups(
        start=_starts([len(plan) for plan in plans]),
        first=np.array([cluster.first for cluster in clusters], np.int64),
        mask=np.array([(1 << cluster.size) - 1 for cluster in clusters], np.uint64),
        test=_starts([len(cluster.path) for cluster in clusters]),
        asked=asked,
        wanted=wanted,
        feature=_starts([len(cluster.features) for cluster in clusters]),
        column=np.array([column[one] for cluster in clusters for one in cluster.features], np.int64),
        row=row,
        table=table,
    )


def _fill(cluster: Cluster, table: Floats, at: Floats, weight: Floats) -> None:
    """The table of one cluster. In a pattern the path's tests come first, then the splits of the subtree."""
    tests = len(cluster.path)
    inner = ((1 << cluster.size) - 1) << cluster.first
    slot = {feature: place for place, feature in enumerate(cluster.features)}
    mask, wanted, share, column = [], [], [], []
    for leaf in cluster.leaves:
        for feature, test in leaf.path.items():
            passed = 1 << slot[feature] if feature in cluster.path else 0
            mask.append((test.mask & inner) >> cluster.first << tests | passed)
            wanted.append((test.wanted & inner) >> cluster.first << tests | passed)
            share.append(test.share)
            column.append(slot[feature])
    start = _starts([len(leaf.path) for leaf in cluster.leaves])
    arrays = (np.array(one, np.int64) for one in (column, mask, wanted))
    value = np.array([leaf.value for leaf in cluster.leaves])
    fill(cluster.bits, start, *arrays, np.array(share, np.float64), value, at, weight, table)


def _longs(plans: Sequence[Sequence[Leaf]], column: dict[int, int]) -> Longs:
    leaves = [leaf for plan in plans for leaf in plan]
    asked, wanted, share = _tests([leaf.path for leaf in leaves])
    return Longs(
        _starts([len(plan) for plan in plans]),
        np.array([leaf.value for leaf in leaves], np.float64),
        _starts([len(leaf.path) for leaf in leaves]),
        asked,
        wanted,
        share,
        np.array([column[feature] for leaf in leaves for feature in leaf.path], np.int64),
        *points(),
    )


def _tests(paths: Sequence[Path]) -> tuple[Masks, Masks, Floats]:
    tests = [test for path in paths for test in path.values()]
    asked, wanted = (np.array(one, np.uint64) for one in ([t.mask for t in tests], [t.wanted for t in tests]))
    return asked, wanted, np.array([test.share for test in tests], np.float64)


def _starts(counts: Sequence[int]) -> Ints:
    return np.array([0, *accumulate(counts)], np.int64)


def _joined(arrays: Sequence[NDArray[np.generic]]) -> NDArray[np.float64]:
    return np.concatenate([np.empty(0), *arrays]).astype(np.float64)
