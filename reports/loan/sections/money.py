"""The borrower's accounts: cashflow and income by month, and the money that was there before each due date."""

from __future__ import annotations

from reports.blocks import Block, Section, Sub, Table, Text, section
from reports.charts.cashflow import has_cut
from reports.formats import NOTHING
from reports.loan.drawings import Drawings
from reports.loan.sections.writing import table_of
from reports.loan.view import LoanView
from reports.wording import Wording


def money(view: LoanView, w: Wording, drawn: Drawings) -> Section:
    """Cashflow by month with due dates marked, income, and liquidity at each due date."""
    title = w("cash.title")
    if not view.cash:
        return Section("cash", title, (Text((w("cash.absent" if view.cash is None else "cash.none"),), "note"),))
    said = [w("cash.intro")]
    said += [w("cash.cut")] if has_cut(view.cash) else []
    said += [] if view.cash_in_model else [w("cash.not_in_model")]
    blocks: list[Block | None] = [Text((w.gap.join(said),), "intro"), drawn.cashflow, _months(view, w)]
    return section("cash", title, [*blocks, *_liquidity(view, w, drawn)])


def _months(view: LoanView, w: Wording) -> Table:
    rows = tuple(
        (
            *(w.month(m.month_end), w.amount(m.inflow), w.amount(m.income), w.amount(m.outflow)),
            *(w.amount(m.inflow - m.outflow), w.amount(m.balance), w.amount(m.due) if m.due_on else NOTHING),
        )
        for m in reversed(view.cash or ())
    )
    names = [w.in_currency(w(f"cash.{c}")) for c in ("inflow", "income", "outflow", "net", "balance", "due")]
    return Table((w("cash.month"), *names), rows, frozenset(range(1, 7)), fold=w("cash.table"))


def _liquidity(view: LoanView, w: Wording, drawn: Drawings) -> list[Block]:
    if view.liquidity is None or not view.liquidity.rows:
        return []
    title = Sub(w("cash.liquidity"))
    table = table_of(view.liquidity, w, w("cash.liquidity_table"))
    if drawn.liquidity is None or table is None:
        return [title, Text((w("cash.liquidity_none"),), "note")]
    return [title, Text((w("cash.liquidity_intro"),), "note"), drawn.liquidity, table]
