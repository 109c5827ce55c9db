"""Several requests as one set of tables, so that a batch of borrowers is scored in one call."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache, partial

import numpy as np
from numpy.typing import NDArray

from book.contract import TABLES, Column, Kind
from book.deferred import Deferred
from book.tables import Array, Frame, Tables

_LOAN = "loans.loan_id"
Sizes = Sequence[int]


def join(parts: Sequence[Tables]) -> Tables:
    """The tables of all `parts` one after the other; borrowers and loans of each stay its own.

    Position k of part p becomes k plus the sizes of the parts before it. All parts must have the same tables,
    since an absent table means "not known": ValueError where they do not.
    """
    names = {frozenset(part.frames) for part in parts}
    if len(names) != 1:
        raise ValueError(f"got {len(names)} different sets of tables, must be one")
    if len(parts) == 1:
        return parts[0]
    loans = [len(part.loan_ids) for part in parts]
    borrowers = [len(part.borrower_ids) for part in parts]
    return Tables(
        frames={name: _frame(name, [part[name] for part in parts], loans, borrowers) for name in parts[0].frames},
        loan_ids=np.concatenate([part.loan_ids for part in parts]),
        borrower_ids=np.concatenate([part.borrower_ids for part in parts]),
        data_fault_on=np.concatenate([part.data_fault_on for part in parts]),
        mismatch=np.concatenate([part.mismatch for part in parts]),
        book_complete=np.concatenate([part.book_complete for part in parts]),
        extra={name: _extra(name, [part.extra[name] for part in parts], loans) for name in parts[0].extra},
    )


def _extra(name: str, pieces: Sequence[Array], loans: Sizes) -> Array:
    return _positions(pieces, loans) if name == "fault_loan" else np.concatenate(pieces)


def _frame(name: str, frames: Sequence[Frame], loans: Sizes, borrowers: Sizes) -> Frame:
    """The rows of one table; columns are put together when asked for, as few are."""
    declared = _declared(name)

    def put_together(field: str) -> Array:
        return _column(declared.get(field), [frame[field] for frame in frames], loans, borrowers)

    makers = {field: partial(put_together, field) for field in frames[0].columns}
    return Frame(Deferred({}, makers), np.concatenate([frame.rows for frame in frames]))


@cache
def _declared(name: str) -> Mapping[str, Column]:
    return {column.name: column for column in TABLES[name].columns}


def _column(column: Column | None, pieces: Sequence[Array], loans: Sizes, borrowers: Sizes) -> Array:
    if column is not None and column.name == "borrower_id":
        return _positions(pieces, borrowers)
    if column is not None and column.refers == _LOAN:
        return _positions(pieces, loans)
    if column is not None and column.kind is Kind.ID:
        return _codes(pieces)
    return np.concatenate(pieces)


def _positions(pieces: Sequence[NDArray[np.integer]], sizes: Sizes) -> Array:
    """Positions moved by the sizes before them; -1 stays, what points beyond its part points beyond all."""
    before = np.concatenate(([0], np.cumsum(sizes)))
    beyond, moved = int(before[-1]), []
    for piece, start, size in zip(pieces, before, sizes, strict=False):
        outside = piece >= size
        shifted = np.where(piece < 0, piece, piece + start)
        shifted[outside] = piece[outside] - size + beyond
        beyond += int(piece.max(initial=size - 1)) + 1 - size
        moved.append(shifted.astype(piece.dtype))
    return np.concatenate(moved)


def _codes(pieces: Sequence[NDArray[np.int64]]) -> Array:
    """Codes good for equality, kept apart between parts by the part's number above them."""
    apart = [np.where(piece < 0, piece, piece + (np.int64(part) << 40)) for part, piece in enumerate(pieces)]
    return np.concatenate(apart)
