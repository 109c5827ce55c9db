"""What was done about loans: tasks, contacts, and actions under a random trial with what was collected after them."""

from __future__ import annotations

from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from book.clock import end_of_day, local_day
from book.contract import TABLES
from book.known import known
from book.settings import Settings
from book.tables import MISSING_DAY, MISSING_MONEY, Frame, Tables
from features.history import History
from monitoring.triggers import core

WINDOW = 30
"""Days in which arrears have to be collected for an action to count as a success."""
_TASKS = {"kind": pl.String, "loan_id": pl.String, "due_on": pl.Date, "done_on": pl.Date, "as_of": pl.Date}
_CONTACTS = {"on": pl.Date, "loan_id": pl.String, "channel": pl.String, "outcome": pl.String}
_CASES = {
    "loan_id": pl.String, "borrower_id": pl.String, "action": pl.String, "arm": pl.String, "on": pl.Date,
    "arrears": pl.Float64, "collected": pl.Float64, "good": pl.Boolean, "cost": pl.Float64,
}  # fmt: skip


def tasks(tables: Tables, day: int, settings: Settings) -> pl.DataFrame:
    """Tasks known by `day`: kind, loan_id, due_on, done_on (null while open), as_of."""
    if "tasks" not in tables:
        return pl.DataFrame(schema=_TASKS)
    frame, kept = _known(tables, "tasks", day, settings)
    done = frame["done_on"] if "done_on" in frame else np.full(len(kept), MISSING_DAY, np.int32)
    done = np.where(done <= day, done, MISSING_DAY)[kept]
    return pl.DataFrame(
        {
            "kind": _words(frame, "tasks", "kind")[kept],
            "loan_id": _ids(tables.loan_ids, frame, "loan_id", kept),
            "due_on": _dates(frame["due_on"][kept]),
            "done_on": _dates(done),
            "as_of": _dates(np.full(len(done), day)),
        },
        schema_overrides={"kind": pl.String, "loan_id": pl.String},
    )


def contacts(tables: Tables, day: int, settings: Settings) -> pl.DataFrame:
    """Contacts known by `day`: on, loan_id, channel, outcome."""
    if "contacts" not in tables:
        return pl.DataFrame(schema=_CONTACTS)
    frame, kept = _known(tables, "contacts", day, settings)
    return pl.DataFrame(
        {
            "on": _dates(local_day(frame["at"][kept], settings.timezone))
            if len(kept)
            else pl.Series([], dtype=pl.Date),
            "loan_id": _ids(tables.loan_ids, frame, "loan_id", kept),
            "channel": _text(frame, "channel")[kept],
            "outcome": _words(frame, "contacts", "outcome")[kept],
        },
        schema_overrides={"loan_id": pl.String, "channel": pl.String, "outcome": pl.String},
    )


def cases(tables: Tables, day: int, settings: Settings) -> pl.DataFrame:
    """Actions under a trial on loans in arrears, at least WINDOW days before `day`, and what came in after them.

    Columns: loan_id, borrower_id, action, arm, on, arrears (unpaid due at the end of that day), collected (scheduled
    money in the WINDOW days after), good (the arrears were collected whole), cost (null if not given); major units.
    """
    if "actions" not in tables or "arm" not in tables["actions"]:
        return pl.DataFrame(schema=_CASES)
    frame, kept = _known(tables, "actions", day, settings)
    on = local_day(frame["at"], settings.timezone)
    kept = kept[(frame["arm"][kept] >= 0) & (on[kept] + WINDOW <= day)]
    if not len(kept):
        return pl.DataFrame(schema=_CASES)
    loan = frame["loan_id"][kept].astype(np.int32)
    start, end = (_paid(tables, loan, on[kept] + shift, day, settings) for shift in (0, WINDOW))
    arrears, collected = start[0] / 100, (end[1] - start[1]) / 100
    cost = frame["cost"][kept] if "cost" in frame else np.full(len(kept), MISSING_MONEY)
    rows = pl.DataFrame(
        {
            "loan_id": tables.loan_ids[loan].astype(str),
            "borrower_id": tables.borrower_ids[tables.borrower_of[loan]].astype(str),
            "action": _text(frame, "action")[kept],
            "arm": _words(frame, "actions", "arm")[kept],
            "on": _dates(on[kept]),
            "arrears": arrears,
            "collected": collected,
            "good": collected >= arrears,
            "cost": pl.Series(np.where(cost == MISSING_MONEY, np.nan, cost / 100)).fill_nan(None),
        }
    )
    return rows.filter(pl.col("arrears") > 0).cast(_CASES)  # type: ignore[arg-type]


def _paid(
    tables: Tables, loan: NDArray[np.int32], on: NDArray[np.int32], day: int, settings: Settings
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Unpaid due, and scheduled money so far, of each loan on a day of its own, as known at the end of `day`."""
    cutoff = np.full(len(loan), end_of_day(np.array([day]), settings.timezone)[0])
    h = History(known(core(tables), loan, on, cutoff), settings)
    return h.unpaid_due, h.money.so_far(h.ledger.net).astype(float)


def _known(tables: Tables, name: str, day: int, settings: Settings) -> tuple[Frame, NDArray[np.int64]]:
    """The table and the places of its rows posted by the end of `day`."""
    frame = tables[name]
    posted = frame["posted_at"] <= end_of_day(np.array([day]), settings.timezone)[0]
    return frame, np.flatnonzero(posted)


def _ids(names: NDArray[Any], frame: Frame, column: str, kept: NDArray[np.int64]) -> NDArray[Any]:
    """The names that positions in a column stand for, "" where there is none."""
    at = np.asarray(frame[column], np.int64)[kept]
    known = (at >= 0) & (at < len(names))
    found = np.full(len(at), "", object)
    found[known] = np.asarray(names, object)[at[known]]
    return found


def _words(frame: Frame, table: str, column: str) -> NDArray[Any]:
    choices = np.array([*TABLES[table].column(column).choices, ""], object)
    return choices[np.asarray(frame[column], np.int64)]


def _text(frame: Frame, column: str) -> NDArray[Any]:
    return np.array(["" if word is None else str(word) for word in np.asarray(frame[column]).tolist()], object)


def _dates(days: NDArray[Any]) -> pl.Series:
    whole = np.asarray(days).astype(np.int32)
    return pl.Series(whole.astype("datetime64[D]")).set(pl.Series(whole == MISSING_DAY), None)
