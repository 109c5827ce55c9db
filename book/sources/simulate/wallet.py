"""Borrowers' money by month: income in, living and debts out, and what is left when our due comes."""

from __future__ import annotations

import numpy as np

from book.sources.simulate.causes import Strain
from book.sources.simulate.draws import Bools, Draws, Ints, cents
from book.sources.simulate.macro import Macro
from book.sources.simulate.people import People
from book.sources.simulate.plan import Plan

MONTHLY = (
    *("income", "essential", "discretionary", "elsewhere", "borrowed", "gambled"),
    *("shock", "help", "own_in", "tax", "opening", "drawn"),
)


class Wallet:
    """Liquid money of the borrowers of one part, minor units.

    `months[name]` has shape (borrowers, months) and is what the account statements are later made of.
    """

    def __init__(self, plan: Plan, part: int, who: People, strain: Strain, economy: Macro, proceeds: Ints) -> None:
        draws = Draws(plan.seed, part, "wallet")
        shape = (len(who), plan.months)
        self.who, self.strain, self.proceeds = who, strain, proceeds
        base = who.income[:, None]
        self.base = who.income
        noise = 1.0 + np.where(who.firm, 0.14, 0.035)[:, None] * draws.bell(*shape)
        income = cents(base * strain.income * economy.income[None, :] * noise)
        has_debt = draws.chance(0.4, shape[0])
        usual = np.where(has_debt, draws.between(0.03, 0.11, shape[0]), 0.0)[:, None]
        thrift = np.where(strain.income < 0.75, 0.72, 1.0)
        self.months: dict[str, Ints] = {name: np.zeros(shape, np.int64) for name in MONTHLY}
        self.months["income"] = np.maximum(income, 0)
        self.months["essential"] = cents(base * who.essential[:, None] * thrift * draws.between(0.93, 1.07, *shape))
        self.months["elsewhere"] = cents(base * (usual + strain.repaid_elsewhere))
        self.months["borrowed"] = cents(base * strain.borrowed / 10_000.0) * 10_000
        self.months["gambled"] = cents(base * strain.gambled)
        self.months["tax"] = np.where(who.firm[:, None], cents(self.months["income"] * 0.03), 0)
        shock = draws.chance(0.022, *shape) * draws.between(0.3, 2.2, *shape)
        self.months["shock"] = cents(base * shock)
        self.usual_elsewhere = cents(self.base * usual[:, 0])
        self.elsewhere_day = draws.whole(1, 28, shape[0])
        self.payday = np.clip(who.payday[:, None] + strain.payday_shift, 1, 28) + strain.salary_delay
        self.target = cents(self.base * who.buffer)
        self.balance = cents(self.target * draws.between(0.6, 1.4, shape[0]))
        self._mood = draws.between(0.85, 1.15, *shape)
        self.short_elsewhere = np.zeros(shape, np.bool_)

    def open(self, t: int) -> None:
        """Start month t: what must be paid before our due, and whether lenders elsewhere are served."""
        m = self.months
        m["opening"][:, t] = self.balance
        free = self.balance + m["income"][:, t] + m["borrowed"][:, t] + self.proceeds[:, t] - m["tax"][:, t]
        free = free + m["drawn"][:, t]
        free = free - m["essential"][:, t]
        m["gambled"][:, t] = np.clip(m["gambled"][:, t], 0, np.maximum(free, 0))
        free = free - m["gambled"][:, t]
        m["shock"][:, t] = np.clip(m["shock"][:, t], 0, np.maximum(free, 0))
        free = free - m["shock"][:, t]
        short = m["elsewhere"][:, t] > np.maximum(free, 0)
        self.short_elsewhere[:, t] = short
        grabbed = cents(0.8 * np.maximum(free, 0))  # lenders elsewhere debit what they can
        m["elsewhere"][:, t] = np.where(short, np.minimum(m["elsewhere"][:, t], grabbed), m["elsewhere"][:, t])
        self.at_end = free - m["elsewhere"][:, t]
        self.paid = np.zeros(len(self.base), np.int64)

    def at_due(self, rows: Ints, due_day: Ints, t: int) -> Ints:
        """Money on the account on the due day, before our due is paid."""
        m = {name: values[rows, t] for name, values in self.months.items()}
        share = due_day / 30.0
        came = np.where(
            self.payday[rows, t] <= due_day,
            m["income"],
            np.where(self.who.firm[rows], share, 0.0) * m["income"],
        )
        spent = (m["essential"] + m["gambled"] + m["shock"]) * share
        repaid = np.where(self.elsewhere_day[rows] <= due_day, m["elsewhere"], 0)
        early = m["borrowed"] + m["drawn"] + self.proceeds[rows, t]
        return cents(self.balance[rows] + came + early - spent - repaid) - self.paid[rows]

    def left(self, rows: Ints) -> Ints:
        """Money left at the month's end once living and other debts are paid, before leisure."""
        return self.at_end[rows] - self.paid[rows]

    def pay(self, rows: Ints, amount: Ints) -> None:
        """Money goes to us."""
        np.add.at(self.paid, rows, amount)

    def save(self, rows: Ints, amount: Ints, t: int) -> None:
        """Money comes from the borrower's own savings elsewhere."""
        np.add.at(self.months["own_in"][:, t], rows, amount)
        np.add.at(self.at_end, rows, amount)

    def close(self, t: int, in_arrears: Bools) -> None:
        """End month t: leisure takes what is above the buffer; family helps where the money ran out."""
        left = self.at_end - self.paid
        wish = (left - self.target) * 0.55 + self.base * 0.05
        treat = cents(0.75 * self.months["borrowed"][:, t])
        wish = np.where(in_arrears, self.base * 0.04, np.clip(wish, self.base * 0.05, self.base * 0.9)) + treat
        spent = np.clip(cents(wish * self._mood[:, t]), 0, np.maximum(left, cents(self.base * 0.02)))
        self.months["discretionary"][:, t] = spent
        left = left - spent
        self.months["help"][:, t] = np.maximum(-left, 0)
        self.balance = np.maximum(left, 0)
