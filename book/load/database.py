"""A book in a database: its tables by their names in the contract, copied out by ranges of borrowers.

The copy is made in one transaction that sees one state of the database, and is a book like any other: everything that
reads books reads it, in as many processes as it likes.
"""

from __future__ import annotations

import atexit
import shutil
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC
from pathlib import Path
from typing import Any, Final

import pyarrow as pa
import pyarrow.parquet as pq
from sqlalchemy import (
    Column,
    Connection,
    MetaData,
    Table,
    and_,
    create_engine,
    event,
    false,
    func,
    inspect,
    or_,
    select,
    type_coerce,
)
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.types import Boolean, Date, DateTime, Float, Integer, NullType, Numeric

from book.contract import REQUIRED_TABLES, TABLES
from book.contract.kinds import Kind
from book.errors import Refusal
from book.load.database_url import database_url

LOANS_PER_PART: Final = 20_000
AT_ONCE: Final = 50_000


@dataclass(frozen=True)
class _Range:
    """Borrowers from `first` (included) to `end` (not included), None = no limit; in the database's own order."""

    first: Any
    end: Any


def copied(place: Path | str, out: Path | None = None, loans_per_part: int = LOANS_PER_PART) -> Path:
    """The book of a database as a folder: `out`, which must not be there, or one that ends with the process.

    Raises Refusal where the database cannot be read or holds no book.
    """
    url = make_url(database_url(place))
    if out is not None and out.exists():
        raise Refusal(f"{out}: is there already; allowed: a new folder for the copy of the book")
    folder = out or Path(tempfile.mkdtemp(prefix="loanwatch-book-"))
    if out is None:
        atexit.register(shutil.rmtree, folder, ignore_errors=True)
    new = folder.with_name(f".{folder.name}.new")
    try:
        shutil.rmtree(new, ignore_errors=True)
        _copy(url, new, loans_per_part)
        if folder.exists():
            folder.rmdir()
        new.rename(folder)
    except (SQLAlchemyError, ModuleNotFoundError) as error:
        raise Refusal(f"book {url.render_as_string()}: cannot be read; got: {_first_line(error)}") from None
    finally:
        shutil.rmtree(new, ignore_errors=True)
    return folder


def _copy(url: URL, folder: Path, loans_per_part: int) -> None:
    if url.drivername == "sqlite" and not Path(str(url.database)).is_file():
        raise Refusal(f"book {url.render_as_string()}: there is no such file")
    engine = create_engine(url)
    if url.drivername == "sqlite":
        event.listen(engine, "connect", _raw)
    else:
        engine = engine.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)
    try:
        with engine.connect() as connection:
            if url.drivername == "sqlite":
                connection.exec_driver_sql("BEGIN")
            tables = _tables(connection, url)
            for number, some in enumerate([*_ranges(connection, tables["loans"], loans_per_part)]):
                for name in TABLES:
                    if name in tables:
                        path = folder / f"part-{number:05d}" / f"{name}.parquet"
                        _write(connection, tables, name, _Some(some, number == 0), path)
    finally:
        engine.dispose()


def _raw(connection: Any, _: Any) -> None:
    connection.isolation_level = None  # one transaction, begun by us, sees one state of the file


def _tables(connection: Connection, url: URL) -> dict[str, Table]:
    """The contract's tables that the database has, with the columns that it has."""
    there = set(inspect(connection).get_table_names()) | set(inspect(connection).get_view_names())
    absent = [name for name in REQUIRED_TABLES if name not in there]
    if absent:
        raise Refusal(
            f"book {url.render_as_string()}: no table {', '.join(absent)}; got: {', '.join(sorted(there)[:20])}"
        )
    metadata = MetaData()
    return {name: Table(name, metadata, autoload_with=connection) for name in TABLES if name in there}


def _ranges(connection: Connection, loans: Table, most: int) -> Iterator[_Range]:
    """Ranges of borrowers with about `most` loans each; together they hold every borrower there is or could be."""
    borrower = loans.c["borrower_id"]
    counted = select(borrower, func.count()).where(borrower.is_not(None)).group_by(borrower).order_by(borrower)
    first, held = None, 0
    for name, count in connection.execute(counted):
        if held and held + count > most:
            yield _Range(first, name)
            first, held = name, 0
        held += count
    yield _Range(first, None)


@dataclass(frozen=True)
class _Some:
    """The rows of one part: a range of borrowers, and with the first part the rows that belong to nobody."""

    range: _Range
    strangers: bool


def _write(connection: Connection, tables: dict[str, Table], name: str, some: _Some, path: Path) -> None:
    table, declared = tables[name], TABLES[name]
    columns = [table.c[column.name] for column in declared.columns if column.name in table.c]
    question = _of(tables, name, some, columns)
    key = [table.c[column] for column in declared.key if column in table.c]
    schema = pa.schema([(column.name, _arrow_type(column, name, connection.dialect.name)) for column in columns])
    path.parent.mkdir(parents=True, exist_ok=True)
    result = connection.execution_options(stream_results=True).execute(question.order_by(*key))
    with pq.ParquetWriter(path, schema, compression="zstd") as file:
        for rows in result.partitions(AT_ONCE):
            file.write_table(_arrow(rows, schema, name))


def _of(tables: dict[str, Table], name: str, some: _Some, columns: list[Column[Any]]) -> Any:
    table, loans = tables[name], tables["loans"]
    raw: Any = select(*(type_coerce(column, NullType()).label(column.name) for column in columns))
    if name == "loans" or TABLES[name].owner == "borrower":
        if "borrower_id" not in table.c:
            return raw
        borrower = table.c["borrower_id"]
        strangers: Any = borrower.is_(None) if some.strangers else false()
        return raw.where(or_(_within(borrower, some.range), strangers))
    if "loan_id" not in table.c:
        return raw
    owners = select(loans.c["loan_id"], func.min(loans.c["borrower_id"]).label("owner")).group_by(loans.c["loan_id"])
    homes = owners.subquery("homes")
    at_home = raw.outerjoin_from(table, homes, homes.c["loan_id"] == table.c["loan_id"])
    lost: Any = homes.c["owner"].is_(None) if some.strangers else false()
    return at_home.where(or_(_within(homes.c["owner"], some.range), lost))


def _within(borrower: Any, some: _Range) -> Any:
    limits = [borrower.is_not(None)]
    limits += [borrower >= some.first] if some.first is not None else []
    limits += [borrower < some.end] if some.end is not None else []
    return and_(*limits)


def _arrow_type(column: Column[Any], table: str, dialect: str) -> pa.DataType:
    """How a column stands in the copy: as its type says, amounts as text so that they stay exact."""
    kind = column.type
    if isinstance(kind, Boolean):
        return pa.int64() if dialect == "sqlite" else pa.bool_()
    if isinstance(kind, Integer):
        return pa.int64()
    if isinstance(kind, Float) or (isinstance(kind, Numeric) and TABLES[table].column(column.name).kind is Kind.NUMBER):
        return pa.float64()
    if dialect != "sqlite" and isinstance(kind, Date):
        return pa.date32()
    if dialect != "sqlite" and isinstance(kind, DateTime):
        return pa.timestamp("us", "UTC") if kind.timezone else pa.timestamp("us")
    return pa.string()


def _arrow(rows: Any, schema: pa.Schema, table: str) -> pa.Table:
    columns = list(zip(*rows, strict=True))
    arrays = []
    for field, values in zip(schema, columns, strict=True):
        try:
            arrays.append(pa.array([_plain(value, field.type) for value in values], field.type))
        except (pa.ArrowInvalid, pa.ArrowTypeError, TypeError, ValueError) as error:
            raise Refusal(
                f"book, table {table}, column {field.name}: a value is not of its type; got: {error}"
            ) from None
    return pa.Table.from_arrays(arrays, schema=schema)


def _plain(value: Any, kind: pa.DataType) -> Any:
    if value is None:
        return None
    if pa.types.is_string(kind):
        return format(value, "f") if hasattr(value, "as_tuple") else str(value)
    if pa.types.is_floating(kind):
        return float(value)
    if pa.types.is_timestamp(kind) and kind.tz:
        return value.astimezone(UTC)
    return value


def _first_line(error: BaseException) -> str:
    cause = getattr(error, "orig", None) or error
    return (str(cause).strip().splitlines() or [type(cause).__name__])[0][:200]
