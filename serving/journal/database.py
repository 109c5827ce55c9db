"""The database under the journal: SQLite or PostgreSQL by URL, brought to the newest form when it is opened."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event, inspect, text
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError, SQLAlchemyError
from sqlalchemy.pool import QueuePool

from book.errors import Refusal
from serving.journal.locks import exclusive
from serving.journal.schema import HEAD

_MIGRATING = 7_114_001
_CONNECT_SECONDS = 5
READING_KIB, WRITING_KIB = 1_024, 8_192
"""KiB of SQLite's page cache that a connection may hold, to read and to write: the system caches the file anyway."""
CONNECTIONS, MORE = 5, 10
"""Connections to read SQLite with that stay open, and how many more there may be for a moment."""


def database_url(url: str | Path) -> URL:
    """The URL of a journal; a path means SQLite.

    Raises Refusal, never showing a password, for another kind of database.
    """
    given = f"sqlite:///{url}" if isinstance(url, Path) or "://" not in url else url
    try:
        made = make_url(given)
    except (ArgumentError, ValueError):
        raise Refusal("journal: the URL cannot be read; allowed: sqlite:///PATH or postgresql://...") from None
    if made.drivername in {"postgresql", "postgres"}:
        made = made.set(drivername="postgresql+psycopg")
    if made.drivername not in {"sqlite", "postgresql+psycopg"} or (made.drivername == "sqlite" and not made.database):
        raise Refusal(f"journal: got {made.render_as_string()}; allowed: sqlite:///PATH or postgresql://...")
    return made


def engine_for(url: URL, patience: float, *, writing: bool) -> Engine:
    """An engine; one that is `writing` holds no more than one connection and begins by taking the write lock."""
    if url.drivername == "sqlite":
        Path(str(url.database)).parent.mkdir(parents=True, exist_ok=True)
        sizes = (1, 0) if writing else (CONNECTIONS, MORE)
        engine = create_engine(url, connect_args={"timeout": patience, "check_same_thread": False}, poolclass=QueuePool,
                               pool_size=sizes[0], max_overflow=sizes[1])  # fmt: skip
        _as_sqlite(engine, "BEGIN IMMEDIATE" if writing else "BEGIN", WRITING_KIB if writing else READING_KIB)
        return engine
    seconds = str(int(patience * 1000))
    arguments: dict[str, Any] = {
        "connect_timeout": _CONNECT_SECONDS,
        "options": f"-c lock_timeout={seconds} -c idle_in_transaction_session_timeout=60000 -c timezone=UTC",
        "keepalives_idle": 5,
        "keepalives_interval": 2,
        "keepalives_count": 3,
    }
    pool: dict[str, Any] = {"pool_size": 8, "pool_pre_ping": True}
    if writing:
        pool = {"pool_size": 1, "max_overflow": 0}
    try:
        return create_engine(url, connect_args=arguments, **pool)
    except ModuleNotFoundError as error:
        needed = "PostgreSQL needs psycopg: pip install 'loanwatch[postgres]'"
        raise Refusal(f"journal: {needed}; got: {error}") from None


def _as_sqlite(engine: Engine, begin: str, cache: int) -> None:
    @event.listens_for(engine, "connect")
    def connected(connection: Any, _: Any) -> None:
        connection.isolation_level = None  # transactions begin where we say, not where the driver guesses
        for pragma in (
            "journal_mode=WAL",
            "synchronous=FULL",
            "secure_delete=ON",
            "wal_autocheckpoint=16000",  # the last resort: see checkpoint.py
            f"cache_size=-{cache}",
        ):
            connection.execute(f"PRAGMA {pragma}")

    @event.listens_for(engine, "begin")
    def begun(connection: Connection) -> None:
        connection.exec_driver_sql(begin)


def bring_up(url: URL, patience: float, create: bool = True) -> None:
    """Make the tables, or bring older ones to the newest form; two processes that start together wait for each other.

    Raises Refusal where the database is newer than this code, cannot be opened, or has no journal and none is to be
    made.
    """
    absent = f"journal {url.render_as_string()}: there is none; allowed: the URL of a journal that was written"
    if not create and url.drivername == "sqlite" and not Path(str(url.database)).is_file():
        raise Refusal(absent)
    try:
        engine = engine_for(url, patience, writing=True)
        with _alone(url), engine.connect() as connection:
            form = _form(connection)
            if not form and not create:
                raise Refusal(absent)
            if form != HEAD:
                _migrate(connection)
        engine.dispose()
    except SQLAlchemyError as error:
        raise Refusal(f"journal {url.render_as_string()}: cannot be opened; got: {brief(error)}") from None


@contextmanager
def _alone(url: URL) -> Iterator[None]:
    if url.drivername == "sqlite":
        with exclusive(Path(f"{url.database}-write")):
            yield
    else:
        yield


def _form(connection: Connection) -> str:
    if not inspect(connection).has_table("alembic_version"):
        return ""
    return str(connection.execute(text("SELECT version_num FROM alembic_version")).scalar() or "")


def _migrate(connection: Connection) -> None:
    from alembic import command  # a second of imports that an up-to-date journal never needs
    from alembic.config import Config
    from alembic.util import CommandError

    connection.rollback()
    if connection.dialect.name == "postgresql":
        connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _MIGRATING})
    config = Config(attributes={"connection": connection})
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    config.set_main_option("path_separator", "os")
    try:
        command.upgrade(config, "head")
    except CommandError as error:
        raise Refusal(f"journal: the database is of another version of Loanwatch; got: {error}") from None
    connection.commit()


def brief(error: BaseException) -> str:
    """The first line of what a driver said, without statement and parameters."""
    cause = getattr(error, "orig", None) or error
    lines = str(cause).strip().splitlines()
    return lines[0][:200] if lines else type(cause).__name__
