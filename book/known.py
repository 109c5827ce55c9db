"""Exactly what the lender knew: rows by event date and by the moment they were posted."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from book.clock import end_of_day, local_day
from book.contract import TABLES
from book.contract.kinds import Kind
from book.deferred import Picked
from book.dossiers import Dossiers, Rows
from book.settings import Settings
from book.tables import MISSING_DAY, NEVER, Array, Frame, Tables

Int = NDArray[np.int64]


class _Knowledge(NamedTuple):
    """When each row of a table (sorted by owner, event day) became true, known, and void."""

    owner: Int
    event: Int
    posted_at: Int
    cancelled_on: Int
    cancelled_at: Int


def known(
    tables: Tables,
    loan: Array,
    as_of: Array,
    cutoff: NDArray[np.int64] | None = None,
    settings: Settings | None = None,
) -> Dossiers:
    """The dossiers of observations (loan, as_of).

    `loan` (n,) are positions in `tables.loan_ids`, `as_of` (n,) days, `cutoff` (n,) UTC microseconds; without it the
    end of the as_of day in the time zone of `settings` (needed then). A row is in a dossier when its event day is on
    or before as_of and it was posted on or before the cut-off; a reversed payment is out once its reversal was.
    """
    of_loan_row: NDArray[np.int32] = loan.astype(np.int32)
    day: NDArray[np.int32] = as_of.astype(np.int32)
    zone = (settings or Settings()).timezone
    if cutoff is None:
        cutoff = end_of_day(day, zone)
    moments, inverse = np.unique(np.stack([day.astype(np.int64), np.asarray(cutoff)]), axis=1, return_inverse=True)
    moment: NDArray[np.int32] = inverse.reshape(-1).astype(np.int32)
    borrower_of = tables.borrower_of
    owners = {"loan": np.arange(len(tables.loan_ids)), "borrower": np.arange(len(tables.borrower_ids))}
    of_borrower = np.unique(borrower_of[of_loan_row].astype(np.int64) * moments.shape[1] + moment)
    of_loan = _all_loans(of_borrower, moments.shape[1], borrower_of)
    rows = {}
    for name, frame in tables.frames.items():
        if name == "loans":
            continue
        owner = TABLES[name].owner
        keys = of_loan if owner == "loan" else of_borrower
        rows[name] = _rows(name, frame, len(owners[owner]), keys, moments, zone)
    return Dossiers(
        loan=of_loan_row,
        moment=moment,
        as_of=moments[0].astype(np.int32),
        cutoff=moments[1],
        loans=tables["loans"],
        loan_ids=tables.loan_ids,
        borrower_ids=tables.borrower_ids,
        loan_offsets=np.searchsorted(borrower_of, np.arange(len(tables.borrower_ids) + 1)).astype(np.int64),
        tables=rows,
        data_fault_on=tables.data_fault_on,
        mismatch=tables.mismatch,
        book_complete=tables.book_complete,
        extra=tables.extra,
    )


def _all_loans(of_borrower: Int, n_moments: int, borrower_of: NDArray[np.int32]) -> Int:
    """Keys (loan, moment) for every loan of each (borrower, moment): siblings are looked at too. Sorted."""
    borrower, moment = np.divmod(of_borrower, n_moments)
    first = np.searchsorted(borrower_of, borrower)
    count = np.searchsorted(borrower_of, borrower, side="right") - first
    loans = np.repeat(first - np.cumsum(count) + count, count) + np.arange(count.sum())
    return np.sort(loans * n_moments + np.repeat(moment, count))


def _rows(name: str, frame: Frame, n_owners: int, keys: Int, moments: Int, zone: str) -> Rows:
    """One table with its shared and private segments; `keys` (owner * n_moments + moment) are sorted."""
    owner = frame["loan_id" if TABLES[name].owner == "loan" else "borrower_id"].astype(np.int64)
    event = event_day(name, frame, zone)
    order = np.lexsort((event, owner)) if not _sorted(owner, event) else np.arange(len(frame))
    owner, event = owner[order], event[order]
    posted = frame["posted_at"][order]
    cancelled = frame["cancelled_at"][order] if "cancelled_at" in frame else np.full(len(frame), NEVER)
    cancelled_on = frame["cancelled_on"][order].astype(np.int64) if "cancelled_on" in frame else event
    knowledge = _Knowledge(owner, event, posted, cancelled_on, cancelled)
    private = keys[_differs(knowledge, keys, moments)]
    kept = np.flatnonzero(cancelled == NEVER)
    copied, of_private = _private_rows(private, knowledge, moments)
    index = order[np.concatenate([kept, copied])]
    counts = np.concatenate(
        [
            np.bincount(owner[kept], minlength=n_owners)[:n_owners],
            np.bincount(of_private, minlength=len(private)),
        ]
    )
    offsets = np.concatenate(([0], np.cumsum(counts))).astype(np.int64)
    if len(index) == len(frame) and _sorted(index, index):
        columns: Mapping[str, Array] = frame.columns
    else:
        columns = Picked(frame.columns, index)
    return Rows(columns, offsets, n_owners, moments.shape[1], private)


def event_day(name: str, frame: Frame, zone: str) -> Int:
    """The day each row became true, in the book's time zone; far in the past for tables without a date."""
    date = TABLES[name].event_date
    if date is None or date not in frame:
        return np.full(len(frame), MISSING_DAY, np.int64)
    if TABLES[name].column(date).kind is Kind.STAMP:
        return local_day(frame[date], zone).astype(np.int64)
    return frame[date].astype(np.int64)


def _sorted(owner: Int, event: Int) -> bool:
    step = np.diff(owner)
    return bool(np.all((step > 0) | ((step == 0) & (np.diff(event) >= 0))))


def _differs(rows: _Knowledge, keys: Int, moments: Int) -> NDArray[np.bool_]:
    """Which keys see a row by its event date that was not as it stands now by what was known: shape (len(keys),).

    A row posted at p is wrong for the moments from its event date to p; a cancelled one for those from its event
    date to the cancellation. Moments are sorted by as_of, then cut-off; where cut-offs do not rise with as_of the rows
    are looked at one moment at a time.
    """
    as_of, cutoff = moments
    n_moments = len(as_of)
    gone = rows.cancelled_at != NEVER
    wrong_until = np.where(gone, rows.cancelled_at, rows.posted_at)
    first = np.searchsorted(as_of, rows.event, side="left")
    if np.all(np.diff(cutoff) >= 0):
        until = np.searchsorted(cutoff, wrong_until, side="left")
        until = np.where(gone, np.maximum(until, np.searchsorted(as_of, rows.cancelled_on, side="left")), until)
        late = np.flatnonzero(until > first)
        start = np.searchsorted(keys, rows.owner[late] * n_moments + first[late])
        stop = np.searchsorted(keys, rows.owner[late] * n_moments + until[late])
        change = np.bincount(start, minlength=len(keys) + 1) - np.bincount(stop, minlength=len(keys) + 1)
        return np.cumsum(change)[:-1] > 0
    differs = np.zeros(len(keys), bool)
    for moment in range(n_moments):
        unseen = (wrong_until > cutoff[moment]) | (gone & (rows.cancelled_on > as_of[moment]))
        owners = np.unique(rows.owner[(rows.event <= as_of[moment]) & unseen])
        differs |= np.isin(keys, owners * n_moments + moment)
    return differs


def _private_rows(private: Int, rows: _Knowledge, moments: Int) -> tuple[Int, Int]:
    """Positions of the rows known at each private key, and which private key each belongs to."""
    of_owner, moment = np.divmod(private, moments.shape[1])
    first = np.searchsorted(rows.owner, of_owner)
    count = np.searchsorted(rows.owner, of_owner, side="right") - first
    which = np.repeat(np.arange(len(private)), count)
    row = np.repeat(first - np.cumsum(count) + count, count) + np.arange(count.sum())
    as_of, cutoff = moments[0][moment[which]], moments[1][moment[which]]
    there = (rows.event[row] <= as_of) & (rows.posted_at[row] <= cutoff)
    there &= (rows.cancelled_at[row] > cutoff) | (rows.cancelled_on[row] > as_of)
    return row[there], which[there]
