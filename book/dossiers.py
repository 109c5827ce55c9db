"""What was known of each loan at each moment asked for, as sorted arrays with offsets."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from book.deferred import alike
from book.hidden import Hidden
from book.tables import Array, Frame

T = TypeVar("T")


@dataclass(frozen=True)
class Rows:
    """One table inside dossiers: rows in segments, `offsets` (n_segments + 1,) into the columns.

    Segment `i < n_owners` is what is ever known of owner i (a loan, or a borrower) and serves every moment at which
    that equals what was known then. The other moments have a segment of their own, found by `private`: sorted keys
    `owner * n_moments + moment`. Rows of a segment are sorted by event day.

    `shared` are the columns of the first `n_owners` segments alone. `hidden` says how each private segment differs from
    them, so that it need not be looked at; None where rows can become void, and a segment of its own is all there is.
    """

    columns: Mapping[str, Array]
    offsets: NDArray[np.int64]
    n_owners: int
    n_moments: int
    private: NDArray[np.int64]
    shared: Mapping[str, Array]
    hidden: Hidden | None
    _worked: dict[Hashable, Any] = field(default_factory=dict, init=False, compare=False, repr=False)

    def once(self, work: Callable[..., T], *details: Hashable) -> T:
        """What `work(rows, *details)` gives, worked out once however many ask; the result is shared: do not change it.

        `work` must not keep the rows.
        """
        key = (work, details)
        if key not in self._worked:
            self._worked[key] = work(self, *details)
        return self._worked[key]

    @property
    def at(self) -> NDArray[np.int64]:
        """First row and the one after the last of each segment, (n_segments, 2)."""
        return self.once(_ranges)

    def __getitem__(self, name: str) -> Array:
        return self.columns[name]

    def alike(self, name: str) -> Array:
        """Numbers that are equal where the ids of column `name` are, 0 missing, of the shared rows."""
        cheap = alike(name)
        return self.shared[cheap if cheap in self.shared else name]

    def __contains__(self, name: str) -> bool:
        return name in self.columns

    def segment(self, owner: Array, moment: Array) -> NDArray[np.int64]:
        """The segment that holds what was known of each owner at each moment, same shape as `owner`."""
        owner = owner.astype(np.int64, copy=False)
        if not len(self.private):
            return owner
        key = owner * self.n_moments + np.asarray(moment, np.int64)
        at = np.minimum(np.searchsorted(self.private, key), len(self.private) - 1)
        return np.where(self.private[at] == key, self.n_owners + at, owner)


def _ranges(rows: Rows) -> NDArray[np.int64]:
    at = np.empty((len(rows.offsets) - 1, 2), np.int64)
    at[:, 0], at[:, 1] = rows.offsets[:-1], rows.offsets[1:]
    return at


@dataclass(frozen=True)
class Dossiers:
    """What the lender knew: everything after this sees event time only.

    `loan` and `moment` (n,) are the observations: positions into `loans` and into `as_of`, `cutoff` (n_moments,).
    `tables` holds every loaded table but `loans` by name; an absent table is not in it. `loans` are static facts, one
    row a loan, ordered by borrower; `loan_offsets` (n_borrowers + 1,) are the loans of each borrower.
    `extra` are the dated faults of the load as `Tables.extra` has them; `data_fault_on` and `mismatch` their last
    state.
    """

    loan: NDArray[np.int32]
    moment: NDArray[np.int32]
    as_of: NDArray[np.int32]
    cutoff: NDArray[np.int64]
    loans: Frame
    loan_ids: Array
    borrower_ids: Array
    loan_offsets: NDArray[np.int64]
    tables: Mapping[str, Rows]
    data_fault_on: NDArray[np.int32]
    mismatch: NDArray[np.bool_]
    book_complete: NDArray[np.bool_]
    extra: Mapping[str, Array]

    def __len__(self) -> int:
        return len(self.loan)
