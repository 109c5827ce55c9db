"""The disbursements table: the payout of each loan, to the borrower or to the seller, and draws on credit lines."""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from book.sources import arrow
from book.sources.simulate.counterparties import FIRM, MERCHANTS, NOBODY, OWN, SIDES
from book.sources.simulate.draws import Draws
from book.sources.simulate.extract import listed
from book.sources.simulate.lines import CASH
from book.sources.simulate.part import Part
from book.sources.simulate.postings import in_extract, posted
from book.sources.simulate.rows import Columns, Rows, take
from book.sources.simulate.traces import first_payee, is_entrusted

MODES = ("entrusted", "self")


def table(part: Part) -> pa.Table:
    """Payouts sorted by loan and day; the purchase contract's quantity where goods are bought for a firm."""
    draws = Draws(part.plan.seed, part.number, "table disbursements")
    rows = _paid_out(part, draws)
    rows = take(rows, np.lexsort((rows["on"], rows["loan"])))
    number = part.number * 10**7 + np.arange(len(rows["loan"]))
    day = np.minimum(rows["on"], part.calendar.last_day + 1)
    known_at = posted(part.plan, part.calendar, draws, day, 5)
    keep = in_extract(part.calendar, day, known_at) & listed(part)[rows["loan"]]
    rows = take(rows, keep)
    no_goods = rows["use"] == 0
    return pa.table(
        {
            "disbursement_id": arrow.ids("D", number[keep], 12),
            "loan_id": arrow.ids_of("L", rows["loan"], part.loans.number),
            "on": arrow.dates(rows["on"]),
            "amount": arrow.money(rows["amount"]),
            "mode": arrow.words(rows["mode"], MODES),
            "payee_id": arrow.ids("C", rows["payee"], 10, rows["payee"] < 0),
            "payee_type": arrow.words(rows["side"], SIDES),
            "contract_qty": arrow.numbers(rows["quantity"] / 10.0, no_goods),
            "annual_use": arrow.numbers(rows["use"] / 10.0, no_goods),
            "posted_at": arrow.stamps(known_at[keep]),
            "source": arrow.constant("simulator", len(rows["loan"])),
        }
    )


def _paid_out(part: Part, draws: Draws) -> Columns:
    loans, rows = part.loans, Rows("loan", "on", "amount", "mode", "payee", "side", quantity=0, use=0)
    loan = np.flatnonzero(~part.ledger.line)
    payee, side, diverted = first_payee(part)
    entrusted = is_entrusted(part)[loan]
    goods = entrusted & part.who.firm[loans.borrower[loan]]
    use = draws.whole(200, 20_000, len(loan))
    share = np.where(diverted[loan], draws.between(1.2, 4.0, len(loan)), draws.between(0.2, 0.9, len(loan)))
    rows.add(
        loan=loan, on=part.ledger.disbursed_on[loan], amount=loans.principal[loan], mode=(~entrusted).astype(np.int64),
        payee=np.where(entrusted, payee[loan], NOBODY), side=np.where(entrusted, side[loan], OWN),
        use=np.where(goods, use, 0), quantity=np.where(goods, np.floor(use * share), 0),
    )  # fmt: skip
    drawn = part.drawn
    cash = drawn["kind"] == CASH
    rows.add(
        loan=drawn["loan"], on=drawn["on"], amount=drawn["amount"], mode=MODES.index("self") * cash,
        payee=np.where(cash, NOBODY, MERCHANTS + drawn["loan"] % 400), side=np.where(cash, OWN, FIRM),
    )  # fmt: skip
    return rows.columns()
