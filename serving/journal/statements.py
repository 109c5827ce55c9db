"""The statements that write, compiled once for each kind of database: rows go in as tuples in the tables' order."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from sqlalchemy import Connection, Insert, Table, case, func
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.dialects.postgresql import psycopg

from serving.journal.schema import METADATA, PAYLOADS

_AT_ONCE = 5_000


def write(connection: Connection, table: str, rows: list[tuple[Any, ...]]) -> None:
    """Add rows to a table; payloads and standings that are there are brought up to date."""
    statement = _sql(connection.dialect.name, table)
    for start in range(0, len(rows), _AT_ONCE):
        connection.exec_driver_sql(statement, rows[start : start + _AT_ONCE])


@lru_cache(maxsize=64)
def _sql(dialect: str, name: str) -> str:
    table = METADATA.tables[name]
    make = postgresql.insert if dialect == "postgresql" else sqlite.insert
    statement: Any = make(table).values({column.name: None for column in table.columns})
    if name in ("payloads", "standings"):
        statement = _brought_up(statement, table)
    kind: Any = psycopg.dialect if dialect == "postgresql" else sqlite.dialect
    style = "format" if dialect == "postgresql" else "qmark"
    return str(statement.compile(dialect=kind(paramstyle=style)))


def _brought_up(statement: Any, table: Table) -> Insert:
    """For a key that is there take the new values; a payload that is there keeps its content."""
    new, old = statement.excluded, table.c
    key = [column.name for column in table.primary_key.columns]
    values = {column.name: new[column.name] for column in table.columns if column.name not in key}
    if table is PAYLOADS:
        values["form"] = case((old.content.is_(None), new.form), else_=old.form)
        values["content"] = func.coalesce(old.content, new.content)
    made: Insert = statement.on_conflict_do_update(index_elements=key, set_=values)
    return made
