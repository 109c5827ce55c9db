"""A column of words as it stands in a file: what is asked of most of them needs no codes."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from functools import cached_property
from typing import Final

import numpy as np
import polars as pl
from numpy.typing import NDArray

from book.encoding.columns import Words
from book.load.views import Views
from book.tables import Array

_PLAIN_LENGTH: Final = 100
_ONE_BY_ONE: Final = 128
"""Up to so many words are looked at one by one: to ask Polars costs more."""
_FIRST_PLAIN, _DELETE = 0x20, 0x7F


class Written(Words):
    """The words of a series of text, encoded when asked for; `good` picks the rows that count, all if None."""

    def __init__(self, series: pl.Series, good: NDArray[np.bool_] | None = None, views: Views | None = None) -> None:
        self._series = series
        self._good = good
        self._views = views or Views(series)

    @cached_property
    def _few(self) -> tuple[NDArray[np.int32], list[str]] | None:
        """Codes of all rows of the series, and the words, where they are few."""
        found = self._views.few
        if found is None:
            return None
        codes, words = found[0], self._at(found[1])
        places = {word: place for place, word in enumerate(dict.fromkeys(words))}
        if len(places) == len(words):
            return codes, words
        return np.array([*map(places.__getitem__, words), -1], np.int32)[codes], list(places)

    def _at(self, rows: NDArray[np.int64]) -> list[str]:
        """The words of some rows."""
        if len(rows) <= _ONE_BY_ONE:
            return [self._series[row] for row in rows.tolist()]
        found: list[str] = self._series.gather(pl.Series(rows)).to_list()
        return found

    @cached_property
    def _dictionary(self) -> tuple[NDArray[np.int32], list[str]]:
        """Codes of all rows of the series, and the words."""
        if self._few is not None:
            return self._few
        if not self._series.null_count() and self._all_differ:
            return np.arange(len(self._series), dtype=np.int32), self._series.to_list()
        return _encoded(self._series)

    def placed(self, places: Mapping[str, int]) -> NDArray[np.int32] | None:
        """The place of each row's word, -1 where it is missing; None where words are many or one has no place."""
        if self._few is None:
            return None
        found = [places.get(word) for word in self._few[1]]
        return None if None in found else self._chosen(np.array([*found, -1], np.int32)[self._few[0]])

    @cached_property
    def _all_differ(self) -> bool:
        """Whether it can be seen at little cost that no word of the series is there twice."""
        ordered = np.sort(self._views.looked_at[2])
        return not bool((ordered[1:] == ordered[:-1]).any())

    def _chosen(self, values: Array) -> Array:
        return values if self._good is None else values[self._good]

    @cached_property
    def codes(self) -> NDArray[np.int32]:
        return self._chosen(self._dictionary[0])

    @cached_property
    def words(self) -> list[str]:
        return self._dictionary[1]

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
        if self._few is None:
            return self._views.looked_at[0]
        return max(map(len, self._few[1]), default=0)

    def at(self, good: NDArray[np.bool_]) -> Written:
        return Written(self._series, good, self._views)

    def marks(self) -> NDArray[np.int64]:
        if self._few is not None:
            return self.codes.astype(np.int64)
        return self._chosen(self._views.looked_at[2])

    def alike(self) -> NDArray[np.int64]:
        return super().alike() if self._few is not None else self.marks()

    def found(self, form: str, test: Callable[[str], bool]) -> tuple[bool, int]:
        words: Iterable[str] = self._few[1] if self._few is not None else ()
        if self._few is None or len(self._few[1]) > _ONE_BY_ONE:
            held = self._series if self._few is None else pl.Series(self._few[1], dtype=pl.String)
            words = held.filter(held.str.contains(form).fill_null(False)).unique().to_list()
        passed = [word for word in words if test(word)]
        if not passed:
            return False, 0
        rows = self._series.is_in(passed).fill_null(False).to_numpy()
        return True, int(self._chosen(rows).sum())

    def shared(self, target: Words) -> NDArray[np.int64]:
        if not isinstance(target, Written) or self._few is None or not self.filled:
            return super().shared(target)
        theirs = target._series
        rows = np.flatnonzero(theirs.is_in(self._few[1]).fill_null(False).to_numpy())
        known = dict(zip(theirs.gather(rows).to_list(), target._dictionary[0][rows].tolist(), strict=True))
        beyond = len(target._dictionary[1])
        places = [known.get(word, beyond + k) for k, word in enumerate(self.words)]
        return np.array([*places, -1], np.int64)[self.codes]

    def plain(self) -> bool:
        """Whether no word is long or holds a control character: nothing to be looked at one by one."""
        if self.longest > _PLAIN_LENGTH:
            return False
        if self._few is None:
            return not self._views.looked_at[1]
        held = np.frombuffer("".join(self.words).encode(), np.uint8)
        return not len(held) or (bool(held.min() >= _FIRST_PLAIN) and not bool((held == _DELETE).any()))


def _encoded(series: pl.Series) -> tuple[NDArray[np.int32], list[str]]:
    """Codes by the order in which words first come, -1 missing, and the words."""
    column = series.to_arrow(compat_level=pl.CompatLevel.oldest()).dictionary_encode()
    codes = np.frombuffer(column.indices.buffers()[1] or b"", np.int32)[: len(series)]
    if series.null_count():
        codes = np.where(series.is_null().to_numpy(), np.int32(-1), codes)
    return codes, column.dictionary.to_pylist()
