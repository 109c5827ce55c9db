"""The invoices table: what firms sell and buy, and what they bought with the loan."""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from book.sources import arrow
from book.sources.simulate.accounts import LEAD_MONTHS
from book.sources.simulate.business import LEAD, business
from book.sources.simulate.counterparties import (
    FIRST_CUSTOMER,
    LAST_CUSTOMER,
    MERCHANTS,
    NOBODY,
    of_proceeds,
    own_counterparty,
)
from book.sources.simulate.draws import Draws, cents
from book.sources.simulate.extract import listed
from book.sources.simulate.part import Part
from book.sources.simulate.postings import in_extract, posted
from book.sources.simulate.proceeds import SPENT
from book.sources.simulate.rows import Columns, Rows, take

DIRECTIONS = ("sale", "purchase")
SALE, PURCHASE = range(2)
STATES = ("issued", "cancelled")
SALES_A_MONTH, PURCHASES_A_MONTH = 3, 1
COST_SHARE = 0.55
SUPPLIERS = MERCHANTS + 6000


def table(part: Part) -> pa.Table:
    """Invoices sorted by firm and day, from six months before the first loan on."""
    draws = Draws(part.plan.seed, part.number, "table invoices")
    rows = Rows("who", "on", "amount", "direction", "other", "loan", "known")
    _by_month(part, draws, rows)
    _of_loans(part, rows)
    columns = rows.columns()
    columns = take(columns, np.lexsort((columns["amount"], columns["direction"], columns["on"], columns["who"])))
    number = part.number * 10**7 + np.arange(len(columns["who"]))
    day = np.minimum(np.maximum(columns["on"], columns["known"]), part.calendar.last_day + 1)
    known_at = posted(part.plan, part.calendar, draws, day)
    state = draws.chance(0.01, len(day)).astype(np.int64)
    keep = in_extract(part.calendar, day, known_at)
    return _written(part, take(columns | {"number": number, "known_at": known_at, "state": state}, keep))


def _by_month(part: Part, draws: Draws, rows: Rows) -> None:
    firms = business(part)
    month = np.arange(part.plan.months)[None, :]
    first = np.searchsorted(part.calendar.starts, firms.known_from, side="right") - 1
    firm, month = np.nonzero((month >= first[:, None] - LEAD_MONTHS) & (month >= 0))
    total, n = firms.sales[firm, LEAD + month], len(firm)
    for direction, pieces in ((SALE, SALES_A_MONTH), (PURCHASE, PURCHASES_A_MONTH)):
        left = total if direction == SALE else cents(total * COST_SHARE * draws.between(0.8, 1.2, n))
        for piece in range(pieces, 0, -1):
            amount = left if piece == 1 else np.floor(left / piece * draws.between(0.6, 1.4, n)).astype(np.int64)
            left = left - amount
            customer = own_counterparty(part.who, firms.who[firm], draws.whole(FIRST_CUSTOMER, LAST_CUSTOMER, n))
            supplier = SUPPLIERS + (part.who.number[firms.who[firm]] * 3 + draws.whole(0, 2, n)) % 900
            rows.add(
                who=firms.who[firm], on=part.calendar.starts[month] + draws.whole(0, 27, n), amount=amount,
                direction=direction, other=customer if direction == SALE else supplier, loan=NOBODY,
                known=firms.known_from[firm],
            )  # fmt: skip


def _of_loans(part: Part, rows: Rows) -> None:
    """What was bought with a firm's loan, where it was spent as agreed."""
    moved = part.proceeds
    spent = (moved["kind"] == SPENT) & part.who.firm[moved["borrower"]] & listed(part)[moved["loan"]]
    moved = take(moved, spent)
    seller = of_proceeds(part.who, part.loans, moved)[0]
    rows.add(
        who=moved["borrower"], on=moved["on"], amount=-moved["amount"], direction=PURCHASE, other=seller,
        loan=moved["loan"], known=moved["on"],
    )  # fmt: skip


def _written(part: Part, rows: Columns) -> pa.Table:
    n, no_loan = len(rows["who"]), rows["loan"] < 0
    return pa.table(
        {
            "invoice_id": arrow.ids("V", rows["number"], 12),
            "borrower_id": arrow.ids_of("B", rows["who"], part.who.number),
            "direction": arrow.words(rows["direction"], DIRECTIONS),
            "issued_on": arrow.dates(rows["on"]),
            "amount": arrow.money(rows["amount"]),
            "counterparty_id": arrow.ids("C", rows["other"], 10),
            "loan_id": arrow.ids("L", part.loans.number[np.maximum(rows["loan"], 0)], missing=no_loan),
            "status": arrow.words(rows["state"], STATES),
            "posted_at": arrow.stamps(rows["known_at"]),
            "source": arrow.constant("simulator", n),
        }
    )
