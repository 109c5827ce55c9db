"""Accidents of booking: debits returned and paid again, amounts booked twice, dues paid in two goes."""

from __future__ import annotations

import numpy as np

from book.sources.simulate.draws import Draws, Ints
from book.sources.simulate.ledger import AUTOPAY, POSTED, REVERSAL, SCHEDULED, TRANSFER, Ledger
from book.sources.simulate.plan import Plan
from book.sources.simulate.rows import Columns, take

RETURNED_SHARE = 0.005
TWICE_SHARE = 0.003
SPLIT_SHARE = 0.05


def with_incidents(plan: Plan, number: int, ledger: Ledger) -> Columns:
    """The ledger's payments and their accidents, sorted by loan and day.

    Adds `reverses` (position of the reversed row, -1 for none) and `booked_only` (1 where no money moved
    on the borrower's account).
    """
    draws = Draws(plan.seed, number, "incidents")
    rows = ledger.payments.columns()
    n = len(rows["loan"])
    rows["key"] = np.arange(n)
    rows["reverses"], rows["booked_only"] = np.full(n, -1), np.zeros(n, np.int64)
    u, days = draws.uniform(n), draws.whole(1, 4, n)
    plain = (rows["purpose"] == SCHEDULED) & (rows["status"] == POSTED)
    calm = plain & (ledger.version[rows["loan"]] == 1) & (_last(ledger, rows) == 0)
    returned = calm & (u < RETURNED_SHARE)
    twice = plain & (u >= RETURNED_SHARE) & (u < RETURNED_SHARE + TWICE_SHARE)
    split = calm & (rows["method"] == TRANSFER) & (rows["amount"] > 20_000) & (u > 1.0 - SPLIT_SHARE)
    rows = _split(rows, split, draws)
    extra = [
        _returned(rows, np.flatnonzero(returned), days, n),
        _twice(rows, np.flatnonzero(twice), days, n),
    ]
    rows = {name: np.concatenate([rows[name], *(block[name] for block in extra)]) for name in rows}
    order = np.lexsort((rows["key"], rows["on"], rows["loan"]))
    rows = take(rows, order)
    place = np.full(6 * n + 1, -1, np.int64)
    place[rows["key"]] = np.arange(len(order))
    rows["reverses"] = np.where(rows["reverses"] >= 0, place[rows["reverses"]], -1)
    return rows


def _last(ledger: Ledger, rows: Columns) -> Ints:
    """1 for rows within ten days of the loan's end, which stay as they are."""
    end = ledger.closed_on[rows["loan"]]
    return ((end >= 0) & (rows["on"] > end - 10)).astype(np.int64)


def _returned(rows: Columns, which: Ints, days: Ints, n: int) -> Columns:
    """A reversal after some days and, a day or two later, the payment again."""
    original = take(rows, which)
    back, again = dict(original), dict(original)
    back |= {"on": original["on"] + days[which], "status": np.full(len(which), REVERSAL)}
    back |= {"reverses": original["key"], "key": n + original["key"]}
    again |= {"on": back["on"] + 1 + days[which] % 2, "key": 2 * n + original["key"]}
    again |= {"method": np.where(original["method"] == AUTOPAY, TRANSFER, original["method"])}
    return {name: np.concatenate([back[name], again[name]]) for name in rows}


def _twice(rows: Columns, which: Ints, days: Ints, n: int) -> Columns:
    """The same money booked a second time, and the second booking reversed."""
    original = take(rows, which)
    ones = np.ones(len(which), np.int64)
    second, back = dict(original), dict(original)
    second |= {"key": 3 * n + original["key"], "booked_only": ones}
    back |= {"on": original["on"] + days[which], "status": ones * REVERSAL, "reverses": second["key"]}
    back |= {"key": 4 * n + original["key"], "booked_only": ones}
    return {name: np.concatenate([second[name], back[name]]) for name in rows}


def _split(rows: Columns, chosen: np.ndarray, draws: Draws) -> Columns:
    """Some dues are paid in two parts on the same day or two days apart, the first part earlier."""
    which = np.flatnonzero(chosen)
    part = np.rint(rows["amount"][which] * draws.between(0.3, 0.7, len(which)) / 100.0).astype(np.int64) * 100
    interest = np.minimum(rows["interest"][which], part)
    first = take(rows, which)
    first |= {"amount": part, "interest": interest, "on": first["on"] - draws.whole(0, 2, len(which))}
    rows = {name: values.copy() for name, values in rows.items()}
    rows["amount"][which] -= part
    rows["interest"][which] -= interest
    first["key"] = first["key"] + 5 * len(rows["key"])
    return {name: np.concatenate([values, first[name]]) for name, values in rows.items()}
