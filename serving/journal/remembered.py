"""The policy's state after the newest score of each loan: one question to the index, however long the history."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, Final, NamedTuple

import msgspec

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


class Newest(NamedTuple):
    """The newest state of a loan: its `name` (a hash), and its payload, whose `hash` is None where there is none."""

    loan: str
    name: str
    hash: str | None
    form: str
    content: bytes | None


def newest_states(cursor: Any, dialect: str, loan_ids: Sequence[str], after: int) -> Iterator[Newest]:
    """The newest state of each loan that has one, by scores written at a place after `after`."""
    if dialect == "postgresql":
        cursor.execute(_POSTGRESQL, (after, list(loan_ids)))
    else:
        cursor.execute(_SQLITE, (msgspec.json.encode(loan_ids).decode(), after))
    return map(Newest._make, cursor.fetchall())
