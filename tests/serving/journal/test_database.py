"""What connections to SQLite hold in memory has an end, however large the journal grows."""

from __future__ import annotations

from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, text
from sqlalchemy.exc import TimeoutError as NoMore

from serving.journal.database import CONNECTIONS, MORE, READING_KIB, WRITING_KIB, database_url, engine_for

MOST_MIB = 32


def held(connection: Any) -> int:
    """KiB of pages that a connection may keep."""
    found = int(connection.execute(text("PRAGMA cache_size")).scalar())
    assert found < 0, "counted in KiB"
    return -found


@pytest.mark.parametrize(
    ("writing", "most", "each"), [(False, CONNECTIONS + MORE, READING_KIB), (True, 1, WRITING_KIB)]
)
def test_connections_are_counted_and_each_has_a_cache_of_stated_size(
    tmp_path: Path, writing: bool, most: int, each: int
) -> None:
    engine = engine_for(database_url(tmp_path / "journal.db"), 1.0, writing=writing)
    engine.pool._timeout = 0.01  # type: ignore[attr-defined]
    with ExitStack() as open_:
        sizes = [held(open_.enter_context(engine.connect())) for _ in range(most)]
        assert sizes == [each] * most
        with pytest.raises(NoMore):
            engine.connect()
    assert kept(engine) == min(most, CONNECTIONS)


def kept(engine: Engine) -> int:
    """Connections that stay open when nobody uses them."""
    return int(engine.pool.checkedin())  # type: ignore[attr-defined]


def test_all_of_them_together_stay_small() -> None:
    assert (CONNECTIONS + MORE) * READING_KIB + WRITING_KIB <= MOST_MIB << 10
