"""A column of words as it stands in a file: what is asked of most of them needs no codes."""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property
from typing import Final

import numpy as np
import polars as pl
import pyarrow as pa
from numpy.typing import NDArray

from book.encoding.columns import Words

_RUNS: Final = 3
"""A column is cheap to encode where a run of one word has so many rows on average."""
_SAMPLE: Final = 4_096
_PLAIN_LENGTH: Final = 100
_FIRST_PLAIN, _DELETE = 0x20, 0x7F


class Written(Words):
    """The words of a series of text, encoded when asked for; `good` picks the rows that count, all if None."""

    def __init__(self, series: pl.Series, good: NDArray[np.bool_] | None = None) -> None:
        self._series = series
        self._good = good

    @cached_property
    def _runs(self) -> NDArray[np.intp]:
        """The first row of each run of one word."""
        return _heads(self._series)

    @cached_property
    def _dictionary(self) -> tuple[NDArray[np.int32], pa.Array]:
        """Codes of all rows of the series, and the words."""
        n = len(self._series)
        if not self.in_runs:
            return _encoded(self._series)
        codes, words = _encoded(self._series.gather(self._runs))
        return np.repeat(codes, np.diff(np.append(self._runs, n))), words

    @cached_property
    def in_runs(self) -> bool:
        """Whether the rows of a word stand together, mostly."""
        sample = self._series.head(_SAMPLE)
        return len(_heads(sample)) * _RUNS <= len(sample) and len(self._runs) * _RUNS <= len(self._series)

    @cached_property
    def codes(self) -> NDArray[np.int32]:
        codes = self._dictionary[0]
        return codes if self._good is None else codes[self._good]

    @cached_property
    def words(self) -> list[str]:
        found: list[str] = self._dictionary[1].to_pylist()
        return found

    def series(self) -> pl.Series:
        """The words row by row, as text."""
        return self._series if self._good is None else self._series.filter(pl.Series(self._good))

    @cached_property
    def filled(self) -> int:
        if self._good is None:
            return len(self._series) - self._series.null_count()
        return int((self._series.is_not_null().to_numpy() & self._good).sum())

    @cached_property
    def longest(self) -> int:
        most = self._series.str.len_bytes().max()
        return most if isinstance(most, int) else 0

    def at(self, good: NDArray[np.bool_]) -> Written:
        return Written(self._series, good)

    def marks(self) -> NDArray[np.int64]:
        hashes = self._series.hash().to_numpy().view(np.int64)
        return hashes if self._good is None else hashes[self._good]

    def alike(self) -> NDArray[np.int64]:
        marks = self.marks()
        missing = self._series.is_null().to_numpy()
        return np.where(missing if self._good is None else missing[self._good], 0, np.where(marks == 0, 1, marks))

    def found(self, form: str, test: Callable[[str], bool]) -> tuple[bool, int]:
        if self.in_runs:
            return super().found(form, test)
        like = self._series.filter(self._series.str.contains(form).fill_null(False)).unique()
        passed = [word for word in like.to_list() if test(word)]
        if not passed:
            return False, 0
        rows = self._series.is_in(passed).fill_null(False).to_numpy()
        return True, int((rows if self._good is None else rows & self._good).sum())

    def shared(self, target: Words) -> NDArray[np.int64]:
        if not isinstance(target, Written) or not self.filled:
            return super().shared(target)
        theirs = target._series
        codes = _encoded(pl.concat([theirs, self._series]))[0][len(theirs) :].astype(np.int64)
        return codes if self._good is None else codes[self._good]

    def plain(self) -> bool:
        """Whether no word is long or holds a control character: nothing to be looked at one by one."""
        if self.longest > _PLAIN_LENGTH:
            return False
        series = self._series.gather(self._runs) if self.in_runs else self._series
        text = series.to_arrow(compat_level=pl.CompatLevel.oldest())
        held = np.frombuffer(text.buffers()[2] or b"", np.uint8)
        if not len(held):
            return True
        return bool(held.min() >= _FIRST_PLAIN) and bool(held.max() < _DELETE or not (held == _DELETE).any())


def _heads(series: pl.Series) -> NDArray[np.intp]:
    """The first row of each run of one word."""
    if not len(series):
        return np.zeros(0, np.intp)
    new = series.ne_missing(series.shift(1)).to_numpy(writable=True)
    new[0] = True
    return np.flatnonzero(new)


def _encoded(series: pl.Series) -> tuple[NDArray[np.int32], pa.Array]:
    """Codes by the order in which words first come, -1 missing, and the words."""
    column = series.to_arrow(compat_level=pl.CompatLevel.oldest()).dictionary_encode()
    codes = np.frombuffer(column.indices.buffers()[1] or b"", np.int32)[: len(series)]
    if series.null_count():
        codes = np.where(series.is_null().to_numpy(), np.int32(-1), codes)
    return codes, column.dictionary
