"""Every fault a book can have: its code, the sentence people read, and what follows from it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType
from typing import Final


class Effect(StrEnum):
    """What follows from a fault in a file; in a request everything but a warning is refused."""

    REFUSE = "refuse"  # the whole batch is refused
    QUARANTINE = "quarantine"  # the row is set aside; its loan gets `data_fault`
    WARN = "warn"  # accepted, said in the report


@dataclass(frozen=True)
class Code:
    """A kind of fault: `what` is the sentence in its text."""

    name: str
    what: str
    effect: Effect


_REFUSE = {
    "missing_table": "a required table is missing",
    "missing_column": "a required column is missing",
    "missing_value": "a required value is missing",
    "wrong_type": "the value has the wrong type",
    "unknown_value": "the value is not one of the known words",
    "bad_date": "the value is not a date",
    "out_of_range": "the value lies outside what can be held",
    "bad_stamp": "the value is not a moment with its time zone",
    "too_many_decimals": "money has more than two decimals",
    "too_long": "the text is too long",
    "not_text": "the text holds characters that are not allowed",
    "currency_mix": "the loan is in another currency than the book",
    "direct_identifier": "the column holds direct identifiers of people",
    "too_many_quarantined": "more than 1 % of the rows are quarantined",
    "unreadable_file": "the file cannot be read",
    "two_sources": "the table is given twice",
    "split_borrower": "the borrower is in more than one part",
    "split_loan": "the loan is in more than one part",
    # requests only
    "malformed": "the body is not a JSON object of the expected form",
    "unknown_field": "the field is not known",
    "repeated_field": "the field is given twice",
    "too_many_rows": "the request has too many rows",
    "more_faults": "there are more faults than are listed",
    "unknown_loan": "the loan to score is not among the loans of the request",
    "other_borrower": "the row is of another borrower",
}
_QUARANTINE = {
    "non_finite": "the number is not finite",
    "duplicate_key": "the key is given more than once with different content",
    "orphan": "the loan is not in the loans table",
    "loan_quarantined": "the loan itself is quarantined",
    "out_of_bounds": "the value is out of bounds",
    "maturity_not_after_disbursement": "the loan matures before or on the day it is paid out",
    "payment_before_disbursement": "the payment is before the loan was paid out",
    "due_not_rising": "the due date does not rise within its schedule version",
    "due_beyond_limit": "the due date is more than a year past the maturity then in force",
    "posted_before_event": "the row was posted more than a day before it happened",
    "posted_after_received": "the row was posted after the extract was received",
    "reversal_without_original": "the reversal does not name a payment of the same loan that it reverses",
    "reversal_not_marked": "the row names a payment it reverses but its status is not reversal",
    "second_closing_event": "the loan already has a closing event of this kind",
}
_WARN = {
    "unknown_column": "the column is not in the contract and was dropped",
    "unknown_table": "the table is not in the contract and was left out",
    "duplicate_row": "the row is given more than once with the same content and was dropped",
    "no_loan": "the borrower has no loan in the book and the row was left out",
    "no_history": "the loan has no instalments",
    "knowledge_assumed": "posted_at is missing and was taken as the end of the event day plus the lag",
    "data_mismatch": "the figures do not agree with each other",
    "stale_feed": "the table's newest row is old",
}


def _coded(what: Mapping[str, str], effect: Effect) -> dict[str, Code]:
    return {name: Code(name, sentence, effect) for name, sentence in what.items()}


CODES: Final[Mapping[str, Code]] = MappingProxyType(
    _coded(_REFUSE, Effect.REFUSE) | _coded(_QUARANTINE, Effect.QUARANTINE) | _coded(_WARN, Effect.WARN)
)
FOLLOW_ON: Final = "loan_quarantined"
"""Rows set aside only because their loan is: not counted against the limit of 1 %."""
