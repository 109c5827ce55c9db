"""A book in a database is the same book."""

from __future__ import annotations

import itertools
import sqlite3
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest

from book.errors import Refusal, Refused
from book.load import Book, load, open_book
from book.load.database import copied
from book.load.database_url import database_url, is_database

_COUNT = itertools.count()
SQLITE = {pl.Date: "TEXT", pl.Int64: "INTEGER", pl.Int32: "INTEGER", pl.Float64: "REAL", pl.Boolean: "INTEGER"}
POSTGRES = {
    pl.Date: "date",
    pl.Int64: "bigint",
    pl.Int32: "integer",
    pl.Float64: "double precision",
    pl.Boolean: "boolean",
}


def tables_of(book: Path) -> dict[str, pl.DataFrame]:
    names = sorted({path.stem for path in book.glob("part-*/*.parquet")})
    return {
        name: pl.concat([pl.read_parquet(path) for path in sorted(book.glob(f"part-*/{name}.parquet"))])
        for name in names
    }


def sql_type(kind: Any, types: dict[Any, str]) -> str:
    if isinstance(kind, pl.Decimal):
        return "numeric(18,2)"
    if isinstance(kind, pl.Datetime):
        return "timestamptz" if types is POSTGRES else "TEXT"
    return types.get(kind, "TEXT")


CORE = ("loans", "instalments", "payments", "loan_events")


def filled_sqlite(book: Path, path: Path, names: tuple[str, ...] = ()) -> str:
    with sqlite3.connect(path) as connection:
        for name, frame in tables_of(book).items():
            if names and name not in names:
                continue
            columns = ", ".join(f'"{column}" {sql_type(kind, SQLITE)}' for column, kind in frame.schema.items())
            connection.execute(f"CREATE TABLE {name} ({columns})")
            rows = [
                [value if isinstance(value, int | float | str | None) else _text(value) for value in row]
                for row in frame.rows()
            ]
            connection.executemany(f"INSERT INTO {name} VALUES ({', '.join('?' * frame.width)})", rows)
    connection.close()
    return f"sqlite:///{path}"


def _text(value: Any) -> str:
    return str(value.isoformat()) if hasattr(value, "isoformat") else str(value)


def filled_postgres(book: Path, server: Any) -> str:
    import psycopg

    name = f"book_{next(_COUNT)}"
    server.sql(f"CREATE DATABASE {name}")
    with psycopg.connect(server.url(name)) as connection:
        for table, frame in tables_of(book).items():
            columns = ", ".join(f'"{column}" {sql_type(kind, POSTGRES)}' for column, kind in frame.schema.items())
            connection.execute(f"CREATE TABLE {table} ({columns})")
            with connection.cursor().copy(f"COPY {table} FROM STDIN") as copy:
                for row in frame.rows():
                    copy.write_row(row)
    return str(server.url(name))


@pytest.fixture(scope="module", params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def url(request: pytest.FixtureRequest, small_book: Path, tmp_path_factory: pytest.TempPathFactory) -> str:
    if request.param == "sqlite":
        return filled_sqlite(small_book, tmp_path_factory.mktemp("database") / "book.db")
    return filled_postgres(small_book, request.getfixturevalue("postgres"))


def by_loan(book: Book) -> dict[str, tuple[Any, ...]]:
    """What each loan has in the tables that every book has, whatever part it is in."""
    found = {}
    for part in book.parts:
        tables = load(part, book.settings).tables
        for place, loan in enumerate(tables.loan_ids):
            rows = []
            for name in ("instalments", "payments", "loan_events"):
                frame = tables[name].take(np.flatnonzero(tables[name]["loan_id"] == place))
                columns = [column for column in sorted(frame.columns) if frame[column].dtype != object]
                kept = [
                    frame[column]
                    for column in columns
                    if column not in {"loan_id", "payment_id", "reverses_id", "event_id"}
                ]
                rows.append(sorted(zip(*(values.tolist() for values in kept), strict=True)))
            found[loan] = (
                tables.borrower_ids[tables.borrower_of[place]],
                tables["loans"]["principal"][place],
                repr(rows),
            )
    return found


def test_the_book_of_a_database_is_that_of_its_files(url: str, small_book: Path, tmp_path: Path) -> None:
    files = open_book(small_book)
    folder = copied(url, tmp_path / "copy", loans_per_part=90)
    copy = open_book(folder, files.settings)
    assert len(copy.parts) > 2
    assert by_loan(copy) == by_loan(files)


def test_the_same_database_gives_the_same_hash(url: str, tmp_path: Path) -> None:
    first = open_book(url, copy_to=tmp_path / "one")
    second = open_book(Path(url)) if url.startswith("sqlite") else open_book(url)
    assert first.hash() == second.hash()
    assert first.folder == tmp_path / "one"
    with pytest.raises(Refusal, match="there already"):
        open_book(url, copy_to=tmp_path / "one")


def test_rows_of_nobody_are_found(small_book: Path, tmp_path: Path) -> None:
    url = filled_sqlite(small_book, tmp_path / "book.db", CORE)
    with sqlite3.connect(tmp_path / "book.db") as connection:
        connection.execute(
            "INSERT INTO payments (payment_id, loan_id, paid_on, amount) VALUES ('x', 'nobody', '2022-01-01', 1)"
        )
    book = open_book(url)
    found = [fault.code for part in book.parts for fault in load(part, book.settings).report.faults]
    assert "orphan" in found


def test_a_database_without_the_tables_is_refused(tmp_path: Path) -> None:
    with sqlite3.connect(tmp_path / "other.db") as connection:
        connection.execute("CREATE TABLE customers (id TEXT)")
    with pytest.raises(Refusal, match=r"no table loans, instalments, payments.*customers"):
        open_book(f"sqlite:///{tmp_path / 'other.db'}")


def test_a_value_of_another_type_is_refused_by_table_and_column(small_book: Path, tmp_path: Path) -> None:
    url = filled_sqlite(small_book, tmp_path / "book.db", CORE)
    with sqlite3.connect(tmp_path / "book.db") as connection:
        connection.execute("UPDATE loans SET n_instalments = 'many' WHERE rowid = 1")
    with pytest.raises((Refusal, Refused), match=r"loans.*n_instalments"):
        open_book(url)


def test_a_database_that_is_not_there_is_refused_without_its_password(tmp_path: Path) -> None:
    for url in (f"sqlite:///{tmp_path / 'no.db'}", "postgresql://u:secret@127.0.0.1:1/d"):
        with pytest.raises(Refusal) as refused:
            open_book(url)
        assert "secret" not in str(refused.value)


@pytest.mark.parametrize(
    ("given", "meant"),
    [
        ("postgresql://u@h/d", "postgresql+psycopg://u@h/d"),
        (Path("postgresql://u@h/d"), "postgresql+psycopg://u@h/d"),
        ("sqlite:///book.db", "sqlite:///book.db"),
        ("sqlite:////nowhere/book.db", "sqlite:////nowhere/book.db"),
    ],
)
def test_a_url_that_went_through_a_path_is_the_same(given: Path | str, meant: str) -> None:
    assert is_database(given)
    assert database_url(given) == meant
    assert not is_database("books/sqlite")
