"""As known then and as known now: a payment booked late shows in one state of knowledge and not in the other."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np

from book.clock import end_of_day
from book.known import known
from book.load import load, open_book
from features.history import History
from reports.blocks import Table, Text
from reports.loan.drawings import drawings
from reports.loan.headline import headline
from reports.loan.sections.repayment import repayment
from reports.loan.twice import twice
from reports.loan.view import InstalmentView, LoanView, Twice
from reports.wording import wording

MakeView = Callable[..., LoanView]
DAY = 86_400_000_000


def test_a_payment_posted_late_is_open_then_and_settled_now(small_book: Path) -> None:
    book = open_book(small_book)
    tables = load(book.parts[0], book.settings).tables
    payments = tables["payments"]
    loan = int(payments["loan_id"][0])
    mine = np.flatnonzero(payments["loan_id"] == loan)
    last = mine[np.argmax(payments["paid_on"][mine])]
    as_of = int(payments["paid_on"][last])
    cutoff = int(end_of_day(np.array([as_of]), book.settings.timezone)[0])
    payments["posted_at"][last] = cutoff + 5 * DAY

    def observed(at: int) -> tuple[History, int]:
        day = np.array([as_of + 1], np.int32)
        dossiers = known(tables, np.array([loan], np.int32), day, np.array([at]), settings=book.settings)
        return History(dossiers, book.settings), 0

    told = twice(observed(cutoff), observed(cutoff + 6 * DAY))
    assert told.differing
    then, now = told.pairs[told.differing[-1]]
    assert then is not None
    assert now is not None
    assert then.paid < now.paid
    assert twice(observed(cutoff), observed(cutoff)).differing == ()


def _view(make_view: MakeView, pairs: Sequence[tuple[InstalmentView | None, InstalmentView | None]]) -> LoanView:
    return make_view(twice=Twice(make_view().card.as_of, 1_719_763_199_999_999, 1_720_763_199_999_999, tuple(pairs)))


def test_instalments_that_differ_stand_out_and_are_counted(make_view: MakeView) -> None:
    base = make_view()
    one = base.instalments[-1]
    later = InstalmentView(one.no, one.due_on, one.due, one.due, one.due_on + 1, 1)
    pairs = [(i, i) for i in base.instalments[:-1]] + [(one, later), (None, base.instalments[0])]
    view = _view(make_view, pairs)
    said, table = _last_two(view)
    assert [row[-1] for row in table.rows].count("differs") == 2
    assert len(table.strong) == 2
    assert "They differ in 2 instalments" in " ".join(said.lines)


def test_where_both_agree_a_few_instalments_are_shown_and_it_is_said(make_view: MakeView) -> None:
    said, table = _last_two(_view(make_view, [(i, i) for i in make_view().instalments]))
    assert "Both agree" in " ".join(said.lines)
    assert len(table.rows) == 6


def _last_two(view: LoanView) -> tuple[Text, Table]:
    """The last two blocks of the part on repayment: what is said of both states of knowledge, and the table."""
    w = wording("en", "CNY", "Asia/Shanghai")
    said, table = repayment(view, w, drawings(view, w), headline(view, w)).blocks[-2:]
    assert isinstance(said, Text)
    assert isinstance(table, Table)
    return said, table
