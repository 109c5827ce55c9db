"""Checks that any table's rows must pass: bounds, owners, and the moment of knowing."""

from __future__ import annotations

from functools import cache
from typing import Any

import numba as nb
import numpy as np

from book.check.show import limits
from book.check.subject import Subject
from book.clock import end_of_day, month_end, month_of
from book.contract import TABLES
from book.contract.kinds import Column, Kind
from book.contract.limits import MICROSECONDS_A_DAY
from book.encoding.columns import is_missing
from book.encoding.frames import event_days
from book.encoding.register import Register
from book.settings import Settings
from book.tables import NEVER, Array

_BOUNDED = (Kind.MONEY, Kind.NUMBER, Kind.COUNT)
_CENTS = 100
_DAYS, _MOMENTS = (nb.types.Array(kind, 1, "C", readonly=True) for kind in (nb.int32, nb.int64))
_MOST_DAYS = 20_000  # a table of their ends is made at little cost


def bounds(subject: Subject) -> None:
    """Numbers outside the bounds of their column."""
    for column in bounded(subject.table.name):
        given = subject.read.columns.get(column.name)
        if not isinstance(given, np.ndarray) or not len(given) or within(column, given):
            continue
        bad = outside(column, subject.frame[column.name])
        if bad.any():
            subject.fault("out_of_bounds", bad, column.name, allowed=limits(column))


@cache
def bounded(table: str) -> tuple[Column, ...]:
    """The columns of a table that have bounds."""
    return TABLES[table].of_kind(*_BOUNDED)


def within(column: Column, values: Array) -> bool:
    """Whether all `values` keep the bounds of `column`, none of them missing."""
    scale = _CENTS if column.kind is Kind.MONEY else 1
    if column.minimum is not None:
        low, least = np.minimum.reduce(values), column.minimum * scale
        if not (low > least if column.exclusive_minimum else low >= least):
            return False
    return column.maximum is None or bool(np.maximum.reduce(values) <= column.maximum * scale)


def outside(column: Column, values: Array) -> Array:
    """Where `values` (in memory units) break the bounds of `column`; missing values break none."""
    scale = _CENTS if column.kind is Kind.MONEY else 1
    bad = np.zeros(len(values), np.bool_)
    if column.minimum is not None:
        least = column.minimum * scale
        bad |= (values <= least) if column.exclusive_minimum else (values < least)
    if column.maximum is not None:
        bad |= values > column.maximum * scale
    return bad & ~is_missing(column.kind, values) if bad.any() else bad


def owners(subject: Subject, register: Register) -> Array:
    """Rows to leave out because their borrower has no loan here; rows of loans that are not here are faults."""
    frame, n_loans = subject.frame, len(register.loans)
    if subject.table.owner == "borrower":
        absent = frame["borrower_id"] >= len(register.borrowers)
        subject.fault("no_loan", absent, "borrower_id")
        return np.asarray(absent)
    beyond = frame["loan_id"] >= n_loans
    if beyond.any():
        ours = frame["loan_id"] < n_loans + len(register.quarantined)
        subject.fault("loan_quarantined", beyond & ours, "loan_id")
        subject.fault("orphan", beyond & ~ours, "loan_id", allowed="a loan of the loans table")
    return np.zeros(len(frame), np.bool_)


def _in_time(days: Array, posted: Array, settings: Settings) -> bool:
    """Whether one look tells that all is well: no row is posted too early, or after the extract was received."""
    first, last = int(days.min()), int(days.max())
    if last - first > _MOST_DAYS:
        return False
    ends = end_of_day(np.arange(first - 1, last + 1), settings.timezone)
    received = NEVER if settings.received_at is None else settings.received_at
    return bool(_all_in_time(np.ascontiguousarray(days), np.ascontiguousarray(posted), ends, first, received))


@nb.njit([nb.boolean(_DAYS, _MOMENTS, _MOMENTS, nb.int64, nb.int64)], cache=True, nogil=True)
def _all_in_time(days: Any, posted: Any, ends: Any, first: int, received: int) -> bool:
    """The same; `ends` are the ends of the days from `first` - 1 on."""
    for i in range(len(days)):
        if posted[i] <= ends[days[i] - first] - MICROSECONDS_A_DAY or posted[i] > received:
            return False
    return True


def knowledge(subject: Subject, settings: Settings) -> None:
    """Realised events known more than a day before they happened, or after the extract was received."""
    frame, table = subject.frame, subject.table
    if not table.realised or not len(frame):
        return
    days = event_days(table, frame.columns, settings)
    if days is None:
        return
    if "date_precision" in frame:
        by_month = frame["date_precision"] == table.column("date_precision").choices.index("month")
        days = np.where(by_month, month_end(month_of(days) - 1) + 1, days)
    posted = frame["posted_at"]
    if _in_time(days, posted, settings):
        return
    earliest = end_of_day(days - 1, settings.timezone) + 1 - MICROSECONDS_A_DAY
    subject.fault("posted_before_event", posted < earliest, "posted_at", allowed="from a day before the event")
    if settings.received_at is not None:
        late = (posted > settings.received_at) & ~frame["knowledge_assumed"]
        subject.fault("posted_after_received", late, "posted_at", allowed="up to received_at of the book")
