"""The way of the proceeds as the lender can follow it, transfer by transfer."""

from __future__ import annotations

import numpy as np

from book.sources.simulate.counterparties import (
    AFFILIATE,
    PAYEE,
    RELATED,
    US,
    has_affiliate,
    of_proceeds,
    own_counterparty,
)
from book.sources.simulate.draws import Bools, Draws, Ints
from book.sources.simulate.lending import CAR, EQUIPMENT, WORKING_CAPITAL
from book.sources.simulate.part import Part
from book.sources.simulate.proceeds import PASSED_ON, REFUNDED, RETURNED, SPECULATED, SPENT
from book.sources.simulate.rows import Columns, Rows, take

ENTRUSTED = (CAR, EQUIPMENT, WORKING_CAPITAL)
BORROWER_ITSELF = 0  # stands for the borrower among numbers of counterparties


def is_entrusted(part: Part) -> Bools:
    """Loans paid out to the seller, shape (loans,)."""
    return np.isin(part.loans.product, ENTRUSTED)


def first_payee(part: Part) -> tuple[Ints, Ints, Bools]:
    """Number and side of who first gets the money of each loan, and whether it is a false seller, shape (loans,)."""
    rows = take(part.proceeds, np.isin(part.proceeds["kind"], (SPENT, PASSED_ON)))
    number, side = of_proceeds(part.who, part.loans, rows)
    shape = len(part.loans)
    payee, kind, diverted = np.zeros(shape, np.int64), np.zeros(shape, np.int64), np.zeros(shape, np.bool_)
    payee[rows["loan"]], kind[rows["loan"]] = number, side
    diverted[rows["loan"][rows["kind"] == PASSED_ON]] = True
    return payee, kind, diverted


def trace(part: Part, draws: Draws) -> Columns:
    """Transfers (loan, hop, sender, receiver, on, amount); the lender cannot follow all of them, and no cash."""
    rows = Rows("loan", "hop", "sender", "receiver", "on", "amount")
    entrusted = is_entrusted(part)
    loan = np.flatnonzero(~part.ledger.line)
    payee = first_payee(part)[0]
    receiver = np.where(entrusted, payee, BORROWER_ITSELF)[loan]
    amount, on = part.loans.principal[loan], part.ledger.disbursed_on[loan]
    rows.add(loan=loan, hop=0, sender=US, receiver=receiver, on=on, amount=amount)
    _spent(part, draws, rows, entrusted)
    _came_back(part, draws, rows, entrusted)
    return rows.columns()


def _spent(part: Part, draws: Draws, rows: Rows, entrusted: Bools) -> None:
    moved = part.proceeds
    out = np.isin(moved["kind"], (SPENT, PASSED_ON, SPECULATED)) & ~entrusted[moved["loan"]] & (moved["amount"] < 0)
    moved = take(moved, out & (draws.uniform(len(out)) < 0.93))
    receiver = of_proceeds(part.who, part.loans, moved)[0]
    rows.add(
        loan=moved["loan"], hop=1, sender=BORROWER_ITSELF, receiver=receiver, on=moved["on"], amount=-moved["amount"]
    )


def _came_back(part: Part, draws: Draws, rows: Rows, entrusted: Bools) -> None:
    """Returns, through the borrower's other firm where there is one, which passes them on a day later."""
    moved = part.proceeds
    back = np.isin(moved["kind"], (RETURNED, REFUNDED))
    moved = take(moved, back & (draws.uniform(len(back)) < 0.88))
    owner, loan = moved["borrower"], moved["loan"]
    number, side = of_proceeds(part.who, part.loans, moved)
    sender = np.where(moved["kind"] == RETURNED, own_counterparty(part.who, owner, PAYEE), number)
    round_about = (moved["kind"] == RETURNED) & has_affiliate(part.who, owner) & (side == RELATED)
    affiliate = own_counterparty(part.who, owner, AFFILIATE)
    hop = np.where(entrusted[loan], 1, 2)
    receiver = np.where(round_about, affiliate, BORROWER_ITSELF)
    rows.add(loan=loan, hop=hop, sender=sender, receiver=receiver, on=moved["on"] - round_about, amount=moved["amount"])
    some = np.flatnonzero(round_about)
    rows.add(
        loan=loan[some], hop=hop[some] + 1, sender=affiliate[some], receiver=BORROWER_ITSELF,
        on=moved["on"][some], amount=moved["amount"][some],
    )  # fmt: skip
