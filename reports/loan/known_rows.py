"""The rows of one table that one observation knows: what the charts of raw data are drawn from."""

from __future__ import annotations

from book.contract import TABLES
from book.dossiers import Dossiers
from book.tables import Array
from reports.loan.view import Feed

FEEDS = ("instalments", "payments", "loan_events", "cashflow", "external_debts", "public_events")


def known_rows(dossiers: Dossiers, table: str, i: int) -> dict[str, Array]:
    """The columns of `table` for observation `i`: rows of its loan or borrower with an event day up to as_of.

    Rows are in the order of their event day; `table` must be in the dossiers.
    """
    rows, declared = dossiers.tables[table], TABLES[table]
    owner = (
        dossiers.loan[i : i + 1]
        if declared.owner == "loan"
        else dossiers.loans["borrower_id"][dossiers.loan[i : i + 1]]
    )
    segment = int(rows.segment(owner, dossiers.moment[i : i + 1])[0])
    span = slice(int(rows.offsets[segment]), int(rows.offsets[segment + 1]))
    columns = {name: values[span] for name, values in rows.columns.items()}
    if declared.event_date is None or declared.event_date not in columns:
        return columns
    there = columns[declared.event_date] <= dossiers.as_of[dossiers.moment[i]]
    return {name: values[there] for name, values in columns.items()}


def feeds(dossiers: Dossiers, i: int) -> tuple[Feed, ...]:
    """How much of each table a reader asks about is known for observation `i`, and how recent it is."""
    return tuple(_feed(dossiers, table, i) for table in FEEDS)


def _feed(dossiers: Dossiers, table: str, i: int) -> Feed:
    if table not in dossiers.tables:
        return Feed(table, None, None)
    rows = known_rows(dossiers, table, i)
    dated = rows[TABLES[table].event_date or ""]
    return Feed(table, len(dated), int(dated.max()) if len(dated) else None)
