"""The tables of the journal, made from the kinds of entries; the migrations must end at the same."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, Final

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Double,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    Table,
    Text,
    UniqueConstraint,
)

from serving.journal.kinds import BY_ENTRY, Kind

HEAD: Final = "0002"
"""The newest migration."""
METADATA: Final = MetaData()
PLACE: Final = BigInteger().with_variant(Integer, "sqlite")
_TYPES: Final[Mapping[str, Any]] = MappingProxyType(
    {"text": Text, "payload": Text, "int": BigInteger, "int?": BigInteger, "float": Double, "bool": Boolean}
)
_MISSING: Final = frozenset({"int?", "float"})

ENTRIES: Final = Table(
    "entries",
    METADATA,
    Column("place", PLACE, primary_key=True, autoincrement=False),
    Column("chain", Text, nullable=False),
    Column("seq", BigInteger, nullable=False),
    Column("at", BigInteger, nullable=False),
    Column("kind", Text, nullable=False),
    Column("body", Text, nullable=False),
    Column("before", Text, nullable=False),
    Column("hash", Text, nullable=False),
    UniqueConstraint("chain", "seq", name="entries_once"),
)
"""The chains. `place` is the order in which entries were written, over all chains and whatever the clocks say."""

PAYLOADS: Final = Table(
    "payloads",
    METADATA,
    Column("hash", Text, primary_key=True),
    Column("form", Text, nullable=False),
    Column("content", LargeBinary, nullable=True),
    Column("last_used", BigInteger, nullable=False),
    Column("erased_by", Text, nullable=False),
    Index("payloads_by_use", "last_used"),
)
"""What entries name by hash; `content` is missing once it was erased, and `erased_by` names the erasure."""

ANSWERS: Final = Table(
    "answers",
    METADATA,
    Column("scope", Text, primary_key=True),
    Column("key", Text, primary_key=True),
    Column("body_hash", Text, nullable=False),
    Column("status", Integer, nullable=False),
    Column("content", LargeBinary, nullable=False),
    Column("at", BigInteger, nullable=False),
)
"""What was answered under an idempotency key. Not chained; forgotten after a while."""

STANDINGS: Final = Table(
    "standings",
    METADATA,
    Column("kind", Text, primary_key=True),
    Column("id", Text, primary_key=True),
    Column("status", Text, nullable=False),
    Column("step", BigInteger, nullable=False),
    Column("next_at", BigInteger, nullable=False),
    Column("place", BigInteger, nullable=False),
    Index("standings_by_status", "kind", "status", "next_at"),
)
"""Where each alert, task, override and delivery stands: follows from the chained steps, kept to be asked for."""


def _table(kind: Kind) -> Table:
    name = kind.table
    columns = [Column(column, _TYPES[type_], nullable=type_ in _MISSING) for column, type_ in kind.columns.items()]
    once = [UniqueConstraint(*names, name=f"{name}_once_{'_'.join(names)}") for names in kind.entry.UNIQUE]
    found = [Index(f"{name}_by_{'_'.join(names)}", *names) for names in kind.entry.INDEXED]
    return Table(name, METADATA, Column("place", PLACE, primary_key=True, autoincrement=False), *columns, *once, *found)


TYPED: Final[Mapping[str, Table]] = MappingProxyType({kind.name: _table(kind) for kind in BY_ENTRY.values()})
"""The columns of each kind of entry, by the kind's name; `place` is that of the entry."""
CHAINED: Final = ("entries", *(table.name for table in TYPED.values()))
"""Tables that only grow; the database refuses to change or delete their rows."""
