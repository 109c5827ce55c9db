"""Where borrowers bank: which rows of their statement lie on an account here, which elsewhere, and what is moved."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from book.sources.simulate.counterparties import OWN, OWN_ACCOUNT, own_counterparty
from book.sources.simulate.draws import Bools, Draws, Floats, Ints, cents
from book.sources.simulate.part import Part
from book.sources.simulate.people import BOTH, ONLY_ELSEWHERE
from book.sources.simulate.rows import Columns

SWITCHING = ("moved_away", "second_bank")  # who is struck by these has an account elsewhere as well
ROUND = 10_000  # transfers between own accounts are in whole hundreds
LEAST_MOVED = 50_000
FIRMS_MOVE_ON = 16


@dataclass(frozen=True)
class Banking:
    """How the borrowers of a part use an account here and one elsewhere.

    `both` (borrowers,) marks those with two accounts, `single` (borrowers,) says of the others whether theirs is
    elsewhere. Of those with two: `income` and `kept` (borrowers, months) are the shares of the income that comes in,
    and of the money that is held, elsewhere; `spent` (borrowers,) the share of spending paid from there.
    """

    both: Bools
    single: Bools
    income: Floats
    kept: Floats
    spent: Floats

    def opening_elsewhere(self, opening: Ints, first: Ints) -> Ints:
        """What of `opening` lies elsewhere when the feed begins in month `first`; all shaped (borrowers,)."""
        return cents(opening * np.where(self.both, self.kept[np.arange(len(first)), first], self.single))


def banking(part: Part) -> Banking:
    """The habits of a part's borrowers, and how the causes change them; the same whoever asks."""
    who, strain = part.who, part.story.strain
    draws, n = Draws(part.plan.seed, part.number, "banks"), len(part.who)
    struck = np.zeros(n, np.bool_)
    for name in SWITCHING:
        struck[part.story.spells[name].who] = True
    way, some = draws.uniform(n), draws.between(0.15, 0.5, n)
    salary = np.where(way < 0.55, 0.0, np.where(way < 0.85, some, 1.0))
    income = np.where(who.firm, some, salary) * np.where(struck, 0.3, 1.0)
    kept = draws.between(0.15, 0.55, n) + 0.2 * income
    return Banking(
        both=(who.banks == BOTH) | struck,
        single=who.banks == ONLY_ELSEWHERE,
        income=income[:, None] + (1.0 - income)[:, None] * strain.moved_income,
        kept=kept[:, None] + (0.92 - kept)[:, None] * strain.moved_money,
        spent=draws.between(0.1, 0.6, n),
    )


def banked(part: Part, rows: Columns, month: Ints, first: Ints, incomes: tuple[int, int], transfer: int) -> Columns:
    """The rows with a column `elsewhere` (0 or 1), salaries paid to two accounts in two rows, and own transfers.

    `month` is that of each row, `first` (borrowers,) the first of the feed; `incomes` are the codes of salary and
    business income, `transfer` that of transfers. Rows with `ours` are money of our loans: it moves here.
    """
    habits, salary = banking(part), incomes[0]
    draws = Draws(part.plan.seed, part.number, "banked")
    two = habits.both[rows["who"]]
    at = np.flatnonzero(two)
    share = np.where(
        np.isin(rows["category"][at], incomes),
        habits.income[rows["who"][at], month[at]],
        habits.spent[rows["who"][at]] * (rows["ours"][at] == 0),
    )
    elsewhere = habits.single[rows["who"]].astype(np.int64)
    elsewhere[at] = draws.uniform(len(at)) < share
    split = at[(rows["category"][at] == salary) & (share < 1.0)]
    away = cents(rows["amount"][split] * habits.income[rows["who"][split], month[split]] / 100.0) * 100
    elsewhere[split] = 0
    rows = rows | {"elsewhere": elsewhere, "amount": rows["amount"].copy()}
    rows["amount"][split] -= away
    also = {name: values[split] for name, values in rows.items()} | {"amount": away, "elsewhere": np.ones_like(away)}
    some = away > 0
    rows = {name: np.concatenate([values, also[name][some]]) for name, values in rows.items()}
    month = np.concatenate([month, month[split[some]]])
    moved = _moved(part, habits, rows, month, first)
    moved["category"] = np.full(len(moved["who"]), transfer)
    return {name: np.concatenate([values, moved[name]]) for name, values in rows.items()}


def _moved(part: Part, habits: Banking, rows: Columns, month: Ints, first: Ints) -> Columns:
    """Transfers, once a month after the income, that bring what lies elsewhere to the share kept there."""
    owner: Ints = np.flatnonzero(habits.both)
    net, away = _net(part, habits, rows, month, owner)
    opening = part.wallet.months["opening"][np.arange(len(first)), first]
    total: Ints = opening[owner]
    held: Ints = habits.opening_elsewhere(opening, first)[owner]
    seen = net != 0
    moves = np.zeros_like(net)
    for t in range(part.plan.months):
        total, held = total + net[:, t], held + away[:, t]
        target = habits.kept[owner, t] * np.maximum(total, 0)
        move = cents((target - held) / ROUND) * ROUND
        moves[:, t] = np.where(seen[:, t] & (np.abs(move) >= LEAST_MOVED), move, 0)
        held = held + moves[:, t]
    at, in_month = np.nonzero(moves)
    who, amount = owner[at], moves[at, in_month]
    payday = np.minimum(part.wallet.payday[who, in_month] + 1, 28)
    on = part.calendar.starts[in_month] + np.where(part.who.firm[who], FIRMS_MOVE_ON, payday) - 1
    other = own_counterparty(part.who, who, OWN_ACCOUNT)
    legs = {"who": who, "on": on, "other": other, "side": np.full(len(who), OWN), "ours": np.zeros_like(who)}
    both = {name: np.concatenate([values, values]) for name, values in legs.items()}
    elsewhere = np.repeat([1, 0], len(who))
    return both | {"amount": np.concatenate([amount, -amount]), "elsewhere": elsewhere}


def _net(part: Part, habits: Banking, rows: Columns, month: Ints, owner: Ints) -> tuple[Ints, Ints]:
    """What comes less what goes by month, in all and elsewhere, of the borrowers `owner`; (owners, months) each."""
    place = np.full(len(part.who), -1, np.int64)
    place[owner] = np.arange(len(owner))
    at = np.flatnonzero(habits.both[rows["who"]])
    key = (place[rows["who"][at]], month[at])
    net = np.zeros((len(owner), part.plan.months), np.int64)
    away = np.zeros_like(net)
    np.add.at(net, key, rows["amount"][at])
    np.add.at(away, key, rows["amount"][at] * rows["elsewhere"][at])
    return net, away
