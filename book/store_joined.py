"""Rows from several places put one after the other as if they had been read together."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from book.contract import TABLES
from book.encoding.columns import WORDED, Coded, Read, Words
from book.tables import Array


def joined(reads: Sequence[Read]) -> Read:
    """The rows of `reads` (of one table), in their order; rows are numbered as they are."""
    if len(reads) == 1:
        return reads[0]
    table = reads[0].table
    named = {name for read in reads for name in read.columns}
    columns: dict[str, Array | Words] = {}
    for column in table.columns:
        if column.name in named:
            columns[column.name] = (
                _words([read.words(column.name) for read in reads])
                if column.kind in WORDED
                else np.concatenate([read.values(column.name) for read in reads])
            )
    return Read(table, columns, np.concatenate([read.rows for read in reads]))


def _words(pieces: Sequence[Words]) -> Coded:
    """Columns of words as one: codes by the order in which the words first come."""
    places: dict[str, int] = {}
    codes = []
    for piece in pieces:
        moved = [places.setdefault(word, len(places)) for word in piece.words]
        codes.append(np.array([*moved, -1], np.int32)[piece.codes])
    return Coded(np.concatenate(codes), list(places))


def chosen(read: Read, good: Array) -> Read:
    """The rows where `good` is set."""
    columns = {
        name: column.at(good) if isinstance(column, Words) else column[good] for name, column in read.columns.items()
    }
    return Read(read.table, columns, read.rows[good])


def key_rows(read: Read) -> list[tuple[object, ...]]:
    """The key of each row, comparable between reads."""
    parts = []
    for name in read.table.key:
        column = read.table.column(name)
        if column.kind in WORDED:
            words = read.words(name)
            parts.append([words.words[code] if code >= 0 else "" for code in words.codes.tolist()])
        else:
            parts.append(read.values(name).tolist())
    return list(zip(*parts, strict=True))


def with_later(base: Mapping[str, Read], later: Mapping[str, Read]) -> dict[str, Read]:
    """Base rows and later rows of each table, in the order of the contract; later rows with a key of the base go."""
    found: dict[str, Read] = {}
    for name in TABLES:
        if name in base and name in later:
            there = set(key_rows(base[name]))
            new = np.array([key not in there for key in key_rows(later[name])], np.bool_)
            found[name] = joined([base[name], chosen(later[name], new)])
        elif name in base or name in later:
            found[name] = base[name] if name in base else later[name]
    return found
