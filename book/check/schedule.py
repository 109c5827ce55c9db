"""Checks of loans and their schedules."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from book.check.show import day
from book.check.subject import Subject
from book.clock import months_before
from book.contract import CLOSING_EVENTS, TABLES
from book.encoding.order import in_order
from book.settings import Settings
from book.tables import MISSING_DAY, Array, Frame

_MONTHS_PAST_MATURITY = 12


def loans(subject: Subject, settings: Settings) -> None:
    """Maturity after disbursement; the book's one currency."""
    frame = subject.frame
    maturity = frame["maturity_on"]
    short = (maturity != MISSING_DAY) & (maturity <= frame["disbursed_on"])
    subject.fault("maturity_not_after_disbursement", short, "maturity_on", allowed="after disbursed_on")
    other = np.asarray([currency != settings.currency for currency in frame["currency"].tolist()], np.bool_)
    subject.fault("currency_mix", other, "currency", allowed=settings.currency)


def due_rising(subject: Subject) -> None:
    """Within a loan and version, a later instalment number has a later due date."""
    frame = subject.frame
    schedule = frame["loan_id"].astype(np.int64) * (1 << 32) + frame["schedule_version"]
    order = in_order(schedule, frame["instalment_no"])
    loan, version, due = (frame[name][order] for name in ("loan_id", "schedule_version", "due_on"))
    same = (loan[1:] == loan[:-1]) & (version[1:] == version[:-1])
    twin = same & (frame["instalment_no"][order][1:] == frame["instalment_no"][order][:-1])
    falls = np.flatnonzero(same & ~twin & (due[1:] <= due[:-1]))
    subject.fault("due_not_rising", order[falls + 1], "due_on", allowed=lambda k: f"after {day(due[falls[k]])}")


def due_limit(subject: Subject, loans: Frame, events: Frame | None) -> None:
    """Due dates at most a year past the maturity in force when the version begins."""
    frame = subject.frame
    here = np.flatnonzero(frame["loan_id"] < len(loans))
    limit = maturity_in_force(frame["loan_id"][here], frame["valid_from"][here], loans, events)
    known = np.flatnonzero(limit != MISSING_DAY)
    latest = months_before(limit[known], -_MONTHS_PAST_MATURITY)
    bad = np.flatnonzero(frame["due_on"][here[known]] > latest)
    subject.fault("due_beyond_limit", here[known[bad]], "due_on", allowed=lambda k: f"to {day(latest[bad[k]])}")


def maturity_in_force(
    loan: NDArray[np.int32], on: NDArray[np.int32], loans: Frame, events: Frame | None
) -> NDArray[np.int32]:
    """The agreed last due date of each `loan` on each day, MISSING_DAY where none is agreed; shape (n,)."""
    maturity = loans["maturity_on"][loan]
    if events is None:
        return np.asarray(maturity)
    changes = events.take((events["new_maturity"] != MISSING_DAY) & (events["loan_id"] < len(loans)))
    if not len(changes):
        return np.asarray(maturity)
    when = changes["loan_id"].astype(np.int64) * (1 << 20) + changes["event_on"]
    last = np.searchsorted(when, loan.astype(np.int64) * (1 << 20) + on, side="right") - 1
    ours = (last >= 0) & (changes["loan_id"][last] == loan)
    return np.where(ours, changes["new_maturity"][last], maturity).astype(np.int32)


def closing(subject: Subject) -> None:
    """Each kind of closing event happens once per loan; later rows are faults."""
    frame = subject.frame
    choices = TABLES["loan_events"].column("event_type").choices
    rows = np.flatnonzero(np.isin(frame["event_type"], [choices.index(name) for name in CLOSING_EVENTS]))
    seen = frame["loan_id"][rows].astype(np.int64) * len(choices) + frame["event_type"][rows]
    _, first = np.unique(seen, return_index=True)
    again: Array = np.ones(len(rows), np.bool_)
    again[first] = False
    subject.fault("second_closing_event", rows[again], "event_type", allowed="once per loan and kind")
