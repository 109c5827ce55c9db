"""Account statement rows from monthly amounts: who, when, how much, of what kind, with whom."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from book.sources.simulate.banks import banked
from book.sources.simulate.counterparties import (
    EMPLOYERS,
    FAMILY,
    FIRM,
    FIRST_CUSTOMER,
    LAST_CUSTOMER,
    LENDER,
    LENDERS,
    MERCHANTS,
    OWN,
    OWN_ACCOUNT,
    PERSON,
    US,
    of_proceeds,
    own_counterparty,
)
from book.sources.simulate.draws import Draws, Ints
from book.sources.simulate.ledger import BORROWER, FAILED, POSTED
from book.sources.simulate.lines import CASH
from book.sources.simulate.part import Part
from book.sources.simulate.proceeds import (
    PAID_OUT,
    PASSED_ON,
    REFUNDED,
    RETURNED,
    SPECULATED,
    SPENT,
    WITHDRAWN,
)
from book.sources.simulate.rows import Columns, Rows, take

CATEGORIES = (
    *("salary", "business_income", "transfer", "loan_in", "loan_repayment", "refund", "cash"),
    *("essential", "discretionary", "tax", "securities", "gambling", "other"),
)
_CATEGORY_OF = {
    PAID_OUT: "loan_in",
    SPENT: "other",
    PASSED_ON: "transfer",
    RETURNED: "transfer",
    REFUNDED: "refund",
    SPECULATED: "securities",
    WITHDRAWN: "cash",
}
LEAD_MONTHS = 6
TAIL_MONTHS = 2


@dataclass(frozen=True)
class Feed:
    """Months [first, last] for which the lender gets each borrower's account rows, shape (borrowers,)."""

    first: Ints
    last: Ints


def feed(part: Part) -> Feed:
    """From six months before the first loan until two months after the last one ended."""
    loans, months = part.loans, part.plan.months
    first = np.full(len(part.who), months, np.int64)
    np.minimum.at(first, loans.borrower, loans.month)
    ended = part.ledger.closed_on
    month = np.searchsorted(part.calendar.starts, ended, side="right") - 1 + TAIL_MONTHS
    last = np.zeros(len(part.who), np.int64)
    np.maximum.at(last, loans.borrower, np.where(ended < 0, months - 1, month))
    return Feed(np.maximum(first - LEAD_MONTHS, 0), np.minimum(last, months - 1))


class Statement:
    """Collects the account rows of one part."""

    def __init__(self, part: Part, draws: Draws) -> None:
        self.part, self.draws, self.feed = part, draws, feed(part)
        month = np.arange(part.plan.months)[None, :]
        self.seen = (month >= self.feed.first[:, None]) & (month <= self.feed.last[:, None])
        self.rows = Rows("who", "on", "amount", "category", "other", "side", ours=0)

    def monthly(
        self, name: str, sign: int, category: str, side: int, pieces: int = 1,
        first: int = 1, last: int = 28, owned: int | None = None, other: int = 0, choices: int = 1,
    ) -> None:  # fmt: skip
        """Rows of one kind of monthly amount, in `pieces` on random days from `first` to `last`.

        The counterparty is one of the borrower's own (`owned`), or one of `choices` from `other` on.
        """
        total = self.part.wallet.months[name]
        who, month = np.nonzero(self.seen & (total != 0))
        for amount in self.pieces(total[who, month], pieces):
            day = self.draws.whole(first, last, len(who))
            pick = self.draws.whole(0, choices - 1, len(who))
            self.add(who, month, day, sign * amount, category, side, self._counterparty(who, pick, owned, other))

    def add(self, who: Ints, month: Ints, day: Ints, amount: Ints, category: str, side: int, other: Ints) -> None:
        """Rows on a day (from 1; past the month's end runs on) of a month."""
        on = self.part.calendar.starts[month] + day - 1
        self.rows.add(who=who, on=on, amount=amount, category=CATEGORIES.index(category), other=other, side=side)

    def _counterparty(self, who: Ints, pick: Ints, owned: int | None, other: int) -> Ints:
        if owned is None:
            return other + pick
        return own_counterparty(self.part.who, who, owned + pick)

    def pieces(self, total: Ints, pieces: int) -> list[Ints]:
        """Each total in so many uneven whole pieces; a list of arrays of its shape."""
        weights = [self.draws.between(0.4, 1.6, len(total)) for _ in range(pieces)]
        whole = weights[0]
        for weight in weights[1:]:
            whole = whole + weight
        parts = [np.floor(total * weight / whole).astype(np.int64) for weight in weights[1:]]
        return [total - sum(parts), *parts]


def statement(part: Part, draws: Draws) -> Columns:
    """All account rows of a part within its feed, unsorted."""
    book = Statement(part, draws)
    _income(book)
    _living(book)
    _debts(book)
    _proceeds(book)
    _repayments(book)
    rows = book.rows.columns()
    month = np.searchsorted(part.calendar.starts, rows["on"], side="right") - 1
    seen = (month >= book.feed.first[rows["who"]]) & (month <= book.feed.last[rows["who"]])
    rows = {name: values[seen] for name, values in rows.items()}
    incomes = CATEGORIES.index("salary"), CATEGORIES.index("business_income")
    return banked(part, rows, month[seen], book.feed.first, incomes, CATEGORIES.index("transfer"))


def _income(book: Statement) -> None:
    part = book.part
    income = part.wallet.months["income"]
    person = book.seen & ~part.who.firm[:, None] & (income > 0)
    who, month = np.nonzero(person)
    employer = EMPLOYERS + part.who.employer[who]
    book.add(who, month, part.wallet.payday[who, month], income[who, month], "salary", FIRM, employer)
    total = np.where(part.who.firm[:, None], income, 0)
    who, month = np.nonzero(book.seen & (total > 0))
    for amount in book.pieces(total[who, month], 4):
        day, customer = book.draws.whole(1, 28, len(who)), book.draws.whole(FIRST_CUSTOMER, LAST_CUSTOMER, len(who))
        book.add(who, month, day, amount, "business_income", FIRM, own_counterparty(part.who, who, customer))
    book.monthly("tax", -1, "tax", FIRM, first=10, last=15, other=2)


def _living(book: Statement) -> None:
    book.monthly("essential", -1, "essential", FIRM, pieces=4, other=MERCHANTS, choices=400)
    book.monthly("discretionary", -1, "discretionary", FIRM, pieces=5, other=MERCHANTS + 400, choices=2000)
    book.monthly("gambled", -1, "gambling", FIRM, pieces=2, other=MERCHANTS + 3000, choices=12)
    book.monthly("shock", -1, "other", FIRM, other=MERCHANTS + 3100, choices=60)
    book.monthly("help", 1, "transfer", PERSON, first=20, owned=FAMILY)
    book.monthly("own_in", 1, "transfer", OWN, last=4, owned=OWN_ACCOUNT)


def _debts(book: Statement) -> None:
    part, wallet = book.part, book.part.wallet
    paid = wallet.months["elsewhere"]
    who, month = np.nonzero(book.seen & (paid > 0))
    lender = LENDERS + part.who.number[who] % 40
    book.add(who, month, wallet.elsewhere_day[who], -paid[who, month], "loan_repayment", LENDER, lender)
    taken = wallet.months["borrowed"]
    who, month = np.nonzero(book.seen & (taken > 0))
    nth = np.cumsum(part.story.strain.new_lenders, axis=1)[who, month]
    lender = LENDERS + 40 + (part.who.number[who] * 3 + nth) % 60
    day = book.draws.whole(1, 8, len(who))
    book.add(who, month, day, taken[who, month], "loan_in", LENDER, lender)


def _proceeds(book: Statement) -> None:
    """What became of the money paid out, and cash drawn on credit lines."""
    part, rows = book.part, book.part.proceeds
    other, side = of_proceeds(part.who, part.loans, rows)
    category = np.array([CATEGORIES.index(_CATEGORY_OF[kind]) for kind in sorted(_CATEGORY_OF)])[rows["kind"]]
    book.rows.add(
        who=rows["borrower"], on=rows["on"], amount=rows["amount"], category=category, other=other, side=side, ours=1
    )
    cash = take(part.drawn, part.drawn["kind"] == CASH)
    loan_in = CATEGORIES.index("loan_in")
    owner = part.loans.borrower[cash["loan"]]
    book.rows.add(who=owner, on=cash["on"], amount=cash["amount"], category=loan_in, other=US, side=LENDER, ours=1)


def _repayments(book: Statement) -> None:
    """Our own dues as they left the account, and returned ones as they came back."""
    part, rows = book.part, book.part.received
    moved = (rows["payer"] == BORROWER) & (rows["status"] != FAILED) & (rows["booked_only"] == 0)
    out = rows["status"] == POSTED
    book.rows.add(
        who=part.loans.borrower[rows["loan"][moved]],
        on=rows["on"][moved],
        amount=np.where(out, -rows["amount"], rows["amount"])[moved],
        category=np.where(out, CATEGORIES.index("loan_repayment"), CATEGORIES.index("refund"))[moved],
        other=US,
        side=LENDER,
        ours=1,
    )
