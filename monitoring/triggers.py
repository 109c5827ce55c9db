"""Days on which a loan defaulted by something other than days past due, or was sold sound."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from book.contract import TABLES
from book.known import known
from book.settings import Settings
from book.tables import MISSING_DAY, Frame, Tables
from features.history import History
from monitoring.target import Target

Ints = NDArray[np.int32]
Mask = NDArray[np.bool_]

SALE_LOSS = 0.05  # a sale at a credit-related loss above this share is a default (EBA/GL/2016/07, 44)
FORBEARANCE = ("restructure", "extension", "deferral", "maturity_change")
ENDINGS = ("closed", "prepaid")
THIRD_PARTIES = ("guarantor", "insurer", "platform", "collateral")
CORE = ("loans", "instalments", "payments", "loan_events", "charges", "balances")


@dataclass(frozen=True)
class LoanDays:
    """Days of loans, sorted by loan, then day: `loan` (m,) positions, `day` (m,) days since 1970."""

    loan: Ints
    day: Ints

    def first_within(self, loan: Ints, after: Ints, until: Ints) -> Ints:
        """The first day d of each loan with after < d <= until, MISSING_DAY where there is none; all (n,)."""
        if not len(self.loan):
            return np.full(len(loan), MISSING_DAY, np.int32)
        keys = _key(self.loan, self.day)
        at = np.minimum(np.searchsorted(keys, _key(loan, after), side="right"), len(keys) - 1)
        hit = (self.loan[at] == loan) & (self.day[at] > after) & (self.day[at] <= until)
        return np.where(hit, self.day[at], MISSING_DAY).astype(np.int32)


@dataclass(frozen=True)
class Triggers:
    """Default triggers, sales of sound loans and closings by own money, as known at one cut-off."""

    defaults: LoanDays
    transfers: LoanDays
    endings: LoanDays


def triggers(tables: Tables, target: Target, settings: Settings, cutoff: int) -> Triggers:
    """All triggers of all loans known at `cutoff` (UTC microseconds).

    Default: an event of `target.events`; third-party compensation of arrears; forbearance that is distressed,
    or while in arrears or hardship; closing by a new loan while in arrears or hardship; a sale at a
    credit-related loss above `SALE_LOSS`, or in arrears where the loss is not stated.
    """
    events = _posted(tables, "loan_events", cutoff)
    payments = _posted(tables, "payments", cutoff)
    certain = [_events(events, (*target.events, "compensation")), _compensation(payments)]
    sold = _events(events, ("sold",))
    loss = _column(events, "credit_related_loss_share", np.nan)
    at_loss = sold & (loss > SALE_LOSS)
    doubtful = sold & np.isnan(loss)
    forborne = _events(events, FORBEARANCE)
    distressed = forborne & (_column(events, "distressed", -1) == 1)
    certain[0] |= at_loss | distressed
    days = [_days(events, "event_on", certain[0]), _days(payments, "paid_on", certain[1])]
    asked = [
        _days(events, "event_on", (forborne & ~distressed) | doubtful),
        _third_parties(payments),
        _new_loans(tables, cutoff),
    ]
    troubled = [_in_trouble(tables, one, events, target, settings, cutoff) for one in asked]
    days += [LoanDays(one.loan[bad], one.day[bad]) for one, bad in zip(asked, troubled, strict=True)]
    defaults = _joined(days)
    sales = _days(events, "event_on", sold & ~at_loss)
    sound = defaults.first_within(sales.loan, sales.day - np.int32(1), sales.day) == MISSING_DAY
    transfers = _joined([LoanDays(sales.loan[sound], sales.day[sound])])
    return Triggers(defaults, transfers, _joined([_days(events, "event_on", _events(events, ENDINGS))]))


def restructurings(tables: Tables, cutoff: int) -> LoanDays:
    """Days on which loans were restructured, or forborne in distress, as known at `cutoff` (UTC microseconds)."""
    events = _posted(tables, "loan_events", cutoff)
    distressed = _events(events, FORBEARANCE) & (_column(events, "distressed", -1) == 1)
    return _joined([_days(events, "event_on", _events(events, ("restructure",)) | distressed)])


def core(tables: Tables) -> Tables:
    """The tables that arrears are read from, without the rest."""
    frames = {name: tables[name] for name in CORE if name in tables}
    return Tables(
        frames,
        tables.loan_ids,
        tables.borrower_ids,
        tables.data_fault_on,
        tables.mismatch,
        tables.book_complete,
    )


def _posted(tables: Tables, name: str, cutoff: int) -> Frame | None:
    """The rows of a table known at the cut-off and not reversed by then."""
    if name not in tables:
        return None
    frame = tables[name]
    there = frame["posted_at"] <= cutoff
    if "cancelled_at" in frame:
        there &= frame["cancelled_at"] > cutoff
    return frame.take(np.flatnonzero(there))


def _column(frame: Frame | None, name: str, missing: float) -> NDArray[np.float64]:
    if frame is None:
        return np.empty(0)
    return frame[name] if name in frame else np.full(len(frame), missing)


def _coded(frame: Frame | None, table: str, column: str, wanted: Sequence[str]) -> Mask:
    """Rows whose enum is one of `wanted`."""
    choices = TABLES[table].column(column).choices
    return np.isin(_column(frame, column, -1), [choices.index(value) for value in wanted])


def _events(events: Frame | None, types: Sequence[str]) -> Mask:
    return _coded(events, "loan_events", "event_type", types)


def _money(payments: Frame | None) -> Mask:
    return ~_coded(payments, "payments", "status", ("failed", "reversal"))


def _compensation(payments: Frame | None) -> Mask:
    return _money(payments) & _coded(payments, "payments", "purpose", ("compensation",))


def _third_parties(payments: Frame | None) -> LoanDays:
    """Money of third parties, and of a new loan: default only where the loan is in trouble."""
    payers = _coded(payments, "payments", "payer", (*THIRD_PARTIES, "refinance"))
    return _days(payments, "paid_on", _money(payments) & payers)


def _new_loans(tables: Tables, cutoff: int) -> LoanDays:
    """Loans closed by a new loan here, on the day that was paid out."""
    loans = _posted(tables, "loans", cutoff)
    old = _column(loans, "refinances_loan_id", -1)
    if loans is None or not len(old):
        return _joined([])
    within = (old >= 0) & (old < len(tables.loan_ids))
    return LoanDays(old[within].astype(np.int32), loans["disbursed_on"][within])


def _days(frame: Frame | None, date: str, rows: Mask) -> LoanDays:
    if frame is None:
        return _joined([])
    return LoanDays(frame["loan_id"][rows].astype(np.int32), frame[date][rows].astype(np.int32))


def _in_trouble(
    tables: Tables, asked: LoanDays, events: Frame | None, target: Target, settings: Settings, cutoff: int
) -> Mask:
    """In arrears on the day or the one before (money of the day does not wash them), or in hardship."""
    trouble = _in_hardship(asked, events)
    if target.dpd is not None and len(asked.loan):
        loan, day = np.tile(asked.loan, 2), np.concatenate([asked.day, asked.day - 1])
        dossiers = known(core(tables), loan, day, np.full(len(loan), cutoff, np.int64))
        dpd = History(dossiers, settings).dpd_now
        trouble |= np.any((dpd > 0).reshape(2, -1), axis=0)
    return trouble


def _in_hardship(asked: LoanDays, events: Frame | None) -> Mask:
    """The last hardship of the loan, up to the day, was not followed by a cure."""
    if events is None:
        return np.zeros(len(asked.loan), bool)
    last = [
        _last(_joined([_days(events, "event_on", _events(events, (kind,)))]), asked) for kind in ("hardship", "cure")
    ]
    return (last[0] != MISSING_DAY) & (last[0] > last[1])


def _last(days: LoanDays, asked: LoanDays) -> Ints:
    """The last day of each asked loan up to its asked day, MISSING_DAY where there is none."""
    if not len(days.loan):
        return np.full(len(asked.loan), MISSING_DAY, np.int32)
    at = np.searchsorted(_key(days.loan, days.day), _key(asked.loan, asked.day), side="right") - 1
    hit = (at >= 0) & (days.loan[np.maximum(at, 0)] == asked.loan)
    return np.where(hit, days.day[np.maximum(at, 0)], MISSING_DAY).astype(np.int32)


def _joined(parts: Sequence[LoanDays]) -> LoanDays:
    loan = np.concatenate([np.empty(0, np.int32), *(part.loan for part in parts)])
    day = np.concatenate([np.empty(0, np.int32), *(part.day for part in parts)])
    order = np.lexsort((day, loan))
    return LoanDays(loan[order].astype(np.int32), day[order].astype(np.int32))


def _key(loan: Ints, day: Ints) -> NDArray[np.int64]:
    return loan.astype(np.int64) * (1 << 33) + day
