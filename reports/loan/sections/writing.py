"""Rows of plain values as a table of finished text: how each column is written stands in `reports.loan.rows`."""

from __future__ import annotations

from reports.blocks import Table
from reports.formats import NOTHING, count
from reports.loan.rows import KINDS, RowsView, Value
from reports.wording import Wording

_RIGHT = ("money", "number", "times", "rate")


def table_of(rows: RowsView, w: Wording, fold: str = "") -> Table | None:
    """The rows as a table, with a note of how many there are where not all are shown; None where there is none.

    Columns in which no row knows anything are left out.
    """
    kept = [k for k in range(len(rows.columns)) if any(row[k] is not None for row in rows.rows)]
    if not kept:
        return None
    kinds = [KINDS[rows.columns[k]] for k in kept]
    note = w("behind.few", shown=count(len(rows.rows)), all=count(rows.of)) if rows.of > len(rows.rows) else ""
    return Table(
        head=tuple(head(rows.columns[k], w) for k in kept),
        rows=tuple(tuple(written(row[k], kind, w) for k, kind in zip(kept, kinds, strict=True)) for row in rows.rows),
        numbers=frozenset(at for at, kind in enumerate(kinds) if kind in _RIGHT),
        fold=fold,
        note=note,
    )


def head(column: str, w: Wording) -> str:
    """The head of a column, with the currency where it holds amounts."""
    name = w(f"column.{column}")
    return w.in_currency(name) if KINDS[column] == "money" else name


def written(value: Value, kind: str, w: Wording) -> str:
    """One value as its column writes it; a dash where it is not known."""
    if value is None:
        return NOTHING
    if kind == "text":
        return str(value)
    if kind == "name":
        return w.name("word", str(value))
    number = float(value)
    if kind == "times":
        return f"{number:,.2f}"
    if kind == "rate":
        return w.percent(number)
    if kind == "money":
        return w.amount(int(value))
    if kind == "number":
        return count(int(value)) if number == int(number) else f"{number:,.1f}"
    return w.month(int(value)) if kind == "month" else w.day(int(value))
