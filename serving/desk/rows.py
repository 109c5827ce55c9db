"""Loans in columns, sorted by id and ranked: what the queue, the search and a borrower's page are asked of."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

UNKNOWN: Final = -1
TEXTS: Final = ("status", "tier", "grade", "five_class", "action", "product")
NUMBERS: Final = {"pd": np.float64, "exposure": np.int64, "dpd": np.int64, "as_of": np.int64}
Plain = Mapping[str, Any]


@dataclass(frozen=True)
class Words:
    """A column of few different words: a code each, -1 where there is none."""

    codes: NDArray[np.int16]
    names: tuple[str, ...]

    @classmethod
    def of(cls, words: Iterable[str | None]) -> Words:
        """The column of words as they come."""
        seen: dict[str, int] = {}
        codes = [seen.setdefault(word, len(seen)) if word else UNKNOWN for word in words]
        return cls(np.array(codes, np.int16), tuple(seen))

    def at(self, row: int) -> str:
        """The word of a row, "" for none."""
        code = int(self.codes[row])
        return self.names[code] if code >= 0 else ""

    def are(self, word: str) -> NDArray[np.bool_]:
        """The rows with this word."""
        if word not in self.names:
            return np.zeros(len(self.codes), np.bool_)
        return self.codes == self.names.index(word)

    def with_(self, rows: Sequence[int], words: Sequence[str | None]) -> Words:
        """The column with other words in some rows; rows from its length on are new."""
        names = dict.fromkeys([*self.names, *(word for word in words if word)])
        place = {name: code for code, name in enumerate(names)}
        codes = np.full(max([len(self.codes), *(row + 1 for row in rows)]), UNKNOWN, np.int16)
        codes[: len(self.codes)] = self.codes
        codes[list(rows)] = [place[word] if word else UNKNOWN for word in words]
        return Words(codes, tuple(names))

    def take(self, order: NDArray[np.int64]) -> Words:
        """The column in another order."""
        return Words(self.codes[order], self.names)


@dataclass(frozen=True)
class Loans:
    """Every loan with its newest answer, n rows sorted by id.

    `numbers` are pd (NaN: none), exposure (minor units, -1: not known), dpd and as_of (days since 1970-01-01).
    `order` are the rows with a PD and an exposure by PD times exposure, `rank` (n,) their place from 1 (0: none).
    """

    ids: tuple[str, ...]
    borrowers: tuple[str, ...]
    numbers: Mapping[str, NDArray[Any]]
    words: Mapping[str, Words]
    order: NDArray[np.int64]
    rank: NDArray[np.int64]

    def __len__(self) -> int:
        return len(self.ids)

    @property
    def at_risk(self) -> NDArray[np.float64]:
        """PD times exposure, minor units; NaN where either is not known."""
        return at_risk(self.numbers)

    def row(self, loan_id: str) -> int:
        """The row of a loan, -1 where it is not here."""
        found = bisect_left(self.ids, loan_id)
        return found if found < len(self.ids) and self.ids[found] == loan_id else UNKNOWN

    def beginning(self, prefix: str, most: int) -> list[int]:
        """The first rows whose id begins so."""
        first = bisect_left(self.ids, prefix)
        last = bisect_left(self.ids, prefix + "\U0010ffff", lo=first)
        return list(range(first, min(last, first + most)))

    def of_borrower(self, prefix: str, most: int) -> list[int]:
        """The first rows of borrowers whose id begins so."""
        found = [row for row, borrower in enumerate(self.borrowers) if borrower.startswith(prefix)]
        return found[:most]

    def with_(self, answers: Mapping[str, Plain]) -> Loans:
        """The loans with newer answers in place of older ones, by loan id; loans that are new are added."""
        if not answers:
            return self
        places = {loan: self.row(loan) for loan in answers}
        new = sorted(loan for loan, row in places.items() if row < 0)
        places |= {loan: len(self.ids) + k for k, loan in enumerate(new)}
        rows, plain = [places[loan] for loan in answers], list(answers.values())
        words = {
            name: column.with_(rows, [one.get(name) for one in plain]) if name != "product" else column.with_(
                [places[loan] for loan in new], [None] * len(new)
            )
            for name, column in self.words.items()
        }  # fmt: skip
        numbers = {name: _numbers(self.numbers[name], name, rows, plain, len(new)) for name in NUMBERS}
        ids = (*self.ids, *new)
        borrowers = [*self.borrowers, *([""] * len(new))]
        for row, one in zip(rows, plain, strict=True):
            borrowers[row] = str(one["borrower_id"])
        return loans_of(ids, borrowers, numbers, words)


def loans_of(
    ids: Sequence[str], borrowers: Sequence[str], numbers: Mapping[str, NDArray[Any]], words: Mapping[str, Words]
) -> Loans:
    """Columns of loans in any order, sorted and ranked."""
    if any(left > right for left, right in pairwise(ids)):
        by_id = np.array(sorted(range(len(ids)), key=ids.__getitem__), np.int64)
        ids, borrowers = ([column[row] for row in by_id.tolist()] for column in (ids, borrowers))
        numbers = {name: column[by_id] for name, column in numbers.items()}
        words = {name: column.take(by_id) for name, column in words.items()}
    weight = at_risk(numbers)
    known = np.flatnonzero(np.isfinite(weight))
    order = known[np.argsort(-weight[known], kind="stable")]
    rank = np.zeros(len(ids), np.int64)
    rank[order] = np.arange(1, len(order) + 1)
    return Loans(tuple(ids), tuple(borrowers), dict(numbers), dict(words), order, rank)


def no_loans() -> Loans:
    """None at all."""
    return loans_of((), (), {name: np.zeros(0, kind) for name, kind in NUMBERS.items()},
                    {name: Words.of(()) for name in TEXTS})  # fmt: skip


def at_risk(numbers: Mapping[str, NDArray[Any]]) -> NDArray[np.float64]:
    """PD times exposure, NaN where there is no PD or nothing outstanding."""
    pd, exposure = numbers["pd"], numbers["exposure"]
    return np.where(np.isfinite(pd) & (exposure > 0), pd * exposure, np.nan)


def _numbers(held: NDArray[Any], name: str, rows: Sequence[int], plain: Sequence[Plain], new: int) -> NDArray[Any]:
    missing: float = np.nan if name == "pd" else UNKNOWN
    column = np.concatenate([held, np.full(new, missing, held.dtype)])
    column[list(rows)] = [missing if one[name] is None else one[name] for one in plain]
    return column
