"""Every test of the journal runs on SQLite and on a real PostgreSQL."""

from __future__ import annotations

import itertools
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import NullPool, create_engine, text

from serving.journal import Alert, Journal, Score
from serving.journal.database import bring_up, database_url

_COUNT = itertools.count()


@pytest.fixture(scope="session")
def template(postgres: Any) -> Any:
    """A database with the journal's tables, to be copied."""
    postgres.sql("CREATE DATABASE journal_template")
    bring_up(database_url(postgres.url("journal_template")), 5)
    return postgres


@pytest.fixture
def quick_path(tmp_path: Path) -> Iterator[Path]:
    """A folder in memory where there is one: a commit that waits for a busy disk proves nothing here."""
    memory = Path("/dev/shm")
    if not memory.is_dir():
        yield tmp_path
        return
    with tempfile.TemporaryDirectory(dir=memory) as name:
        yield Path(name)


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def url(request: pytest.FixtureRequest, quick_path: Path) -> str:
    """The URL of a new journal."""
    if request.param == "sqlite":
        return f"sqlite:///{quick_path / 'journal.db'}"
    server = request.getfixturevalue("template")
    name = f"journal_{next(_COUNT)}"
    server.sql(f"CREATE DATABASE {name} TEMPLATE journal_template")
    return str(server.url(name))


@pytest.fixture
def journal(url: str) -> Iterator[Journal]:
    with Journal.open(url, "api", patience=5) as opened:
        yield opened


def a_score(n: int, **other: Any) -> Score:
    """The n-th score, with payloads."""
    given: dict[str, Any] = {
        "score_id": f"S{n:06d}",
        "request_id": f"R{n}",
        "actor": "monitor",
        "source": "api",
        "loan_id": f"L{n % 7}",
        "borrower_id": "ab" * 16,
        "as_of": 19_900,
        "cutoff": 1_719_763_199_999_999,
        "status": "scored",
        "pd": 0.0123 + n / 7,
        "raw": -4.2,
        "grade": "G3",
        "tier": "T2",
        "floor": "",
        "dpd": 0,
        "exposure": 1_000_000,
        "bundle_id": "b" * 64,
        "pack": "grades 1",
        "pack_hash": "c" * 64,
        "feature_hash": "d" * 64,
        "explainer": "treeshap",
        "data": b"tables of the request %d " % n * 20,
        "details": {"features": [n / 3, None], "reasons": ["逾期"]},
        "state_next": {"tier": "T2", "n": n},
    }
    return Score(**(given | other))


def an_alert(n: int, **other: Any) -> Alert:
    """The n-th alert."""
    given: dict[str, Any] = {
        "alert_id": f"A{n:06d}",
        "rule": "R02",
        "version": "1",
        "severity": "O",
        "family": "arrears",
        "level": "loan",
        "subject": f"L{n}",
        "loan_id": f"L{n}",
        "borrower_id": "ab" * 16,
        "fired_on": 19_900,
        "owner": "officer",
        "action": "CALL",
        "request_id": f"R{n}",
        "actor": "monitor",
        "evidence": {"dpd": 31.0 + n},
    }
    return Alert(**(given | other))


@pytest.fixture
def score() -> Callable[..., Score]:
    return a_score


@pytest.fixture
def alert() -> Callable[..., Alert]:
    return an_alert


@pytest.fixture
def sql(url: str) -> Callable[..., Any]:
    """Run a statement past the journal, as somebody with the keys of the database would."""

    def run(statement: str, **values: Any) -> Any:
        engine = create_engine(database_url(url), poolclass=NullPool)
        with engine.begin() as connection:
            result = connection.execute(text(statement), values)
            return result.all() if result.returns_rows else None

    return run
