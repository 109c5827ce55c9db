"""Asking the journal: single entries by id, pages of them, where a life stands, and payloads by hash."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Final, Generic, TypeVar

import msgspec
from sqlalchemy import Connection, Engine, Select, Table, select
from sqlalchemy.exc import SQLAlchemyError

from serving.journal.chain import digest
from serving.journal.database import brief
from serving.journal.entries import Entry
from serving.journal.errors import Damaged, JournalDown
from serving.journal.kinds import BY_ENTRY, restored
from serving.journal.rows import unpacked
from serving.journal.schema import ENTRIES, PAYLOADS, TYPED

E = TypeVar("E", bound=Entry)
MOST: Final = 1_000
"""Most rows of a page."""
_CHAINED: Final = (ENTRIES.c.chain, ENTRIES.c.seq, ENTRIES.c.at)


@dataclass(frozen=True)
class Kept(Generic[E]):
    """An entry as it was kept: `entry` holds hashes in place of payloads; `place` is its order among all."""

    entry: E
    place: int
    chain: str
    seq: int
    at: int


@dataclass(frozen=True)
class Page(Generic[E]):
    """Entries, newest first, and the place to go on from (`before`), None at the end."""

    rows: tuple[Kept[E], ...]
    next: int | None


class Reading:
    """Questions that every kind of entry has in common. Any thread may ask; JournalDown where nobody answers."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    @contextmanager
    def connection(self) -> Iterator[Connection]:
        """A connection to read with."""
        try:
            with self._engine.connect() as connection:
                yield connection
        except SQLAlchemyError as error:
            raise JournalDown(brief(error)) from None

    @contextmanager
    def cursor(self) -> Iterator[Any]:
        """A cursor of the driver, for what is asked on the way of every request."""
        try:
            pooled = self._engine.raw_connection()
            try:
                yield pooled.cursor()
            finally:
                pooled.close()
        except (SQLAlchemyError, self._engine.dialect.loaded_dbapi.Error) as error:
            raise JournalDown(brief(error)) from None

    def one(self, kind: type[E], **having: Any) -> Kept[E] | None:
        """The newest entry of a kind with these columns, None where there is none."""
        page = self.page(kind, limit=1, **having)
        return page.rows[0] if page.rows else None

    def page(self, kind: type[E], limit: int = 100, before: int | None = None, **having: Any) -> Page[E]:
        """Entries of a kind with these columns (None: any value), newest first, those at a place below `before`."""
        table = TYPED[kind.KIND]
        chosen = [table.c[name] == value for name, value in having.items() if value is not None]
        return self.select(kind, asked(table).where(*chosen), limit, before)

    def select(self, kind: type[E], question: Select[Any], limit: int, before: int | None) -> Page[E]:
        """A page of what `question`, made with `asked`, selects."""
        table = TYPED[kind.KIND]
        limit = max(1, min(limit, MOST))
        if before is not None:
            question = question.where(table.c.place < before)
        with self.connection() as connection:
            found = connection.execute(question.order_by(table.c.place.desc()).limit(limit + 1)).all()
        rows = tuple(kept(kind, row) for row in found[:limit])
        return Page(rows, rows[-1].place if len(found) > limit else None)

    def oldest_first(self, kind: type[E], question: Select[Any]) -> list[Kept[E]]:
        """All that `question`, made with `asked`, selects, in the order of writing."""
        with self.connection() as connection:
            found = connection.execute(question.order_by(TYPED[kind.KIND].c.place)).all()
        return [kept(kind, row) for row in found]

    def payload(self, name: str) -> bytes | None:
        """The payload with this hash; None where it was erased, or the hash is "". Raises Damaged, KeyError."""
        return self.payloads([name]).get(name) if name else None

    def payloads(self, names: Sequence[str]) -> dict[str, bytes | None]:
        """Payloads by hash, None for those that were erased. Raises Damaged, and KeyError for a hash never kept."""
        wanted = sorted(set(names) - {""})
        found: dict[str, bytes | None] = {}
        with self.connection() as connection:
            for start in range(0, len(wanted), 500):
                some = select(PAYLOADS).where(PAYLOADS.c.hash.in_(wanted[start : start + 500]))
                for row in connection.execute(some):
                    found[row.hash] = content_of(row)
        for name in wanted:
            if name not in found:
                raise KeyError(name)
        return found

    def value(self, name: str) -> Any:
        """The JSON value with this hash; None where it was erased, or was never given."""
        content = self.payload(name)
        return None if content is None else msgspec.json.decode(content)


def asked(table: Table) -> Select[Any]:
    """A question for rows of a table of entries, each with its place in the chains."""
    return select(table, *(column.label(f"_{column.name}") for column in _CHAINED)).join(
        ENTRIES, ENTRIES.c.place == table.c.place
    )


def kept(kind: type[E], row: Any) -> Kept[E]:
    """The entry of a row that `asked` selected."""
    columns = row._mapping
    entry: Any = restored(BY_ENTRY[kind], columns)
    return Kept(entry, row.place, columns["_chain"], columns["_seq"], columns["_at"])


def content_of(row: Any) -> bytes | None:
    """The content of a payload's row, None where it was erased. Raises Damaged."""
    if row.content is None:
        return None
    try:
        content = unpacked(row.form, bytes(row.content))
    except Exception as error:
        raise Damaged(f"payload {row.hash}: it cannot be unpacked") from error
    if digest(content) != row.hash:
        raise Damaged(f"payload {row.hash}: its content has another hash")
    return content
