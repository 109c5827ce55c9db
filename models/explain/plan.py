"""Which leaves of a tree share one table: whole subtrees whose rows differ by few bits."""

from __future__ import annotations

from dataclasses import dataclass, replace

from models.explain.trees import Tree


@dataclass(frozen=True)
class Test:
    """What a path asks of one feature: `wanted` answers (1 = left) at the splits in `mask`.

    Bit i of both stands for split i of the tree. `share` is the part of the training rows that pass where the
    feature is not known.
    """

    mask: int = 0
    wanted: int = 0
    share: float = 1.0


Path = dict[int, Test]


@dataclass(frozen=True)
class Leaf:
    """A leaf and, by feature, what its path from the root asks."""

    value: float
    path: Path


@dataclass(frozen=True)
class Cluster:
    """Leaves that share one table: those below a node of the tree.

    A pattern has one bit for each feature of `path` (passed so far?) and one for each of the `size` splits from
    `first` on (left?). `features` are all that the leaves ask of, those of `path` first.
    """

    path: Path
    first: int
    size: int
    features: tuple[int, ...]
    leaves: tuple[Leaf, ...]

    @property
    def bits(self) -> int:
        """The bits of a pattern."""
        return len(self.path) + self.size

    @property
    def cells(self) -> int:
        """The numbers in its table."""
        return len(self.features) << self.bits


@dataclass(frozen=True)
class Bits:
    """How large a pattern may be: with several leaves, and with a single one; a longer leaf gets no table."""

    shared: int
    single: int


def planned(tree: Tree, bits: Bits) -> tuple[list[Cluster], list[Leaf]]:
    """The tables of a tree, and the leaves whose paths are too long for one; together all its leaves."""
    clusters: list[Cluster] = []
    long: list[Leaf] = []
    waiting: list[tuple[int, Path]] = [(0, {})] if len(tree.feature) else []
    while waiting:
        node, path = waiting.pop()
        if node >= 0 and len(path) + int(tree.size[node]) > bits.shared:
            waiting += [(child, below) for child, below in reversed(_children(tree, node, path))]
        elif node < 0 and len(path) > bits.single:
            long.append(Leaf(float(tree.value[~node]), path))
        else:
            clusters.append(_cluster(tree, node, path))
    return clusters, long


def _cluster(tree: Tree, node: int, path: Path) -> Cluster:
    leaves = tuple(_leaves(tree, node, path))
    features = dict.fromkeys(path) | dict.fromkeys(feature for leaf in leaves for feature in leaf.path)
    first, size = (node, int(tree.size[node])) if node >= 0 else (0, 0)
    return Cluster(path, first, size, tuple(features), leaves)


def _leaves(tree: Tree, node: int, path: Path) -> list[Leaf]:
    if node < 0:
        return [Leaf(float(tree.value[~node]), path)]
    return [leaf for child, below in _children(tree, node, path) for leaf in _leaves(tree, child, below)]


def _children(tree: Tree, node: int, path: Path) -> list[tuple[int, Path]]:
    """Both children of a split, left first, each with its path."""
    feature = int(tree.feature[node])
    so_far = path.get(feature, Test())
    found = []
    for child, went_left in ((int(tree.left[node]), 1), (int(tree.right[node]), 0)):
        rows = tree.count[child] if child >= 0 else tree.leaf_count[~child]
        test = replace(
            so_far,
            mask=so_far.mask | 1 << node,
            wanted=so_far.wanted | went_left << node,
            share=so_far.share * float(rows / tree.count[node]),
        )
        found.append((child, {**path, feature: test}))
    return found
