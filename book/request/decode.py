"""Bodies of requests become tables; a body with any fault is refused with all of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import msgspec
import numpy as np
from numpy.typing import NDArray

from book.check.clean import Clean, clean
from book.check.findings import Findings
from book.contract.kinds import Column, Kind
from book.encoding.columns import Read
from book.encoding.words import Unreadable, days, microseconds
from book.errors import Fault, RequestRefused, nearest
from book.pseudonym import Pseudonyms, pseudonyms_from_environment
from book.request.fast import read_rows
from book.request.limits import MOST_REQUESTS, MOST_ROWS
from book.request.plain import Body, read_plain
from book.request.repeats import may_repeat, repeated_fields
from book.request.slow import fault, request_faults
from book.request.structs import BatchBody, RequestBody
from book.settings import Settings
from book.tables import Tables

_REQUEST: Final[msgspec.json.Decoder[Any]] = msgspec.json.Decoder(RequestBody)
_BATCH: Final[msgspec.json.Decoder[Any]] = msgspec.json.Decoder(BatchBody)
_UNREADABLE: Final = (msgspec.DecodeError, UnicodeDecodeError, RecursionError, ValueError)
_OUTSIDE: Final = len(("as_of", "book_complete", "score", "tables"))
_LOAN: Final = Column("loan_id", Kind.ID, "")


@dataclass(frozen=True)
class Request:
    """One borrower's tables and what to score.

    `loans` (k,) are positions in `tables.loan_ids` in the order asked for, `as_of` a day number, `cutoff` UTC
    microseconds or None (the end of the as_of day), `model` the bundle the client pins, if any.
    """

    tables: Tables
    loans: NDArray[np.int32]
    as_of: int
    cutoff: int | None
    book_complete: bool
    model: str | None


def decode(body: bytes, settings: Settings, pseudonyms: Pseudonyms | None = None) -> Request:
    """The request in a JSON body; raises RequestRefused with every fault found, never anything else.

    Ids become pseudonyms with the environment's key where `pseudonyms` is not given.
    """
    secret = pseudonyms or pseudonyms_from_environment()
    read = read_plain(body) or _read_closely(body)
    findings = Findings(in_request=True)
    made = clean(read.reads, settings, secret, findings, complete=read.book_complete)
    faults = [*read.twice, *findings.faults, *_of_one_borrower(read.reads), *_unknown(read.score, made)]
    if faults:
        raise RequestRefused(faults)
    loans = np.array([made.register.loans[loan] for loan in read.score], np.int32)
    return Request(made.tables, loans, read.as_of, read.cutoff, read.book_complete, read.model)


def _read_closely(body: bytes) -> Body:
    """A body that is not plain; raises RequestRefused with every fault of its form."""
    try:
        typed = _REQUEST.decode(body)
        rows = _tables(typed.tables)
        _limit(rows)
        as_of = days(typed.as_of)
        cutoff = None if typed.cutoff is None else microseconds(typed.cutoff)
        reads, fields = read_rows(rows)
        named = _OUTSIDE + (typed.cutoff is not None) + (typed.model is not None) + len(rows) + fields
        twice = repeated_fields(body) if may_repeat(body, named) else []
    except RequestRefused:
        raise
    except (*_UNREADABLE, OverflowError, Unreadable) as error:
        raise RequestRefused(_all_faults(body, error)) from None
    return Body(reads, as_of, cutoff, typed.book_complete, typed.score, typed.model, twice)


def decode_batch(
    body: bytes, settings: Settings, pseudonyms: Pseudonyms | None = None
) -> list[Request | RequestRefused]:
    """The requests of a batch, a refusal in the place of each that has faults.

    Raises RequestRefused where the batch itself is not of the expected form.
    """
    secret = pseudonyms or pseudonyms_from_environment()
    try:
        items = _BATCH.decode(body).requests
    except _UNREADABLE as error:
        allowed = f'an object {{"requests": [...]}} with 1 to {MOST_REQUESTS:,} requests'
        raise RequestRefused([fault("malformed", "", str(error), allowed)]) from None
    return [_one(bytes(item), settings, secret) for item in items]


def _one(body: bytes, settings: Settings, pseudonyms: Pseudonyms) -> Request | RequestRefused:
    try:
        return decode(body, settings, pseudonyms)
    except RequestRefused as refusal:
        return refusal


def _tables(body: Any) -> dict[str, Sequence[msgspec.Struct]]:
    return {
        name: rows
        for name, rows in zip(body.__struct_fields__, msgspec.structs.astuple(body), strict=True)
        if rows is not None
    }


def _limit(tables: Mapping[str, Sequence[msgspec.Struct]]) -> None:
    total = sum(map(len, tables.values()))
    if total > MOST_ROWS:
        raise RequestRefused([fault("too_many_rows", "tables", f"{total:,} rows", f"at most {MOST_ROWS:,} rows")])


def _all_faults(body: bytes, error: Exception) -> list[Fault]:
    """The faults of a body that the fast path refused with `error`."""
    try:
        plain = msgspec.json.decode(body)
        found = request_faults(plain)
    except (*_UNREADABLE, OverflowError) as broken:
        return [fault("malformed", "", str(broken) or type(broken).__name__, "a JSON object")]
    return found or [fault("malformed", "", str(error), "a JSON object of the documented form")]


def _of_one_borrower(reads: Mapping[str, Read]) -> list[Fault]:
    """Rows whose borrower is not that of the first loan."""
    findings = Findings(in_request=True)
    owner = reads["loans"].words("borrower_id").words[:1]
    for name, read in reads.items():
        if read.table.owner == "borrower" or name == "loans":
            words = read.words("borrower_id")
            other = np.array([word not in owner for word in words.words], np.bool_)
            if other.any():
                rows = read.rows[other[words.codes]]
                findings.at("other_borrower", name, rows, "borrower_id", allowed="one borrower per request")
    return findings.faults


def _unknown(score: Sequence[str], made: Clean) -> list[Fault]:
    here = made.register.loans
    return [
        fault("unknown_loan", f"score[{k}]", loan, ", ".join(list(here)[:20]), nearest(loan, tuple(here)))
        for k, loan in enumerate(score)
        if loan not in here and loan not in made.register.quarantined
    ]
