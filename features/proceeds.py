"""Where the money lent went: payouts, transfers that follow them, and what the accounts show in the 90 days after."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numba as nb
import numpy as np
from numpy.typing import NDArray

from book.dossiers import Rows
from book.tables import MISSING_DAY
from features.account_unseen import Unseen
from features.belonging import Belonging
from features.cash import Accounts
from features.feeds import AccountFeed
from features.history import MONTHS, History
from features.kept import kept
from features.ledger import code
from features.marks import marks
from features.measures import Values
from features.windows import locate

Ints = Any
Int = NDArray[np.int64]
DAYS = 90
RESTRICTED = ("securities", "real_estate", "wealth", "gambling")


@nb.njit(cache=True, nogil=True)
def _related(person: int, day: int, borrower: int, party: Ints, since: Ints, until: Ints, lo: int, hi: int) -> bool:
    """Whether `person` is the borrower or linked to him on `day` by rows [lo, hi) of the parties."""
    if person == borrower:
        return True
    for q in range(lo, hi):
        if party[q] == person and since[q] <= day and (until[q] == MISSING_DAY or until[q] >= day):
            return True
    return False


@nb.njit(cache=True, nogil=True)
def returned(
    on: Ints, hop: Ints, sender: Ints, receiver: Ints, amount: Ints, lo: Ints, hi: Ints, borrower: Ints,
    party: Ints, since: Ints, until: Ints, party_lo: Ints, party_hi: Ints,
) -> tuple[Ints, Ints]:  # fmt: skip
    """What came back by rows [lo, hi) of the trace, and what the borrower sent on at hop 1; minor units, (n,)."""
    n = len(lo)
    back, sent = np.zeros(n, np.int64), np.zeros(n, np.int64)
    for i in range(n):
        a, b = party_lo[i], party_hi[i]
        for q in range(lo[i], hi[i]):
            if hop[q] == 1 and sender[q] == borrower[i]:
                sent[i] += amount[q]
            if hop[q] != 1 and hop[q] != 2:
                continue
            if _related(receiver[q], on[q], borrower[i], party, since, until, a, b) and not _related(
                sender[q], on[q], borrower[i], party, since, until, a, b
            ):
                back[i] += amount[q]
    return back, sent


@nb.njit(cache=True, nogil=True)
def outflow(amount: Ints, kind: Ints, wanted: Ints, lo: Ints, hi: Ints, unit: Ints, unseen: Unseen) -> Ints:
    """Money that left by rows [lo, hi) that the `unit` (n,) sees and whose kind is marked in `wanted`, (n,)."""
    out, found = np.zeros(len(lo), np.int64), 0
    for i in range(len(lo)):
        if i == 0 or lo[i] != lo[i - 1] or hi[i] != hi[i - 1]:  # else it is the same loan on another day
            found = 0
            for q in range(lo[i], hi[i]):
                if amount[q] < 0 and wanted[kind[q]]:
                    found -= amount[q]
        out[i] = found
        for k in range(unseen.at[unit[i], 0], unseen.at[unit[i], 1]):
            q = unseen.row[k]
            if lo[i] <= q < hi[i] and amount[q] < 0 and wanted[kind[q]]:
                out[i] += amount[q]
    return out


class Proceeds(Belonging):
    """What is known of the use of each observation's loan."""

    def __init__(self, h: History) -> None:
        super().__init__(h)
        self.paid_out_on = h.of_loan("disbursed_on").astype(np.int64)

    @kept
    def judged(self) -> NDArray[np.bool_]:
        """Whether at least half of the 90 days has passed and the loan is seen from its start, (n,)."""
        return np.asarray((2 * (self.h.as_of - self.paid_out_on) >= DAYS) & ~self.h.observed_late)

    @kept
    def span(self) -> Int:
        """The day before the 90 days and their last day by as_of, (n, 2)."""
        span = np.empty((self.h.n, 2), np.int64)
        span[:, 0], span[:, 1] = self.paid_out_on - 1, np.minimum(self.paid_out_on + DAYS, self.h.as_of)
        return span

    @kept
    def payouts(self) -> Int:
        """Sum of the payouts recorded by as_of, minor units, (n,); 0 where there is none."""
        return self._paid(lambda rows: np.ones(len(rows["on"]), bool))

    def _paid(self, holds: Callable[[Rows], NDArray[np.bool_]]) -> Int:
        """Sum of the payouts that hold, minor units, (n,)."""
        rows = self.h.rows("disbursements")
        if rows is None:
            return np.zeros(self.h.n, np.int64)
        return self.h.dated("disbursements", "on").so_far(np.where(holds(rows), rows["amount"], 0))

    @kept
    def paid_out(self) -> Values:
        """Sum of the payouts, the amount lent where none is recorded; minor units, (n,)."""
        return np.where(self.payouts > 0, self.payouts, self.h.of_loan("principal")).astype(float)

    @kept
    def to_individuals(self) -> Int:
        """Payouts to persons, minor units, (n,)."""
        person = code("disbursements", "payee_type", "person")[0]
        return self._paid(lambda rows: rows["payee_type"] == person)

    @kept
    def unknown(self) -> Int:
        """Payouts to the borrower or to nobody named, less what the trace shows sent on; minor units, (n,)."""
        own = code("disbursements", "mode", "self")[0]
        given = self._paid(lambda rows: (rows["mode"] == own) | (rows["payee_id"] == 0))
        return np.maximum(given - self._trace[1], 0)

    @property
    def back(self) -> Values:
        """What came back to the borrower or a related party; minor units, NaN where the loan was not traced, (n,)."""
        back, _, traced = self._trace
        return np.where(traced, back, np.nan)

    @kept
    def _trace(self) -> tuple[Int, Int, NDArray[np.bool_]]:
        """What came back, what the borrower sent on, and whether any transfer of the loan is known, (n,)."""
        h, rows = self.h, self.h.rows("fund_trace")
        if rows is None:
            return np.zeros(h.n, np.int64), np.zeros(h.n, np.int64), np.zeros(h.n, bool)
        series = h.dated("fund_trace", "on")
        at = locate(series.days, series.at, series.segment, self.span)
        columns = (rows[c] for c in ("on", "hop", "from_id", "to_id", "amount"))
        back, sent = returned(*columns, at[:, 0], at[:, 1], borrower_numbers(h), *_parties(h))
        return back, sent, series.position[:, MONTHS] > series.first

    @kept
    def restricted(self) -> Values:
        """What left the accounts for uses that are not allowed; minor units, NaN where they are not seen, (n,)."""
        h, rows = self.h, self.h.rows("cashflow")
        if rows is None:
            return np.full(h.n, np.nan)
        accounts = h.once(Accounts)
        at = locate(accounts.statement.on, accounts.at, accounts.segment, self.span)
        wanted = marks("cashflow", "category", *RESTRICTED)
        columns = accounts.statement.amount, rows.shared["category"], wanted
        spent = outflow(*columns, at[:, 0], at[:, 1], accounts.unit, accounts.unseen)
        return np.where(2 * (h.once(AccountFeed).first_day - self.paid_out_on) <= DAYS, spent, np.nan)


def borrower_numbers(h: History) -> Int:
    """The borrower of each observation as person columns hold them: the first 8 bytes of the pseudonym, (n,)."""
    whole = bytes.fromhex("".join([borrower[:16] for borrower in h.dossiers.borrower_ids]))
    return np.frombuffer(whole, ">i8").astype(np.int64)[h.of_loan("borrower_id")]


def _parties(h: History) -> tuple[Any, Any, Any, Int, Int]:
    """Columns of the parties and each observation's range in them; empty without the table."""
    rows: Rows | None = h.rows("parties")
    if rows is None:
        none, nowhere = np.empty(0, np.int64), np.zeros(h.n, np.int64)
        return none, none, none, nowhere, nowhere
    series = h.dated("parties", "from")
    return rows["party_id"], rows["from"], rows["to"], series.first, series.position[:, MONTHS]
