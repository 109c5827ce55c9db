"""Read columns become frames: ids as positions and codes, knowledge times filled in, rows in order."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial

import numpy as np
from numpy.typing import NDArray

from book.clock import end_of_day, local_day
from book.contract import Kind, Table
from book.contract.kinds import Column
from book.contract.limits import FIRST_DAY
from book.deferred import Deferred, alike
from book.encoding.columns import WORDED, Read
from book.encoding.order import by_owner, in_order
from book.encoding.register import Register
from book.pseudonym import Pseudonyms
from book.settings import Settings
from book.tables import MISSING_STAMP, Array, Frame

_POSITIONS = "loans.loan_id"


def draft_of_loans(read: Read, settings: Settings, pseudonyms: Pseudonyms) -> Frame:
    """The loans in source order, before it is known which rows are good: ids are codes of their words."""
    makers: dict[str, Callable[[], Array]] = {}
    for column in read.table.columns:
        if column.kind not in WORDED:
            makers[column.name] = partial(read.values, column.name)
        elif column.refers or column.name == "borrower_id":
            makers[column.name] = partial(_codes, read, column.name)
        else:
            makers[column.name] = partial(plain, column, read, pseudonyms)
    return Frame(Deferred(knowledge(read, settings), makers), read.rows)


def frame_of_loans(draft: Frame, read: Read, register: Register) -> Frame:
    """The good loans: row i is loan i. `draft` holds them with codes for ids."""
    loan = register.loan_codes(read.words("loan_id"))
    codes = {
        "loan_id": loan,
        "borrower_id": register.borrower_codes(read.words("borrower_id")),
        "refinances_loan_id": register.loan_codes(read.words("refinances_loan_id")),
    }
    whole = Frame(Deferred(codes, {name: partial(draft.__getitem__, name) for name in draft.columns}), draft.rows)
    if len(register.rows) == len(draft.rows) and bool((loan[1:] > loan[:-1]).all()):
        return whole
    good = np.flatnonzero(np.isin(draft.rows, register.rows))
    return whole.take(good[np.argsort(loan[good])])


def frame(read: Read, register: Register, settings: Settings, pseudonyms: Pseudonyms) -> Frame:
    """One table other than loans as a frame, sorted by owner and event date, stable in source order."""
    makers = {column.name: _maker(read, column, register, pseudonyms) for column in read.table.columns}
    persons = [column.name for column in read.table.columns if column.kind is Kind.PERSON]
    beside = {alike(name): partial(_alike, read, name) for name in persons}
    columns = Deferred(knowledge(read, settings), makers, beside)
    order = _order(read.table, columns)
    unsorted = Frame(columns, read.rows)
    return unsorted if order is None else unsorted.take(order)


def _maker(read: Read, column: Column, register: Register, pseudonyms: Pseudonyms) -> Callable[[], Array]:
    """What makes a column in source order."""
    if column.kind not in WORDED:
        return partial(read.values, column.name)
    if column.name == "borrower_id":
        return lambda: register.borrower_codes(read.words(column.name))
    if column.refers == _POSITIONS:
        return lambda: register.loan_codes(read.words(column.name))
    if column.refers:
        return lambda: read.words(column.name).shared(read.words(column.refers.partition(".")[2]))
    return partial(plain, column, read, pseudonyms)


def _codes(read: Read, name: str) -> Array:
    return read.words(name).codes


def _alike(read: Read, name: str) -> Array:
    return read.words(name).alike()


def plain(column: Column, read: Read, pseudonyms: Pseudonyms) -> Array:
    """Words as numbers: persons as HMAC (0 missing), other ids as codes (-1 missing), texts as objects."""
    words = read.words(column.name)
    if column.kind is Kind.PERSON:
        return np.append(pseudonyms.numbers(words.words), np.int64(0))[words.codes]
    if column.kind is Kind.ID:
        return words.codes.astype(np.int64)
    return np.array([*words.words, None], object)[words.codes]


def event_days(table: Table, columns: Mapping[str, Array], settings: Settings) -> NDArray[np.int32] | None:
    """The day each row became true, in the book's time zone; None where the table has no date of its own."""
    if table.event_date is None:
        return None
    values = columns[table.event_date]
    if table.column(table.event_date).kind is Kind.STAMP:
        return local_day(values, settings.timezone)
    return values


def knowledge(read: Read, settings: Settings) -> dict[str, Array]:
    """`posted_at`, where missing the end of the event day plus the table's lag, and `knowledge_assumed`."""
    posted = read.values("posted_at")
    assumed = np.asarray(posted == MISSING_STAMP)
    if assumed.any():
        dates = {read.table.event_date: read.values(read.table.event_date)} if read.table.event_date else {}
        days = event_days(read.table, dates, settings)
        if days is None:
            days = np.full(len(posted), FIRST_DAY, np.int32)
        lag = settings.posting_lag_days.get(read.table.name, read.table.lag_days)
        filled = end_of_day(np.maximum(days[assumed], FIRST_DAY) + np.int32(lag), settings.timezone)
        posted = posted.copy()
        posted[assumed] = filled
    return {"posted_at": posted, "knowledge_assumed": assumed}


def _order(table: Table, columns: Mapping[str, Array]) -> NDArray[np.intp] | None:
    """The sorting order by owner, then event; None where the rows are in order already."""
    owner = columns["loan_id" if table.owner == "loan" else "borrower_id"]
    if table.event_date is None:
        return by_owner(owner, np.zeros(len(owner), np.int32), FIRST_DAY)
    when = columns[table.event_date]
    if table.column(table.event_date).kind is Kind.STAMP:
        return in_order(owner, when)
    return by_owner(owner, when, FIRST_DAY)
