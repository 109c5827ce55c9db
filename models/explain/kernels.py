"""Looking rows up in the tables: one row, or blocks of rows feature by feature. Both add in the same order.

Blocks keep features apart (column-major), so that the inner loops run over rows and vectorise; one row walks through
its trees twice, so that the lookups, which miss the cache, overlap. A value within LightGBM's zero is zero to it too.
"""

from __future__ import annotations

import numba as nb
import numpy as np
from numpy.typing import NDArray

from models.explain.processor import lowest_bit, prefetch
from models.explain.shapley import Floats
from models.explain.tables import Longs, Lookups, Splits, Tables
from models.explain.trees import MOST_LEAVES, NAN_LEFT, ZERO_IS_MISSING

Bits = NDArray[np.uint64]
ZERO = float(np.float32(1e-35))
ONE = np.uint64(1)
NONE = np.uint64(0)
COMPILE = {"cache": True, "nogil": True, "error_model": "numpy"}


@nb.njit(**COMPILE)
def one_row(x: Floats, tables: Tables, out: Floats) -> None:
    """Contributions of row `x` (k,) into `out` (k,), which holds zeros."""
    splits, lookups, longs = tables.splits, tables.lookups, tables.longs
    answers = np.empty(len(splits.start) - 1, np.uint64)
    place = np.empty(len(lookups.first), np.int64)
    values, found = np.empty(len(tables.used)), np.zeros(len(tables.used))
    for j in range(len(values)):
        values[j] = _flushed(x[tables.used[j]])
    for t in range(len(answers)):
        answers[t] = _answers(values, splits, t)
        for c in range(lookups.start[t], lookups.start[t + 1]):
            width = lookups.feature[c + 1] - lookups.feature[c]
            place[c] = lookups.row[c] + _pattern(answers[t], lookups, c) * width
            prefetch(lookups.table, place[c])
            prefetch(lookups.table, place[c] + width - 1)
    for t in range(len(answers)):
        for c in range(lookups.start[t], lookups.start[t + 1]):
            first = lookups.feature[c]
            for k in range(lookups.feature[c + 1] - first):
                found[lookups.column[first + k]] += lookups.table[place[c] + k]
        for leaf in range(longs.start[t], longs.start[t + 1]):
            _one_long(longs, leaf, answers[t], found)
    for j in range(len(found)):
        out[tables.used[j]] = found[j]


@nb.njit(**COMPILE)
def _flushed(v: float) -> float:
    """A value within LightGBM's zero as zero."""
    return 0.0 if abs(v) <= ZERO else v


@nb.njit(**COMPILE)
def _answers(values: Floats, splits: Splits, t: int) -> np.uint64:
    """What one row answers at the splits of tree t, a bit each: 1 = left."""
    answers = NONE
    for i in range(splits.start[t], splits.start[t + 1]):
        v, rule = values[splits.column[i]], splits.rule[i]
        missing = (v != v) | ((v == 0.0) & (rule & ZERO_IS_MISSING != 0))
        left = ((v <= splits.threshold[i]) & (not missing)) | (missing & (rule & NAN_LEFT != 0))
        answers |= np.uint64(left) << np.uint64(i - splits.start[t])
    return answers


@nb.njit(**COMPILE)
def _pattern(answers: np.uint64, lookups: Lookups, c: int) -> np.int64:
    """The pattern of cluster c for the answers of its tree."""
    first = lookups.test[c]
    tests = lookups.test[c + 1] - first
    pattern = ((answers >> np.uint64(lookups.first[c])) & lookups.mask[c]) << np.uint64(tests)
    for k in range(tests):
        passed = ((answers ^ lookups.wanted[first + k]) & lookups.asked[first + k]) == NONE
        pattern |= np.uint64(passed) << np.uint64(k)
    return np.int64(pattern)


@nb.njit(**COMPILE)
def _one_long(longs: Longs, leaf: int, answers: np.uint64, found: Floats) -> None:
    """Add what a leaf without a table moves: the integral of `shapley`, point by point."""
    first, d = longs.test[leaf], longs.test[leaf + 1] - longs.test[leaf]
    points, value = (d + 1) // 2, longs.value[leaf]
    passed = NONE
    for i in range(d):
        test = ((answers ^ longs.wanted[first + i]) & longs.asked[first + i]) == NONE
        passed |= np.uint64(test) << np.uint64(i)
    for q in range(points):
        t, product = longs.at[points - 1, q], longs.weight[points - 1, q]
        for i in range(d):
            product *= _factor(longs.share[first + i], t, (passed >> np.uint64(i)) & ONE != NONE)
        for i in range(d):
            share, o = longs.share[first + i], (passed >> np.uint64(i)) & ONE != NONE
            found[longs.column[first + i]] += product * (value * (o - share) / _factor(share, t, o))


@nb.njit(**COMPILE)
def _factor(share: float, t: float, passed: bool) -> float:
    """What a feature adds to the product at t: share + (passed - share) t."""
    return share + (1.0 - share) * t if passed else share * (1.0 - t)


@nb.njit(**COMPILE)
def many_rows(x: Floats, tables: Tables, block: int, out: Floats) -> None:
    """Contributions of the rows `x` (n, k) into `out` (n, >= k), which holds zeros; `block` rows at a time."""
    splits, longs = tables.splits, tables.longs
    width = len(tables.used)
    values, found = np.empty((width, block)), np.empty((width, block))
    answers, place = np.empty(block, np.uint64), np.empty(block, np.int64)
    passed, product = np.empty((MOST_LEAVES, block), np.bool_), np.empty(block)
    for begin in range(0, len(x), block):
        n = min(block, len(x) - begin)
        _turn(x, begin, n, tables.used, values)
        found[:] = 0.0
        for t in range(len(splits.start) - 1):
            _block_answers(values, splits, t, n, answers)
            for c in range(tables.lookups.start[t], tables.lookups.start[t + 1]):
                _block_lookup(tables.lookups, c, answers, n, place, found)
            for leaf in range(longs.start[t], longs.start[t + 1]):
                _block_long(longs, leaf, answers, n, passed, product, found)
        for r in range(n):
            for j in range(width):
                out[begin + r, tables.used[j]] = found[j, r]


@nb.njit(**COMPILE)
def _turn(x: Floats, begin: int, n: int, used: NDArray[np.int64], values: Floats) -> None:
    """Rows of `x` as columns, with LightGBM's zeros as zero."""
    for r in range(n):
        for j in range(len(used)):
            values[j, r] = _flushed(x[begin + r, used[j]])


@nb.njit(**COMPILE)
def _block_answers(values: Floats, splits: Splits, t: int, n: int, answers: Bits) -> None:
    """As `_answers`, for n rows; one plain loop for each of the four rules."""
    for r in range(n):
        answers[r] = NONE
    for i in range(splits.start[t], splits.start[t + 1]):
        v, threshold = values[splits.column[i]], splits.threshold[i]
        bit = ONE << np.uint64(i - splits.start[t])
        if splits.rule[i] == 0:
            for r in range(n):
                answers[r] |= bit if v[r] <= threshold else NONE
        elif splits.rule[i] == NAN_LEFT:
            for r in range(n):
                answers[r] |= NONE if v[r] > threshold else bit
        elif splits.rule[i] == ZERO_IS_MISSING:
            for r in range(n):
                answers[r] |= bit if v[r] <= threshold and v[r] != 0.0 else NONE
        else:
            for r in range(n):
                answers[r] |= NONE if v[r] > threshold and v[r] != 0.0 else bit


@nb.njit(**COMPILE)
def _block_lookup(lookups: Lookups, c: int, answers: Bits, n: int, place: NDArray[np.int64], found: Floats) -> None:
    """Add the rows of the table of cluster c that n rows point at."""
    first, tests = lookups.test[c], lookups.test[c + 1] - lookups.test[c]
    shift, mask, up = np.uint64(lookups.first[c]), lookups.mask[c], np.uint64(tests)
    for r in range(n):
        place[r] = np.int64(((answers[r] >> shift) & mask) << up)
    for k in range(tests):
        wanted, asked, bit = lookups.wanted[first + k], lookups.asked[first + k], np.int64(1) << k
        for r in range(n):
            place[r] |= bit if ((answers[r] ^ wanted) & asked) == NONE else np.int64(0)
    one, width = lookups.feature[c], lookups.feature[c + 1] - lookups.feature[c]
    for r in range(n):
        place[r] *= width
    for k in range(width):
        cells, sums = lookups.table[lookups.row[c] + k :], found[lookups.column[one + k]]
        for r in range(n):
            sums[r] += cells[place[r]]


@nb.njit(**COMPILE)
def _block_long(
    longs: Longs, leaf: int, answers: Bits, n: int, passed: NDArray[np.bool_], product: Floats, found: Floats
) -> None:
    """As `_one_long`, for n rows; `passed` and `product` are room to work in."""
    first, d = longs.test[leaf], longs.test[leaf + 1] - longs.test[leaf]
    points, value = (d + 1) // 2, longs.value[leaf]
    for i in range(d):
        wanted, asked, test = longs.wanted[first + i], longs.asked[first + i], passed[i]
        for r in range(n):
            test[r] = ((answers[r] ^ wanted) & asked) == NONE
    for q in range(points):
        t = longs.at[points - 1, q]
        product[:n] = longs.weight[points - 1, q]
        for i in range(d):
            share, test = longs.share[first + i], passed[i]
            yes, no = _factor(share, t, True), _factor(share, t, False)
            for r in range(n):
                product[r] *= yes if test[r] else no
        for i in range(d):
            share, test, sums = longs.share[first + i], passed[i], found[longs.column[first + i]]
            yes = value * (1.0 - share) / _factor(share, t, True)
            no = value * (0.0 - share) / _factor(share, t, False)
            for r in range(n):
                sums[r] += product[r] * (yes if test[r] else no)


@nb.njit(**COMPILE)
def log_odds(x: Floats, tables: Tables, block: int, out: Floats) -> None:
    """The raw score of the rows `x` (n, k) into `out` (n,): leaf values added tree by tree, as the booster does."""
    splits = tables.splits
    values, reach = np.empty((len(tables.used), block)), np.empty(block, np.uint64)
    for begin in range(0, len(x), block):
        n = min(block, len(x) - begin)
        _turn(x, begin, n, tables.used, values)
        out[begin : begin + n] = 0.0
        for t in range(len(splits.start) - 1):
            _block_reach(values, splits, t, n, reach)
            first = tables.leaves.start[t]
            for r in range(n):
                out[begin + r] += tables.leaves.value[first + lowest_bit(reach[r])]


@nb.njit(**COMPILE)
def _block_reach(values: Floats, splits: Splits, t: int, n: int, reach: Bits) -> None:
    """The leaves of tree t that n rows can still reach when every split has spoken; theirs is the lowest bit."""
    for r in range(n):
        reach[r] = ~NONE
    for i in range(splits.start[t], splits.start[t + 1]):
        v, threshold, kept = values[splits.column[i]], splits.threshold[i], ~splits.lost[i]
        rule = splits.rule[i]
        if rule == 0:
            for r in range(n):
                reach[r] &= ~NONE if v[r] <= threshold else kept
        elif rule == NAN_LEFT:
            for r in range(n):
                reach[r] &= kept if v[r] > threshold else ~NONE
        elif rule == ZERO_IS_MISSING:
            for r in range(n):
                reach[r] &= ~NONE if v[r] <= threshold and v[r] != 0.0 else kept
        else:
            for r in range(n):
                reach[r] &= kept if v[r] > threshold and v[r] != 0.0 else ~NONE
