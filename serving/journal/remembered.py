"""The policy's state after the newest score of each loan: one question to the index, however long the history."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, Final

import msgspec
from sqlalchemy import Connection

_QUESTION: Final = """
WITH newest AS (
  SELECT asked.value AS loan, (
    SELECT state_next FROM scores WHERE loan_id = asked.value AND place > {place} AND state_next <> ''
    ORDER BY place DESC LIMIT 1
  ) AS name FROM {asked}
)
SELECT newest.loan, newest.name, payloads.hash, payloads.form, payloads.content
FROM newest LEFT JOIN payloads ON payloads.hash = newest.name WHERE newest.name IS NOT NULL
"""
_SQLITE: Final = _QUESTION.format(place="?2", asked="json_each(?1) AS asked")
_POSTGRESQL: Final = _QUESTION.format(place="%s", asked="unnest(%s::text[]) AS asked(value)")


def newest_states(connection: Connection, loan_ids: Sequence[str], after: int) -> Iterator[tuple[str, str, Any]]:
    """Loan, hash and payload row (hash, form, content) of the newest state of each loan that has one.

    Only scores written at a place after `after` count. The row's hash is None where there is no such payload.
    """
    if connection.dialect.name == "postgresql":
        found = connection.exec_driver_sql(_POSTGRESQL, (after, list(loan_ids)))
    else:
        found = connection.exec_driver_sql(_SQLITE, (msgspec.json.encode(loan_ids).decode(), after))
    for row in found:
        yield row.loan, row.name, row
