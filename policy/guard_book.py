"""What a book knows for the contact guard of one loan: contacts, consents, complaints and pauses."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from typing import NamedTuple

import numpy as np

from book.clock import months_after
from book.contract import TABLES
from book.dossiers import Rows
from book.tables import MISSING_DAY
from features.history import History
from features.ledger import code
from policy.contact import PAUSES, Complaint, Consent, PastContact, Pause

_EPOCH = date(1970, 1, 1)
HARDSHIP_MONTHS = 6
BOOK_CHANNELS = {"message": "sms", "phone": "call"}
"""Words of the table `contacts` that the guard calls otherwise."""


class Records(NamedTuple):
    """The arguments of the guard that a book holds."""

    past: tuple[PastContact, ...]
    consents: tuple[Consent, ...]
    complaints: tuple[Complaint, ...]
    pauses: tuple[Pause, ...]


def records(h: History, i: int) -> Records:
    """What is known of observation `i` by its cut-off.

    Contacts of all the borrower's loans count: a call is a call to the same person. A bankruptcy lasts, a hardship for
    6 months from its event.
    """
    return Records(tuple(_contacts(h, i)), tuple(_consents(h, i)), tuple(_complaints(h, i)), tuple(_pauses(h, i)))


def _rows(h: History, table: str, owner: int, i: int) -> Iterator[tuple[Rows, int]]:
    """The rows of one owner known at observation `i`."""
    rows = h.rows(table)
    if rows is not None:
        segment = int(rows.segment(np.array([owner]), h.dossiers.moment[[i]])[0])
        for row in range(int(rows.offsets[segment]), int(rows.offsets[segment + 1])):
            yield rows, row


def _of_loans(h: History, table: str, i: int) -> Iterator[tuple[Rows, int]]:
    """The rows of every loan of the borrower."""
    borrower = int(h.of_loan("borrower_id")[i])
    for loan in range(int(h.dossiers.loan_offsets[borrower]), int(h.dossiers.loan_offsets[borrower + 1])):
        yield from _rows(h, table, loan, i)


def _contacts(h: History, i: int) -> Iterator[PastContact]:
    outcomes = TABLES["contacts"].column("outcome").choices
    cutoff = int(h.dossiers.cutoff[h.dossiers.moment[i]])
    for rows, row in _of_loans(h, "contacts", i):
        at, channel = int(rows["at"][row]), str(rows["channel"][row])
        if at <= cutoff:
            yield PastContact(
                datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=at),
                point_text(int(rows["contact_point_id"][row])),
                BOOK_CHANNELS.get(channel, channel),
                outcomes[int(rows["outcome"][row])],
                str(rows["direction"][row]),
            )


def point_text(point: int) -> str:
    """A contact point as text: the first 16 hex digits of its pseudonym."""
    return f"{point & (2**64 - 1):016x}"


def _consents(h: History, i: int) -> Iterator[Consent]:
    for rows, row in _rows(h, "consents", int(h.of_loan("borrower_id")[i]), i):
        channel, since = rows["channel"][row], int(rows["from"][row])
        if since <= h.as_of[i]:
            word = None if channel is None else str(channel)
            yield Consent(str(rows["kind"][row]), word, _date(since), _day(rows["to"][row]))


def _complaints(h: History, i: int) -> Iterator[Complaint]:
    for rows, row in _rows(h, "complaints", int(h.of_loan("borrower_id")[i]), i):
        if rows["from"][row] <= h.as_of[i]:
            yield Complaint(_date(int(rows["from"][row])), _day(rows["to"][row]))


def _pauses(h: History, i: int) -> Iterator[Pause]:
    kinds = {int(code("loan_events", "event_type", kind)[0]): kind for kind in PAUSES}
    for rows, row in _of_loans(h, "loan_events", i):
        kind, day = kinds.get(int(rows["event_type"][row])), int(rows["event_on"][row])
        if kind is not None and day <= h.as_of[i]:
            ends = _date(int(months_after(np.array([day]), HARDSHIP_MONTHS)[0]))
            yield Pause(kind, _date(day), ends if kind == "hardship" else None)


def _day(value: np.integer) -> date | None:
    return None if int(value) == MISSING_DAY else _date(int(value))


def _date(day: int) -> date:
    return _EPOCH + timedelta(days=day)
