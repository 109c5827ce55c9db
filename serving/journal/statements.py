"""The statements that write, compiled once for each kind of database: rows go in as tuples in the tables' order."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from functools import lru_cache
from itertools import chain
from typing import Any, cast

from sqlalchemy import Connection, Insert, Table, case, func
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.dialects.postgresql import psycopg
from sqlalchemy.exc import DBAPIError

from serving.journal.schema import METADATA, PAYLOADS

_AT_ONCE = 5_000
_ROWS = (32, 16, 8, 4, 2, 1)
"""How many rows a statement of SQLite takes: few statements, so that a writing thread seldom waits for its turn."""


def write(connection: Connection, table: str, rows: list[tuple[Any, ...]]) -> None:
    """Add rows to a table; payloads and standings that are there are brought up to date."""
    if connection.dialect.name == "postgresql":
        for start in range(0, len(rows), _AT_ONCE):
            connection.exec_driver_sql(_sql("postgresql", table, 1), rows[start : start + _AT_ONCE])
        return
    start = 0
    for n in _ROWS:
        while len(rows) - start >= n:
            values = tuple(chain.from_iterable(rows[start : start + n]))
            run(connection, _sql("sqlite", table, n), values)
            start += n


def run(connection: Connection, sql: str, values: Sequence[Any] = ()) -> sqlite3.Cursor:
    """Run a statement of SQLite in the transaction of `connection`; fails as SQLAlchemy does, and costs a third."""
    driver: Any = connection.connection.driver_connection
    try:
        return cast(sqlite3.Cursor, driver.execute(sql, values))
    except sqlite3.Error as error:
        raise DBAPIError.instance(sql, None, error, sqlite3.Error, dialect=connection.dialect) from error


@lru_cache(maxsize=256)
def _sql(dialect: str, name: str, rows: int) -> str:
    """The statement that adds so many rows to a table."""
    table = METADATA.tables[name]
    make = postgresql.insert if dialect == "postgresql" else sqlite.insert
    statement: Any = make(table).values([{column.name: None for column in table.columns}] * rows)
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
