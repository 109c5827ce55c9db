"""Exactly what the lender knew: rows by event date and by the moment they were posted."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from book.clock import end_of_day, local_day
from book.contract import TABLES
from book.contract.kinds import Kind
from book.contract.limits import FIRST_DAY
from book.deferred import Joined, Picked
from book.dossiers import Dossiers, Rows
from book.encoding.order import ranked
from book.hidden import NOTHING, hidden_rows
from book.settings import Settings
from book.tables import MISSING_DAY, NEVER, Array, Frame, Tables

Int = NDArray[np.int64]
_FAR_APART = 64
_DAYS = 1 << 18  # more than the days that a date may have


class _Knowledge(NamedTuple):
    """When each row of a table (in order of owner and event day) became true, known, and void.

    `place` is owner and event day in one number, in order. Rows of most tables are never void: None.
    """

    place: Int
    owner: Array
    event: Array
    posted_at: Int
    cancelled_on: Array | None = None
    cancelled_at: Int | None = None


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
    moments, moment = _moments(day, cutoff, zone)
    borrower_of = tables.borrower_of
    owners = {"loan": np.arange(len(tables.loan_ids)), "borrower": np.arange(len(tables.borrower_ids))}
    asked = borrower_of[of_loan_row].astype(np.int64) * moments.shape[1] + moment
    of_borrower = _distinct(asked, len(tables.borrower_ids) * moments.shape[1])
    loan_offsets = np.searchsorted(borrower_of, np.arange(len(tables.borrower_ids) + 1)).astype(np.int64)
    of_loan = _all_loans(of_borrower, moments.shape[1], loan_offsets)
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
        loan_offsets=loan_offsets,
        tables=rows,
        data_fault_on=tables.data_fault_on,
        mismatch=tables.mismatch,
        book_complete=tables.book_complete,
        extra=tables.extra,
    )


def _distinct(keys: Int, beyond: int) -> Int:
    """The different keys, all from 0 to below `beyond`, sorted; quick where they are already, or are not far apart."""
    if bool((keys[1:] > keys[:-1]).all()):
        return keys
    if beyond > _FAR_APART * len(keys):
        return np.unique(keys)
    there = np.zeros(beyond, bool)
    there[keys] = True
    return np.flatnonzero(there)


def _all_loans(of_borrower: Int, n_moments: int, offsets: Int) -> Int:
    """Keys (loan, moment) for every loan of each (borrower, moment): siblings are looked at too. Sorted."""
    borrower, moment = np.divmod(of_borrower, n_moments)
    first = offsets[borrower]
    count = offsets[borrower + 1] - first
    if len(borrower) == 1:
        return np.arange(first[0], first[0] + count[0]) * n_moments + moment
    loans = np.repeat(first - np.cumsum(count) + count, count) + np.arange(count.sum())
    return _distinct(loans * n_moments + np.repeat(moment, count), int(offsets[-1]) * n_moments)


def _moments(day: NDArray[np.int32], cutoff: Int | None, zone: str) -> tuple[Int, NDArray[np.int32]]:
    """The different (as_of, cut-off), shape (2, n_moments), in order, and which of them each observation has."""
    if len(day) == 1:
        until = end_of_day(day, zone) if cutoff is None else np.asarray(cutoff, np.int64)
        return np.array([[day[0]], [until[0]]], np.int64), np.zeros(1, np.int32)
    if cutoff is None:
        days, moment = _different(day)
        return np.stack([days.astype(np.int64), end_of_day(days, zone)]), moment.astype(np.int32)
    pairs = np.stack([day.astype(np.int64), np.asarray(cutoff)])
    moments, inverse = np.unique(pairs, axis=1, return_inverse=True)
    return moments, inverse.reshape(-1).astype(np.int32)


def _different(day: NDArray[np.int32]) -> tuple[NDArray[np.int32], NDArray[np.intp]]:
    """The different days, sorted, and which of them each is; counted where they are not far apart."""
    if not len(day) or int(day.max()) - int(day.min()) > len(day):
        return np.unique(day, return_inverse=True)
    first = day.min()
    there = np.zeros(day.max() - first + 1, bool)
    there[day - first] = True
    return np.flatnonzero(there).astype(np.int32) + first, (np.cumsum(there) - 1)[day - first]


def _rows(name: str, frame: Frame, n_owners: int, keys: Int, moments: Int, zone: str) -> Rows:
    """One table with its shared and private segments; `keys` (owner * n_moments + moment) are sorted."""
    order, knowledge = _knowledge(name, frame, zone)
    owner, index = knowledge.owner, order
    if knowledge.cancelled_at is not None:
        kept = np.flatnonzero(knowledge.cancelled_at == NEVER)
        owner, index = owner[kept], kept if order is None else order[kept]
    counts = np.bincount(owner, minlength=n_owners)[:n_owners]
    private = keys[:0]
    late = _NONE_LATE
    if _any_late(knowledge, moments[1]):
        late = _late(knowledge, moments)
        private = keys[_differs(knowledge, late, keys, moments)]
    shared = frame.columns if index is None else Picked(frame.columns, index)
    columns, offsets = shared, _offsets(counts)
    hidden = NOTHING if knowledge.cancelled_at is None else None
    if len(private) and hidden is not None:
        hidden = hidden_rows(private, moments, offsets, knowledge.event, late.row, knowledge.posted_at)
        columns, offsets = Joined(shared, Picked(shared, hidden.seen)), _offsets(np.concatenate([counts, hidden.left]))
    elif len(private):
        copied, of_private = _private_rows(private, knowledge, moments)
        columns = Joined(shared, Picked(frame.columns, copied if order is None else order[copied]))
        offsets = _offsets(np.concatenate([counts, np.bincount(of_private, minlength=len(private))]))
    return Rows(columns, offsets, n_owners, moments.shape[1], private, shared, hidden)


def _offsets(counts: Int) -> Int:
    """Where segments of so many rows begin, and the end of the last."""
    offsets = np.zeros(len(counts) + 1, np.int64)
    np.cumsum(counts, out=offsets[1:])
    return offsets


def _any_late(rows: _Knowledge, cutoff: Int) -> bool:
    """Whether a row was posted after the earliest cut-off, or is void: else all was always known as it stands now."""
    if rows.cancelled_at is not None:
        return True
    return bool(len(rows.owner) and len(cutoff) and rows.posted_at.max() > cutoff.min())


def _knowledge(name: str, frame: Frame, zone: str) -> tuple[NDArray[np.intp] | None, _Knowledge]:
    """The order of the rows by owner and event day, None where they are in it, and what is known of them."""
    owner: Array = frame["loan_id" if TABLES[name].owner == "loan" else "borrower_id"]
    event: Array = event_day(name, frame, zone)
    place = _place(owner, event)
    voids = "cancelled_at" in frame and bool((frame["cancelled_at"] != NEVER).any())
    columns = [place, owner, event, frame["posted_at"]]
    columns += [frame["cancelled_on"], frame["cancelled_at"]] if voids else []
    order = None
    if not (place[1:] >= place[:-1]).all():
        order = ranked(place)
        columns = [values[order] for values in columns]
    return order, _Knowledge(*columns)


def _place(owner: Array, event: Array) -> Int:
    return owner.astype(np.int64) * _DAYS + (np.maximum(event, FIRST_DAY - 1) - (FIRST_DAY - 1))


def event_day(name: str, frame: Frame, zone: str) -> NDArray[np.int32]:
    """The day each row became true, in the book's time zone; far in the past for tables without a date."""
    date = TABLES[name].event_date
    if date is None or date not in frame:
        return np.full(len(frame), MISSING_DAY, np.int32)
    if TABLES[name].column(date).kind is Kind.STAMP:
        return local_day(frame[date], zone)
    return frame[date]


class _Late(NamedTuple):
    """Rows that were not known yet, or known before they were void, at a moment on or after their event day, in order.

    `first` is that moment, `until` the time from which on the row stands as it does now.
    """

    row: Int
    first: Int
    until: Int


_NONE_LATE = _Late(*np.zeros((3, 0), np.int64))


def _late(rows: _Knowledge, moments: Int) -> _Late:
    """The late rows; those that every moment sees as they stand now are told by one look at their first."""
    as_of, cutoff = moments
    until = rows.posted_at
    if rows.cancelled_at is not None:
        until = np.where(rows.cancelled_at != NEVER, rows.cancelled_at, until)
    first = _first_moment(as_of, rows.event)
    earliest = np.minimum.accumulate(np.append(cutoff, NEVER)[::-1])[::-1]
    row = np.flatnonzero(until > earliest[first])
    return _Late(row, first[row], until[row])


def _differs(rows: _Knowledge, late: _Late, keys: Int, moments: Int) -> NDArray[np.bool_]:
    """Which keys see a row by its event date that was not as it stands now by what was known: shape (len(keys),).

    A row posted at p is wrong for the moments from its event date to p; a cancelled one for those from its event
    date to the cancellation. Moments are in order of as_of, then cut-off.
    """
    as_of, cutoff = moments
    if np.any(np.diff(cutoff) < 0):
        return _differs_by_moment(rows, late, keys, moments)
    row, first, until = late.row, late.first, np.searchsorted(cutoff, late.until, side="left")
    if rows.cancelled_at is not None and rows.cancelled_on is not None:
        gone = np.flatnonzero(rows.cancelled_at != NEVER)
        row, first = np.append(row, gone), np.append(first, _first_moment(as_of, rows.event[gone]))
        until = np.append(until, np.searchsorted(as_of, rows.cancelled_on[gone], side="left"))
    owner = rows.owner[row].astype(np.int64) * len(as_of)
    start = np.searchsorted(keys, owner + first)
    stop = np.searchsorted(keys, owner + np.maximum(until, first))
    change = np.bincount(start, minlength=len(keys) + 1) - np.bincount(stop, minlength=len(keys) + 1)
    return np.cumsum(change)[:-1] > 0


def _first_moment(as_of: Int, event: Array) -> NDArray[np.intp]:
    """The first moment on or after each event day; looked up by day where the moments are not far apart."""
    if not len(as_of) or int(as_of[-1] - as_of[0]) > len(event):
        return np.searchsorted(as_of, event, side="left")
    by_day = np.searchsorted(as_of, np.arange(as_of[0], as_of[-1] + 2), side="left")
    return np.asarray(by_day[np.clip(event, as_of[0], as_of[-1] + 1) - as_of[0]])


def _differs_by_moment(rows: _Knowledge, late: _Late, keys: Int, moments: Int) -> NDArray[np.bool_]:
    """The same, one moment at a time, where cut-offs do not rise with as_of."""
    differs = np.zeros(len(keys), bool)
    n_moments = moments.shape[1]
    for moment, (as_of, cutoff) in enumerate(moments.T):
        wrong = np.zeros(len(rows.owner), bool)
        wrong[late.row] = late.until > cutoff
        if rows.cancelled_at is not None and rows.cancelled_on is not None:
            wrong |= (rows.cancelled_at != NEVER) & (rows.cancelled_on > as_of)
        owners = np.unique(rows.owner[(rows.event <= as_of) & wrong])
        differs |= np.isin(keys, owners.astype(np.int64) * n_moments + moment)
    return differs


def _private_rows(private: Int, rows: _Knowledge, moments: Int) -> tuple[Int, Int]:
    """Positions of the rows known at each private key, and which private key each belongs to."""
    if not len(private):
        return np.zeros(0, np.int64), np.zeros(0, np.int64)
    owner, moment = np.divmod(private, moments.shape[1])
    as_of, cutoff = moments[0][moment], moments[1][moment]
    first = np.searchsorted(rows.place, owner * _DAYS)
    count = np.searchsorted(rows.place, _place(owner, as_of), side="right") - first
    row = np.repeat(first - np.cumsum(count) + count, count) + np.arange(count.sum())
    cutoff = np.repeat(cutoff, count)
    there = rows.posted_at[row] <= cutoff
    if rows.cancelled_at is not None and rows.cancelled_on is not None:
        there &= (rows.cancelled_at[row] > cutoff) | (rows.cancelled_on[row] > np.repeat(as_of, count))
    return row[there], np.repeat(np.arange(len(private)), count)[there]
