"""Calls to borrowers: who is reached, what is promised, whose number is wrong."""

from __future__ import annotations

import numpy as np

from book.sources.simulate.draws import Bools, Draws, Ints
from book.sources.simulate.part import Part
from book.sources.simulate.rows import Columns, Rows, take

OUTCOMES = ("reached", "no_answer", "ptp", "refused", "invalid")
REACHED, NO_ANSWER, PROMISE, REFUSED, INVALID = range(5)
CALLED_AFTER_DAYS = (4, 9, 16, 24)
OUT, IN = range(2)
CHECKED_EVERY = 6  # months between courtesy calls


def calls(part: Part) -> Columns:
    """Calls (loan, on, direction, outcome, promised amount and day, -1 for none), unsorted."""
    draws = Draws(part.plan.seed, part.number, "calls")
    rows = Rows("loan", "on", "direction", "outcome", ptp_amount=-1, ptp_on=-1)
    _courtesy(part, draws, rows)
    for attempt, days in enumerate(CALLED_AFTER_DAYS):
        _dunning(part, draws, rows, attempt, days)
    _new_numbers(part, rows)
    return rows.columns()


def _courtesy(part: Part, draws: Draws, rows: Rows) -> None:
    """Two or three days after payout, and twice a year."""
    n, months = len(part.loans), part.plan.months
    turn, answers, dead = draws.whole(0, CHECKED_EVERY - 1, n), draws.uniform(n, months), draws.uniform(n, months)
    month = np.arange(months)[None, :]
    start = part.loans.month[:, None]
    on_book = (part.month_ends.principal >= 0) & (month > start)
    due = ((month == start) | (on_book & ((month - turn[:, None]) % CHECKED_EVERY == 0))) & (start < months)
    loan, month = np.nonzero(due)
    on = np.where(month == part.loans.month[loan], part.ledger.disbursed_on[loan] + 2, part.calendar.starts[month] + 11)
    wrong = _wrong(part, loan, month, dead[loan, month])
    outcome = np.where(wrong, INVALID, np.where(answers[loan, month] < 0.8, REACHED, NO_ANSWER))
    rows.add(loan=loan, on=on, direction=OUT, outcome=outcome)


def _dunning(part: Part, draws: Draws, rows: Rows, attempt: int, days: int) -> None:
    """A call some days after a due that is not paid in full by then."""
    every, n = part.late, len(part.late["loan"])
    reach, dead, says = draws.uniform(n), draws.uniform(n), draws.uniform(n)
    slack, breaks = draws.whole(0, 4, n), draws.whole(2, 8, n)
    in_full = every["amount"] >= every["owed"]
    on = every["due_on"] + days
    called = ~(in_full & (every["paid_on"] <= on))
    late = take(every, called)
    on, reach, dead, says, in_full = on[called], reach[called], dead[called], says[called], in_full[called]
    wrong = _wrong(part, late["loan"], late["month"], dead)
    will = part.story.strain.will[part.loans.borrower[late["loan"]], late["month"]]
    pays = in_full & (will > 0.3)
    answered = reach < (0.30 + 0.45 * will - 0.04 * attempt)
    spoken = np.where(
        pays,
        np.where(says < 0.75, PROMISE, REACHED),
        np.select([says < 0.25 + 0.20 * will, says < 0.85 - 0.25 * (will < 0.5)], [PROMISE, REACHED], REFUSED),
    )
    outcome = np.where(wrong, INVALID, np.where(answered, spoken, NO_ANSWER))
    day = np.where(pays, late["paid_on"] + slack[called] - 1, on + breaks[called])
    promised = outcome == PROMISE
    rows.add(
        loan=late["loan"], on=on, direction=OUT, outcome=outcome,
        ptp_amount=np.where(promised, np.where(pays, late["owed"], late["owed"] // 2), -1),
        ptp_on=np.where(promised, np.maximum(day, on + 1), -1),
    )  # fmt: skip


def _wrong(part: Part, loan: Ints, month: Ints, u: np.ndarray) -> Bools:
    return np.asarray(u < part.story.strain.unreachable[part.loans.borrower[loan], month])


def _new_numbers(part: Part, rows: Rows) -> None:
    """Two calls find the wrong number dead; the borrower calls with the new one when the spell is over."""
    spell = part.story.spells["wrong_number"]
    end = spell.onset + spell.length
    of = np.full(len(part.who), -1, np.int64)
    of[spell.who] = np.arange(len(spell.who))
    which = of[part.loans.borrower]
    loan = np.flatnonzero(which >= 0)
    onset, end = spell.onset[which[loan]], end[which[loan]]
    last = part.plan.months - 1
    on_book = (onset <= last) & (part.month_ends.principal[loan, np.minimum(onset, last)] >= 0)
    loan, onset, end = loan[on_book], onset[on_book], end[on_book]
    for days in (17, 24):
        rows.add(loan=loan, on=part.calendar.starts[onset] + days, direction=OUT, outcome=INVALID)
    rows.add(loan=loan, on=part.calendar.starts[end] + 3, direction=IN, outcome=REACHED)


def number_in_use(part: Part, loan: Ints, on: Ints) -> Ints:
    """Number of the contact point of each call: the first, or the new one from the day it was given."""
    spell = part.story.spells["wrong_number"]
    changed = np.full(len(part.who), np.iinfo(np.int64).max)
    changed[spell.who] = part.calendar.starts[spell.onset + spell.length] + 3
    owner = part.loans.borrower[loan]
    return part.who.number[owner] * 2 + (on >= changed[owner])
