"""Keys given more than once: the same content is dropped and counted, different content is quarantined."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from book.check.subject import Subject
from book.encoding.columns import WORDED
from book.tables import Array, Frame

_WIDE = 1 << 62
_ODD_FACTOR = np.int64(-7046029254386353131)  # 2^64 over the golden ratio: keeps different numbers different


def repeated(subject: Subject) -> NDArray[np.bool_]:
    """Rows to drop because an earlier row says the same, shape (n,); keys with different content are faults."""
    frame, key = subject.frame, subject.table.key
    drop = np.zeros(len(frame), np.bool_)
    if len(frame) < 2 or _all_differ(subject):
        return drop
    codes = key_codes([frame[name] for name in key])
    suspects = _in_groups(codes)
    if not len(suspects):
        return drop
    first, same = _against_first(frame, codes, suspects)
    _, group = np.unique(codes[suspects], return_inverse=True)
    differs = np.bincount(group, weights=~same) > 0
    drop[suspects[~differs[group] & ~first]] = True
    subject.fault("duplicate_row", drop, key[-1])
    subject.fault("duplicate_key", suspects[differs[group]], key[-1], allowed="each key once")
    return drop


def _all_differ(subject: Subject) -> bool:
    """Whether it can be seen at little cost that no key is given twice."""
    read, mixed = subject.read, np.zeros(len(subject.frame), np.int64)
    for name in subject.table.key:
        words = subject.table.column(name).kind in WORDED
        values = read.words(name).marks() if words else read.values(name).astype(np.int64, copy=False)
        mixed = (mixed ^ values) * _ODD_FACTOR
    mixed.sort()
    return not bool((mixed[1:] == mixed[:-1]).any())


def key_codes(columns: list[Array]) -> NDArray[np.int64]:
    """One number per row, equal where all of the columns are."""
    codes = np.zeros(len(columns[0]), np.int64)
    span = 1
    for column in columns:
        values, width = _narrow(column)
        if span * width >= _WIDE:
            codes = np.unique(codes, return_inverse=True)[1].astype(np.int64)
            span = int(codes.max()) + 1
        codes = codes * width + values
        span *= width
    return codes


def _narrow(column: Array) -> tuple[NDArray[np.int64], int]:
    """Values from 0 and how many there can be."""
    if column.dtype == object:
        column = np.unique(column.astype(str), return_inverse=True)[1]
    low, high = int(column.min()), int(column.max())
    if high - low >= 1 << 31:
        column = np.unique(column, return_inverse=True)[1]
        low, high = 0, int(column.max())
    return column.astype(np.int64) - low, high - low + 1


def _in_groups(codes: NDArray[np.int64]) -> NDArray[np.intp]:
    """Positions of rows whose code occurs more than once."""
    high = int(codes.max())
    if high <= 4 * len(codes):
        return np.flatnonzero(np.bincount(codes)[codes] > 1)
    order = np.argsort(codes, kind="stable")
    twin = codes[order][1:] == codes[order][:-1]
    return np.sort(order[np.append(twin, False) | np.append(False, twin)])


def _against_first(
    frame: Frame, codes: NDArray[np.int64], suspects: NDArray[np.intp]
) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """For each suspect: is it the first of its key in the source, and does it say the same as that one?"""
    order = np.lexsort((frame.rows[suspects], codes[suspects]))
    ranked = suspects[order]
    starts = np.append(True, codes[ranked][1:] != codes[ranked][:-1])
    leader = ranked[np.flatnonzero(starts)][np.cumsum(starts) - 1]
    same_ranked = np.ones(len(ranked), np.bool_)
    for values in frame.columns.values():
        same_ranked &= _equal(values[ranked], values[leader])
    first, same = np.empty_like(starts), np.empty_like(starts)
    first[order], same[order] = starts, same_ranked
    return first, same


def _equal(left: Array, right: Array) -> NDArray[np.bool_]:
    equal = np.asarray(left == right, np.bool_)
    return equal | (np.isnan(left) & np.isnan(right)) if left.dtype.kind == "f" else equal
