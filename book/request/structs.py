"""Typed rows and requests for the fast path, made from the contract's declaration."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from types import MappingProxyType
from typing import Annotated, Any, Final, Literal

import msgspec
from msgspec import Meta, Struct

from book.contract import TABLES, Kind, Table
from book.contract.kinds import Column
from book.contract.limits import MAX_COUNT, MAX_TEXT
from book.request.limits import MOST_REQUESTS, MOST_SCORED

Moment = Annotated[datetime, Meta(tz=True)]
Word = Annotated[str, Meta(min_length=1, max_length=MAX_TEXT)]
_TYPES: Final[Mapping[Kind, Any]] = {
    Kind.ID: Word,
    Kind.PERSON: Word,
    Kind.TEXT: Annotated[str, Meta(max_length=MAX_TEXT)],
    Kind.DATE: date,
    Kind.STAMP: Moment,
    Kind.MONEY: int | float | str,
    Kind.NUMBER: float,
    Kind.COUNT: Annotated[int, Meta(ge=-MAX_COUNT, le=MAX_COUNT)],
    Kind.FLAG: bool,
}


def _type(column: Column) -> Any:
    return Literal[column.choices] if column.kind is Kind.ENUM else _TYPES[column.kind]


def _row(table: Table) -> type[Struct]:
    required = [(column.name, _type(column)) for column in table.columns if column.required]
    others = [(column.name, _type(column) | None, None) for column in table.columns if not column.required]
    return msgspec.defstruct(
        f"{table.name}_row", [*required, *others], forbid_unknown_fields=True, omit_defaults=True, gc=False
    )


ROWS: Final[Mapping[str, type[Struct]]] = MappingProxyType({name: _row(table) for name, table in TABLES.items()})
FIELDS: Final[Mapping[str, tuple[str, ...]]] = MappingProxyType(
    {name: row.__struct_fields__ for name, row in ROWS.items()}
)
"""Column names of each table in the order of its typed row: required ones first."""


def _tables() -> list[tuple[str, Any] | tuple[str, Any, Any]]:
    lists: dict[str, Any] = {name: list.__class_getitem__(row) for name, row in ROWS.items()}
    return [(name, rows) if TABLES[name].required else (name, rows | None, None) for name, rows in lists.items()]


TablesBody: Final[Any] = msgspec.defstruct("TablesBody", _tables(), forbid_unknown_fields=True, omit_defaults=True)
RequestBody: Final[Any] = msgspec.defstruct(
    "RequestBody",
    [
        ("as_of", date),
        ("book_complete", bool),
        ("score", Annotated[list[Word], Meta(min_length=1, max_length=MOST_SCORED)]),
        ("tables", TablesBody),
        ("cutoff", Moment | None, None),
        ("model", Word | None, None),
    ],
    forbid_unknown_fields=True,
    omit_defaults=True,
)
BatchBody: Final[Any] = msgspec.defstruct(
    "BatchBody",
    [("requests", Annotated[list[msgspec.Raw], Meta(min_length=1, max_length=MOST_REQUESTS)])],
    forbid_unknown_fields=True,
)
