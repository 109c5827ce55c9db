"""What each row of an account statement is: kinds by category, side and sign, and rows that answer each other."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from book.tables import MISSING_MONEY
from features.compiled import compiled
from features.ledger import code

Ints = Any
KINDS = (
    *("inflow", "income", "outflow", "essential", "tax", "discretionary", "cash", "risky"),
    *("borrowed", "spending", "passed"),
)
"""Kinds that are summed: `borrowed` is loan money, `spending` outflow less loan repayments and usual payments."""
SALARY, PASSABLE, LEAVING, BALANCED = (1 << (len(KINDS) + i) for i in range(4))
"""Other marks; `BALANCED` rows give the balance of their account."""
OUTFLOW, SPENDING, PASSED = (1 << KINDS.index(name) for name in ("outflow", "spending", "passed"))
NOT_ANSWERED, USUAL = 127, 126
ANSWER_DAYS, USUAL_FROM, USUAL_TO = 2, 26, 35


class Statement(NamedTuple):
    """Account rows, each borrower's by day. `bits` are kinds and marks, `answer` the days until an inflow had left.

    An outflow whose payee got about as much a month before has the answer `USUAL`: it is no spending.
    """

    on: Ints
    amount: Ints
    balance: Ints
    account: Ints
    payer: Ints
    bits: Ints
    answer: Ints


def kinds_table() -> NDArray[np.int16]:
    """Bits of a row by sign (0 out, 1 in), counterparty_type + 1 and category + 1: int16 (2, 6, 16)."""
    table = np.zeros((2, 6, 16), np.int16)
    own = code("cashflow", "counterparty_type", "own", "related") + 1
    lender = code("cashflow", "counterparty_type", "lender")[0] + 1

    def of(*names: str) -> NDArray[np.int8]:
        return code("cashflow", "category", *names) + 1

    def mark(sign: int, kind: int, *names: str) -> None:
        table[sign][:, of(*names)] |= kind

    bit = {name: 1 << i for i, name in enumerate(KINDS)}
    lent = np.zeros((6, 16), bool)
    lent[:, of("loan_in")] = True
    lent[lender] = True
    lent[lender, of("salary", "business_income", "refund", "loan_repayment")] = False
    table[1][lent] = bit["borrowed"]
    handed_back = np.isin(np.arange(16), of("refund", "loan_repayment"))
    inflow = ~lent & ~handed_back
    table[1][inflow] |= bit["inflow"] | PASSABLE
    table[1][:, of("salary")] &= ~PASSABLE
    mark(1, bit["income"], "salary", "business_income")
    mark(1, SALARY, "salary")
    table[0][:, :] = bit["outflow"] | SPENDING | LEAVING
    table[0][:, of("refund")] = 0
    table[0][:, of("loan_repayment")] &= ~(SPENDING | LEAVING)
    table[0][:, of("essential")] &= ~LEAVING
    for name in ("essential", "tax", "discretionary", "cash"):
        mark(0, bit[name], name)
    mark(0, bit["risky"], "gambling", "securities")
    table[:, own] = 0
    return table


@compiled
def mark_rows(rows: Statement, side: Ints, category: Ints, table: Ints, at: Ints, since: Ints) -> None:
    """Fill `bits` and `answer` of the rows in the ranges `at` (n, 2); those before `since` (n,) are of no kind."""
    for s in range(len(at)):
        lo, hi = at[s, 0], at[s, 1]
        while lo < hi and rows.on[lo] < since[s] - USUAL_TO:
            rows.bits[lo], rows.answer[lo] = 0 if rows.balance[lo] == MISSING_MONEY else BALANCED, NOT_ANSWERED
            lo += 1
        for r in range(lo, hi):
            rows.bits[r] = 0 if rows.balance[r] == MISSING_MONEY else BALANCED
            if rows.amount[r] != 0:
                rows.bits[r] |= table[1 if rows.amount[r] > 0 else 0, side[r] + 1, category[r] + 1]
        before = lo
        for r in range(lo, hi):
            rows.answer[r] = NOT_ANSWERED
            if rows.bits[r] & PASSABLE:
                rows.answer[r] = answer_of(rows, r, lo, hi)
                if rows.answer[r] != NOT_ANSWERED:
                    rows.bits[r] |= PASSED
            elif rows.bits[r] & SPENDING and rows.payer[r] != 0:
                while rows.on[before] < rows.on[r] - USUAL_TO:
                    before += 1
                if was_paid_before(rows, r, before):
                    rows.bits[r] &= ~SPENDING
                    rows.answer[r] = USUAL


@compiled
def answer_of(rows: Statement, r: int, lo: int, hi: int) -> int:
    """Days until about as much as inflow r had left, NOT_ANSWERED where it had not within two."""
    a, q = rows.amount[r], r
    while q > lo and rows.on[q - 1] == rows.on[r]:
        q -= 1
    while q < hi and rows.on[q] <= rows.on[r] + ANSWER_DAYS:
        if rows.bits[q] & LEAVING and 20 * abs(a + rows.amount[q]) <= a:
            return int(rows.on[q] - rows.on[r])
        q += 1
    return NOT_ANSWERED


@compiled
def was_paid_before(rows: Statement, r: int, since: int) -> bool:
    """Whether the payee of outflow r got about as much 26 to 35 days before; `since` is the first row that may tell."""
    a, q = -rows.amount[r], since
    while q < r and rows.on[q] <= rows.on[r] - USUAL_FROM:
        if rows.payer[q] == rows.payer[r] and rows.bits[q] & OUTFLOW and 20 * abs(a + rows.amount[q]) <= a:
            return True
        q += 1
    return False
