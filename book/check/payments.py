"""Checks of payments, and reversals folded into the payments they cancel."""

from __future__ import annotations

from functools import partial

import numpy as np
from numpy.typing import NDArray

from book.check.show import day
from book.check.subject import Subject
from book.contract import TABLES
from book.deferred import Deferred
from book.encoding.order import ranked
from book.tables import MISSING_DAY, NEVER, Array, Frame

_REVERSAL = TABLES["payments"].column("status").choices.index("reversal")


def before_disbursement(subject: Subject, loans: Frame) -> None:
    """Payments dated before their loan was paid out."""
    frame = subject.frame
    here = np.flatnonzero(frame["loan_id"] < len(loans))
    out = loans["disbursed_on"][frame["loan_id"][here]]
    early = np.flatnonzero(frame["paid_on"][here] < out)
    subject.fault(
        "payment_before_disbursement",
        here[early],
        "paid_on",
        allowed=lambda k: f"from {day(out[early[k]])}, the day of the payout",
    )


def reversals(subject: Subject) -> None:
    """Reversals must name a payment of the same loan that is not itself a reversal, and be marked as such."""
    frame = subject.frame
    marked = frame["status"] == _REVERSAL
    if not subject.read.words("reverses_id").filled and not marked.any():
        return
    names = frame["reverses_id"] >= 0
    unmarked = names & (frame["status"] >= 0) & ~marked
    subject.fault("reversal_not_marked", unmarked, "reverses_id", allowed="status reversal, or no reverses_id")
    rows = np.flatnonzero(is_reversal(frame))
    original = _original(frame, rows)
    lost = (original < 0) | is_reversal(frame)[original] | (frame["loan_id"][original] != frame["loan_id"][rows])
    subject.fault("reversal_without_original", rows[lost], "reverses_id", allowed="a payment_id of the same loan")


def is_reversal(frame: Frame) -> NDArray[np.bool_]:
    """Rows that cancel another: status reversal, or no status and a `reverses_id`."""
    status = frame["status"]
    reversal = np.asarray(status == _REVERSAL, np.bool_)
    unsaid = status < 0
    return reversal | (unsaid & (frame["reverses_id"] >= 0)) if unsaid.any() else reversal


def folded(frame: Frame) -> Frame:
    """Payments without their reversals, with what cancelled them.

    `cancelled_at` is when the reversal was known (`NEVER` if none), `cancelled_on` its own day (`MISSING_DAY` if
    none); of several reversals the one known first counts.
    """
    cancelled_at = np.full(len(frame), NEVER, np.int64)
    cancelled_on = np.full(len(frame), MISSING_DAY, np.int32)
    reversal = is_reversal(frame)
    rows = np.flatnonzero(reversal)
    if len(rows):
        rows = rows[np.argsort(-frame["posted_at"][rows], kind="stable")]
        original = _original(frame, rows)
        rows, original = rows[original >= 0], original[original >= 0]
        cancelled_at[original] = frame["posted_at"][rows]
        cancelled_on[original] = frame["paid_on"][rows]
    known: dict[str, Array] = {"cancelled_at": cancelled_at, "cancelled_on": cancelled_on}
    whole = Frame(Deferred(known, {name: partial(frame.__getitem__, name) for name in frame.columns}), frame.rows)
    return whole.take(~reversal) if len(rows) else whole


def _original(frame: Frame, rows: NDArray[np.intp]) -> NDArray[np.intp]:
    """Position of the payment that each of `rows` reverses, -1 where there is none."""
    ids, named = frame["payment_id"], frame["reverses_id"][rows]
    order = ranked(ids)
    place = np.minimum(np.searchsorted(ids[order], named), len(ids) - 1)
    found = order[place] if len(ids) else place
    return np.where((named >= 0) & (ids[found] == named), found, -1) if len(ids) else found
