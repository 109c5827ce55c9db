"""Asking the contact guard with what the book and the events since know of a borrower."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import msgspec
import numpy as np

from book.known import known
from book.pseudonym import pseudonyms_from_environment
from features.history import History
from policy.contact import ContactRequest
from policy.guard import allowed
from policy.guard_book import records
from serving.backing import BookStore
from serving.case_answers import ContactAsked, DenialOut, GuardOut
from serving.journal import Contact, new_id
from serving.ruling import Asker
from serving.scorer import Scorer
from serving.service import Made

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_AHEAD = 366


def ask_guard(asked: ContactAsked, store: BookStore, scorer: Scorer, asker: Asker, now: int) -> Made:
    """The guard's answer and its entry; `now` (UTC microseconds) bounds what is known.

    Raises GuardRefused for a question that cannot be understood, LookupError for a loan that the book does not hold.
    """
    at = asked.at or _EPOCH + timedelta(microseconds=now)
    borrower_id, night = store.borrower_of(asked.loan_id), store.generation
    point = pseudonyms_from_environment().names([asked.contact_point_id])[0][:16]
    question = ContactRequest(
        borrower_id, asked.loan_id, at, asked.timezone, asked.channel, point, asked.party, asked.automated,
        asked.identity_confirmed, asked.staff,
    )  # fmt: skip
    tables = store.tables([borrower_id], now, night.id)
    place = np.flatnonzero(tables.loan_ids == asked.loan_id).astype(np.int32)
    day = min(max(night.as_of, (at - _EPOCH).days), night.as_of + _AHEAD)
    h = History(known(tables, place, np.array([day], np.int32), np.array([now], np.int64)), night.settings)
    told = allowed(question, *records(h, 0), scorer.pack)
    contact = Contact(
        contact_id=new_id("C"),
        borrower_id=borrower_id,
        loan_id=asked.loan_id,
        channel=asked.channel,
        allowed=told.allowed,
        reasons=",".join(reason.code for reason in told.reasons),
        pack_hash=told.pack_hash,
        asked_for=(at - _EPOCH) // timedelta(microseconds=1),
        actor=asker.actor,
        request_id=asker.request_id,
        details={"party": asked.party, "automated": asked.automated, "contact_point": point, "staff": asked.staff},
    )
    reasons = [DenialOut(reason.code, dict(reason.text), reason.article) for reason in told.reasons]
    answer = GuardOut(contact.contact_id, told.allowed, reasons, told.pack_hash)
    return Made(msgspec.json.encode(answer), [contact], asked.loan_id)
