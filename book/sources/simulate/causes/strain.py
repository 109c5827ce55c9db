"""How causes act on the monthly life of borrowers."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from book.sources.simulate.draws import Bools, Floats, Ints


@dataclass(frozen=True)
class Strain:
    """Monthly effects, arrays of shape (borrowers, months), written by the causes.

    `income` multiplies income; `salary_delay` days; `borrowed` and `repaid_elsewhere` are shares of
    normal monthly income got from and paid to other lenders; `gambled` a share of income; `habit` days
    added to the pay day of our dues; `will` scales the probability of paying us when the money is there;
    `technical` the probability that a debit fails for a technical reason; `payday_shift` days;
    `new_lenders` other lenders added in the month; `inquiries` further ones asked;
    `refinanced` marks old debts elsewhere taken over by a new lender. `moved_income` and `moved_money` are the
    shares of the income, and of the money held, that were taken from us to another bank. `sales` multiplies what
    a firm invoices, `pledge` the value of pledged things; `unreachable` is the probability that a call
    finds nobody behind the number.
    """

    income: Floats
    salary_delay: Ints
    borrowed: Floats
    repaid_elsewhere: Floats
    gambled: Floats
    habit: Floats
    will: Floats
    technical: Floats
    payday_shift: Ints
    new_lenders: Ints
    inquiries: Ints
    refinanced: Bools
    moved_income: Floats
    moved_money: Floats
    sales: Floats
    pledge: Floats
    unreachable: Floats

    @classmethod
    def none(cls, borrowers: int, months: int) -> Strain:
        """A life without trouble."""
        shape = (borrowers, months)
        return cls(
            income=np.ones(shape),
            salary_delay=np.zeros(shape, np.int64),
            borrowed=np.zeros(shape),
            repaid_elsewhere=np.zeros(shape),
            gambled=np.zeros(shape),
            habit=np.zeros(shape),
            will=np.ones(shape),
            technical=np.full(shape, 0.004),
            payday_shift=np.zeros(shape, np.int64),
            new_lenders=np.zeros(shape, np.int64),
            inquiries=np.zeros(shape, np.int64),
            refinanced=np.zeros(shape, np.bool_),
            moved_income=np.zeros(shape),
            moved_money=np.zeros(shape),
            sales=np.ones(shape),
            pledge=np.ones(shape),
            unreachable=np.full(shape, 0.03),
        )


@dataclass(frozen=True)
class Spell:
    """When a cause acts on each of its borrowers: arrays of shape (n,).

    `who` positions of borrowers, `onset` month of the window, `length` in months, `severity` in [0, 1].
    """

    who: Ints
    onset: Ints
    length: Ints
    severity: Floats

    def since(self, months: int) -> Ints:
        """Months since onset, shape (n, months); negative before it."""
        return np.arange(months)[None, :] - self.onset[:, None]

    def on(self, months: int) -> Bools:
        """True while the cause acts, shape (n, months)."""
        since = self.since(months)
        return (since >= 0) & (since < self.length[:, None])
