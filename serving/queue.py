"""The queue: which loans to look at first, by PD times exposure, within what people can do."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import func, select

from serving.case_answers import QueueOut, QueueRow
from serving.holding import money
from serving.journal import Journal
from serving.journal.schema import TYPED
from serving.memory import Runs
from serving.render import day

_COLUMNS = ("loan_id", "borrower_id", "score_id", "as_of", "pd", "exposure", "tier", "action")


def queue_out(journal: Journal, runs: Runs | None, capacity: int) -> QueueOut:
    """The first `capacity` loans of the last nightly run and of the answers since. Raises JournalDown."""
    run = runs.latest() if runs else None
    held = {row["loan_id"]: row for row in run.ranked()} if run else {}
    held |= {row["loan_id"]: row for row in _answered(journal, run.kept.place if run else 0)}
    loans = [row for row in held.values() if row["pd"] is not None and row["exposure"]]
    loans.sort(key=lambda row: (-row["pd"] * row["exposure"], row["loan_id"]))
    return QueueOut(capacity, len(loans), [_row(rank, row) for rank, row in enumerate(loans[:capacity], 1)])


def _answered(journal: Journal, after: int) -> list[Mapping[str, Any]]:
    """The newest score of every loan that was answered about after a place."""
    table = TYPED["score"]
    newest = select(func.max(table.c.place)).where(table.c.place > after).group_by(table.c.loan_id)
    question = select(*(table.c[name] for name in _COLUMNS)).where(table.c.place.in_(newest))
    with journal.connection() as connection:
        return [dict(row._mapping) for row in connection.execute(question)]


def _row(rank: int, row: Mapping[str, Any]) -> QueueRow:
    weight = row["pd"] * row["exposure"] / 100
    return QueueRow(
        rank,
        row["loan_id"],
        row["borrower_id"],
        row["score_id"],
        day(row["as_of"]),
        row["pd"],
        money(row["exposure"]) or "",
        weight,
        row["tier"] or "",
        row["action"] or "",
    )
