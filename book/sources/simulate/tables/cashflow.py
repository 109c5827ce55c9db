"""The cashflow table: the borrowers' account statements, each account with its running balance."""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from book.sources import arrow
from book.sources.simulate.accounts import CATEGORIES, feed, statement
from book.sources.simulate.banks import banking
from book.sources.simulate.counterparties import SIDES
from book.sources.simulate.draws import Draws, Ints
from book.sources.simulate.part import Part
from book.sources.simulate.postings import in_extract, posted
from book.sources.simulate.rows import Columns, take


def table(part: Part) -> pa.Table:
    """Rows sorted by borrower and day, money in before money out within a day."""
    draws = Draws(part.plan.seed, part.number, "table cashflow")
    rows = statement(part, draws)
    key = (rows["who"] * 100_000 + rows["on"]) * 2 + (rows["amount"] < 0)
    rows = take(rows, np.argsort(key, kind="stable"))
    balance = _balance(part, rows)
    number = part.number * 10**8 + np.arange(len(balance))
    day = np.minimum(rows["on"], part.calendar.last_day + 1)
    known_at = posted(part.plan, part.calendar, draws, day)
    keep = np.flatnonzero(in_extract(part.calendar, day, known_at))
    rows = take(rows, keep)
    n, accounts = len(keep), np.repeat(part.who.number * 2, 2) + np.tile([0, 1], len(part.who))
    return pa.table(
        {
            "txn_id": arrow.ids("T", number[keep], 13),
            "borrower_id": arrow.ids_of("B", rows["who"], part.who.number),
            "account_id": arrow.ids_of("A", rows["who"] * 2 + rows["elsewhere"], accounts),
            "booked_on": arrow.dates(rows["on"]),
            "amount": arrow.money(rows["amount"]),
            "balance_after": arrow.money(balance[keep]),
            "category": arrow.words(rows["category"], CATEGORIES),
            "counterparty_id": arrow.ids("C", rows["other"], 10, rows["other"] < 0),
            "counterparty_type": arrow.words(rows["side"], SIDES),
            "held_here": arrow.flags(rows["elsewhere"] == 0),
            "categoriser_version": arrow.constant("1", n),
            "posted_at": arrow.stamps(known_at[keep]),
            "source": arrow.constant("simulator", n),
        }
    )


def _balance(part: Part, rows: Columns) -> Ints:
    """Balance of the row's account after each row, from what the borrower held there when the feed began."""
    account = rows["who"] * 2 + rows["elsewhere"]
    first = feed(part).first
    opening = part.wallet.months["opening"][np.arange(len(first)), first]
    elsewhere = banking(part).opening_elsewhere(opening, first)
    held = np.stack([opening - elsewhere, elsewhere], axis=1).ravel()
    order = np.argsort(account, kind="stable")
    running = np.concatenate([[0], np.cumsum(rows["amount"][order])])
    start = np.searchsorted(account[order], np.arange(len(held)))
    balance = np.empty(len(account), np.int64)
    balance[order] = running[1:] + (held - running[start])[account[order]]
    return balance
