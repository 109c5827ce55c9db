"""Read columns in, clean tables out: the one row check of files and requests."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from book.check import payments, rows, schedule, sums
from book.check.balances import continuity
from book.check.findings import Findings
from book.check.identifiers import identifiers
from book.check.keys import repeated
from book.check.subject import Subject
from book.contract import TABLES
from book.encoding.columns import Read
from book.encoding.frames import draft_of_loans, event_days, frame, frame_of_loans
from book.encoding.register import Register, register_loans
from book.pseudonym import Pseudonyms
from book.settings import Settings
from book.tables import MISSING_DAY, Array, Frame, Tables


@dataclass(frozen=True)
class Clean:
    """`tables` without quarantined and repeated rows; `loans` and `borrowers` map source ids to positions."""

    tables: Tables
    register: Register


def clean(
    reads: Mapping[str, Read],
    settings: Settings,
    pseudonyms: Pseudonyms,
    findings: Findings,
    complete: bool = True,
) -> Clean:
    """Check all rows and make the tables of those that pass; everything found goes to `findings`.

    `reads` has all required tables, in the order of the contract. `complete`: all loans of each borrower are
    here.
    """
    for read in reads.values():
        findings.rows[read.table.name] = len(read.rows)
        identifiers(read, findings)
    register, loans = _loans(reads["loans"], settings, pseudonyms, findings)
    subjects = {
        name: Subject(frame(read, register, settings, pseudonyms), read, findings)
        for name, read in reads.items()
        if name != "loans"
    }
    left_out = {name: rows.owners(subject, register) | _check(subject, settings) for name, subject in subjects.items()}
    _across(subjects, loans.frame)
    frames = {name: _kept(subject, left_out[name]) for name, subject in subjects.items()}
    frames = {"loans": loans.frame} | frames
    _agree(loans, subjects, frames)
    mismatches = sums.mismatches(loans.frame, frames["instalments"], settings)
    frames["payments"] = payments.folded(frames["payments"])
    faults = _loan_faults(subjects, len(register.loans), settings)
    _count_assumed(frames, findings)
    n_borrowers = len(register.borrowers)
    tables = Tables(
        frames={name: frames[name] for name in TABLES if name in frames},
        loan_ids=np.array(list(register.loans), object),
        borrower_ids=np.array(register.pseudonyms, object),
        data_fault_on=_latest(faults, len(register.loans)),
        mismatch=_at_last(mismatches, len(register.loans)),
        book_complete=np.full(n_borrowers, complete),
        extra=faults | mismatches,
    )
    return Clean(tables, register)


def _loans(read: Read, settings: Settings, pseudonyms: Pseudonyms, findings: Findings) -> tuple[Register, Subject]:
    subject = Subject(draft_of_loans(read, settings, pseudonyms), read, findings)
    again = repeated(subject)
    rows.bounds(subject)
    schedule.loans(subject, settings)
    findings.dropped["loans"] += int(again.sum())
    bad = np.union1d(findings.set_aside("loans"), subject.frame.rows[again])
    register = register_loans(read, bad, pseudonyms)
    return register, Subject(frame_of_loans(subject.frame, read, register), read, findings)


def _check(subject: Subject, settings: Settings) -> NDArray[np.bool_]:
    """The checks of a table by itself; returns the rows to drop because they are repeated."""
    again = repeated(subject)
    subject.findings.dropped[subject.table.name] += int(again.sum())
    rows.bounds(subject)
    rows.knowledge(subject, settings)
    match subject.table.name:
        case "instalments":
            schedule.due_rising(subject)
        case "payments":
            payments.reversals(subject)
        case "loan_events":
            schedule.closing(subject)
    return again


def _across(subjects: Mapping[str, Subject], loans: Frame) -> None:
    """The checks that need two tables."""
    events = subjects["loan_events"].frame if "loan_events" in subjects else None
    schedule.due_limit(subjects["instalments"], loans, events)
    payments.before_disbursement(subjects["payments"], loans)


def _kept(subject: Subject, left_out: NDArray[np.bool_]) -> Frame:
    frame = subject.frame
    bad = subject.findings.set_aside(subject.table.name)
    if len(bad):
        left_out = left_out | np.isin(frame.rows, bad)
    return frame.take(~left_out) if left_out.any() else frame


def _agree(loans: Subject, subjects: Mapping[str, Subject], frames: Mapping[str, Frame]) -> None:
    """Warn where figures do not agree."""
    kept = {name: replace(subject, frame=frames[name]) for name, subject in subjects.items()}
    due = frames["instalments"]
    none = np.bincount(due["loan_id"], minlength=len(loans.frame)) == 0
    loans.fault("no_history", none, "loan_id")
    if "financials" in kept:
        sums.accounts(kept["financials"])
    if "cashflow" in kept:
        continuity(kept["cashflow"])
    sums.schedules(loans, kept["instalments"], frames["payments"])


def _loan_faults(subjects: Mapping[str, Subject], n_loans: int, settings: Settings) -> dict[str, Array]:
    """Loan, event day and posting of every quarantined row that belongs to a loan that is here."""
    found: list[tuple[Array, Array, Array]] = []
    for name, subject in subjects.items():
        bad = subject.findings.set_aside(name)
        if subject.table.owner != "loan" or not len(bad):
            continue
        wrong = subject.frame.take(np.isin(subject.frame.rows, bad) & (subject.frame["loan_id"] < n_loans))
        days = event_days(subject.table, wrong.columns, settings)
        if days is not None:
            found.append((wrong["loan_id"], days, wrong["posted_at"]))
    loan, on, posted = zip(*found, strict=True) if found else ((), (), ())
    return {
        "fault_loan": np.concatenate([np.zeros(0, np.int32), *loan]),
        "fault_on": np.concatenate([np.zeros(0, np.int32), *on]),
        "fault_posted_at": np.concatenate([np.zeros(0, np.int64), *posted]),
    }


def _at_last(mismatches: Mapping[str, Array], n_loans: int) -> NDArray[np.bool_]:
    """The last state of each loan."""
    mismatch = np.zeros(n_loans, np.bool_)
    mismatch[mismatches["mismatch_loan"]] = mismatches["mismatch_state"]
    return mismatch


def _latest(faults: Mapping[str, Array], n_loans: int) -> NDArray[np.int32]:
    latest = np.full(n_loans, MISSING_DAY, np.int32)
    np.maximum.at(latest, faults["fault_loan"], faults["fault_on"])
    return latest


def _count_assumed(frames: Mapping[str, Frame], findings: Findings) -> None:
    for name, each in frames.items():
        findings.assumed[name] = int(each["knowledge_assumed"].sum())
