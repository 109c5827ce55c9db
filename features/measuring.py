"""Measuring observations: which loans on which days, and what is measured of them as a frame."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import polars as pl
from numpy.typing import NDArray

from book.clock import month_end, month_of
from book.known import known
from book.settings import Settings
from book.tables import Tables
from features.catalogue import CATALOGUE, Catalogue
from features.context import Context
from features.families.dpd import bucket
from features.families.exposure import months_on_book
from features.history import History
from features.ledger import code
from features.standing import CLOSING, STATUSES, standing
from features.states import dues_of_month

Days = NDArray[np.int32]
Loans = NDArray[np.int32]
BUCKETS = ("C", "M1", "M2", "M3", "M4", "M5", "M6", "M7+")
STATE = (
    *("loan_id", "borrower_id", "as_of", "status", "product", "bucket", "dpd", "months_on_book"),
    *("principal_outstanding", "unpaid_due", "exit", "due_in_month", "instalments_due", "instalments_late"),
)
"""Columns of a panel that say who and how, before the features; the last four are of `features.states`."""
ENDING = (*CLOSING, "write_off")
CHUNK = 40_000
"""Observations measured at a time: keeps memory flat."""


def month_ends(first: int, last: int) -> Days:
    """The month ends from the month of day `first` to the month of day `last`, both included."""
    months = month_of(np.array([first, last]))
    return month_end(np.arange(months[0], months[1] + 1))


def observations(tables: Tables, days: Days) -> tuple[Loans, Days]:
    """Every (loan, day) from disbursement until the loan was closed or written off: two arrays, by loan, then day.

    The last day kept is the first one on or after the closing event: the panel shows how a loan left.
    """
    loans = tables["loans"]
    start = loans["disbursed_on"]
    if "observed_from" in loans:
        start = np.maximum(start, loans["observed_from"])
    end = _ended_on(tables)
    until = days[np.minimum(np.searchsorted(days, end), len(days) - 1)] if len(days) else end
    until = np.where(end > days[-1], end, until) if len(days) else end
    loan, at = np.nonzero((days >= start[:, None]) & (days <= until[:, None]))
    return loan.astype(np.int32), days[at]


def _ended_on(tables: Tables) -> NDArray[np.int64]:
    """The first day each loan was closed or written off by an event; far ahead where it was not. Shape (n_loans,)."""
    end = np.full(len(tables.loan_ids), np.iinfo(np.int32).max, np.int64)
    if "loan_events" in tables:
        events = tables["loan_events"]
        ends = np.isin(events["event_type"], code("loan_events", "event_type", *ENDING))
        np.minimum.at(end, events["loan_id"][ends], events["event_on"][ends])
    return end


def measure(
    tables: Tables,
    loan: Loans,
    as_of: Days,
    settings: Settings,
    catalogue: Catalogue = CATALOGUE,
    context: Context | None = None,
) -> pl.DataFrame:
    """The panel rows of observations (loan, as_of): state columns, then every column of the catalogue (float32)."""
    h = History(known(tables, loan, as_of, settings=settings), settings, context)
    frame = {
        "loan_id": pl.Series(h.dossiers.loan_ids, dtype=pl.String).gather(h.dossiers.loan),
        "borrower_id": pl.Series(h.dossiers.borrower_ids, dtype=pl.String).gather(h.of_loan("borrower_id")),
        "as_of": pl.Series(as_of, dtype=pl.Int32).cast(pl.Date),
        "status": pl.Series(STATUSES).gather(standing(h)),
        "product": pl.Series(h.dossiers.loans["product"], dtype=pl.String).gather(h.dossiers.loan),
        "bucket": pl.Series(BUCKETS).gather(bucket(h.dpd_now).astype(np.int8)),
        "dpd": h.dpd_now.astype(np.int32),
        "months_on_book": months_on_book(h).astype(np.int32),
        "principal_outstanding": h.principal_outstanding / 100,
        "unpaid_due": h.unpaid_due / 100,
        **dues_of_month(h),
    }
    return pl.DataFrame(frame | dict(zip(catalogue.all_names, catalogue.by_column(h), strict=True)))


def in_chunks(
    tables: Tables,
    days: Days,
    settings: Settings,
    catalogue: Catalogue,
    chunk: int = CHUNK,
    context: Context | None = None,
) -> Iterator[pl.DataFrame]:
    """The panel rows of every loan on `days`, some thousand observations at a time."""
    loan, as_of = observations(tables, days)
    for start in range(0, len(loan), chunk):
        piece = slice(start, start + chunk)
        yield measure(tables, loan[piece], as_of[piece], settings, catalogue, context)
