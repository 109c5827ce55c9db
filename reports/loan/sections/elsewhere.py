"""What others know: debts elsewhere, use of the money, public record, security."""

from __future__ import annotations

from reports.blocks import Block, Section, Sub, Text, section
from reports.loan.rows import RowsView
from reports.loan.sections.writing import table_of
from reports.loan.view import LoanView
from reports.wording import Wording


def elsewhere(view: LoanView, w: Wording) -> list[Section]:
    """One section for each table that the lender supplies."""
    told = view.elsewhere
    found: list[Section | None] = [
        _debts(told.debts, told.reports, w),
        _funds(told.payouts, told.trace, w),
        None if told.public is None else section("public", w("public.title"), [_rows(told.public, w, "public.none")]),
        _security(told.collateral, told.guarantees, w),
    ]
    return [one for one in found if one is not None]


def _rows(rows: RowsView, w: Wording, none: str) -> Block:
    return table_of(rows, w) or Text((w(none),), "note")


def _debts(debts: RowsView | None, reports: RowsView | None, w: Wording) -> Section | None:
    if debts is None or reports is None:
        return None
    title = w("debts.title")
    if not reports.rows:
        return section("debts", title, [Text((w("debts.no_report"),), "note")])
    said = [w("debts.intro", day=w.day(_whole(reports.rows[0][0])))]
    if debts.rows:
        balance, late = _whole(reports.rows[0][1]), _whole(reports.rows[0][3])
        told = {"n": w.plural("units.debts", debts.of), "balance": w.money(balance)}
        said.append(w("debts.sum", days=w.plural("units.days", late), **told) if late else w("debts.sum_clean", **told))
    blocks: list[Block | None] = [Text((w.gap.join(said),), "intro"), _rows(debts, w, "debts.none")]
    return section("debts", title, [*blocks, table_of(reports, w, w("debts.history"))])


def _funds(payouts: RowsView | None, trace: RowsView | None, w: Wording) -> Section | None:
    if payouts is None and trace is None:
        return None
    blocks: list[Block] = []
    if payouts is not None:
        blocks += [Sub(w("funds.payouts")), _rows(payouts, w, "funds.none")]
    if trace is not None:
        blocks += [Sub(w("funds.trace")), _rows(trace, w, "funds.no_trace")]
        blocks += [Text((w("funds.trace_note"),), "note")] if trace.rows else []
    return section("funds", w("funds.title"), blocks)


def _security(collateral: RowsView | None, guarantees: RowsView | None, w: Wording) -> Section | None:
    held = [(w(f"security.{name}"), rows) for name, rows in (("collateral", collateral), ("guarantees", guarantees))]
    blocks: list[Block] = []
    for name, rows in held:
        table = table_of(rows, w) if rows is not None else None
        blocks += [Sub(name), table] if table else []
    return section("security", w("security.title"), blocks) if blocks else None


def _whole(value: int | float | str | None) -> int | None:
    return int(value) if isinstance(value, int | float) else None
