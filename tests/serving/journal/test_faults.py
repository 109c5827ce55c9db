"""Database gone, disk full, process killed, clock set back: nothing is lost and nothing doubled."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection, NullPool, create_engine
from sqlalchemy.exc import OperationalError

from book.errors import Refusal
from serving.journal import Answer, Conflict, Journal, JournalDown, Override, OverrideStep, Score
from serving.journal.database import database_url
from serving.journal.verify import verify

Make = Callable[..., Any]
WRITING = """
import sys
from concurrent.futures import wait
from serving.journal import Access, Journal
journal = Journal.open(sys.argv[1], "api")
n = 0
while True:
    calls = [
        journal.write(
            Access(actor="a", role="monitor", method="GET", path="/", subject=f"{n}-{k}", status=200, request_id="1"),
            Access(actor="a", role="monitor", method="GET", path="/", subject=f"{n}-{k}", status=200, request_id="2"),
        )
        for k in range(5)
    ]
    wait(calls)
    print(*(f"{n}-{k}" for k in range(5)), flush=True)
    n += 1
"""


def test_a_writer_killed_in_the_middle_loses_nothing_it_confirmed(url: str) -> None:
    with subprocess.Popen([sys.executable, "-c", WRITING, url], stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        confirmed = [process.stdout.readline().split() for _ in range(4)]
        os.kill(process.pid, signal.SIGKILL)
        confirmed += [line.split() for line in process.stdout.read().splitlines()]
    with Journal.open(url, "api") as journal:
        subjects = [kept.entry.subject for kept in _all_accesses(journal)]
        for subject in (subject for line in confirmed for subject in line):
            assert subjects.count(subject) == 2
        assert all(subjects.count(subject) == 2 for subject in set(subjects))  # whole calls, none of them twice
        assert verify(journal).faults == ()


def _all_accesses(journal: Journal) -> list[Any]:
    found, before = [], None
    while True:
        page = journal.accesses(1_000, before)
        found += page.rows
        if page.next is None:
            return found
        before = page.next


def test_the_clock_may_go_back(url: str, score: Make) -> None:
    moments = iter([2_000, 1_000, 1_500, 900])
    with Journal.open(url, "api", clock=lambda: next(moments)) as journal:
        for n in range(4):
            journal.write(score(n, loan_id="L", pd=n / 10)).result(10)
        newest = journal.latest("L")
        assert newest is not None
        assert newest.entry.pd == 0.3
        assert newest.at == 900
        verdict = verify(journal)
    assert verdict.whole
    assert any("clock went back 2 times" in note for note in verdict.notes)


def test_a_full_disk_is_said_and_written_when_there_is_room_again(tmp_path: Path, score: Make) -> None:
    with Journal.open(tmp_path / "j.db", "api", patience=0.3) as journal:
        journal.write(score(1)).result(10)
        pen = journal._writer._pen
        connection = pen._session.connection  # type: ignore[union-attr]
        pages = connection.exec_driver_sql("PRAGMA page_count").scalar()
        connection.commit()

        def limit(n: int) -> None:
            with pen._session.connection.begin() as begun:  # type: ignore[union-attr]
                begun.connection.exec_driver_sql(f"PRAGMA max_page_count={n}")

        limit(pages)
        kept = pen.forget
        pen.forget = lambda: None  # type: ignore[method-assign]  # the limit belongs to the connection
        with pytest.raises(JournalDown, match=r"nothing was written.*full"):
            journal.write(score(2, data=os.urandom(400_000))).result(10)
        assert "full" in str(journal.healthy())
        limit(1 << 30)
        pen.forget = kept  # type: ignore[method-assign]
        journal.write(score(3)).result(10)
        assert journal.healthy() is None
        assert journal.score("S000002") is None
        assert verify(journal).whole


@pytest.mark.postgres
class TestAwayAndBack:
    """PostgreSQL is restarted under a journal that is at work."""

    @pytest.fixture
    def url(self, template: Any) -> str:
        template.sql("CREATE DATABASE away TEMPLATE journal_template")
        return str(template.url("away"))

    def test_calls_wait_for_the_database_and_are_written_once(self, url: str, template: Any, score: Make) -> None:
        with Journal.open(url, "api", patience=60) as journal:
            journal.write(score(0)).result(30)
            template.stop("immediate")
            futures = [journal.write(score(n)) for n in range(1, 20)]
            time.sleep(0.5)
            assert not any(future.done() for future in futures)
            with pytest.raises(JournalDown):
                journal.score("S000000")
            assert journal.healthy()
            template.start()
            assert all(future.result(60).places for future in futures)
            assert len(journal.page(Score, 1_000).rows) == 20
            assert verify(journal).whole
        template.sql("DROP DATABASE away WITH (FORCE)")

    def test_those_that_do_not_wait_so_long_hear_of_it(self, url: str, template: Any, score: Make) -> None:
        with Journal.open(url, "api", patience=0.3) as journal:
            journal.write(score(0)).result(30)
            template.stop("immediate")
            with pytest.raises(JournalDown, match="nothing was written"):
                journal.write(score(1)).result(30)
            template.start()
            journal.write(score(2)).result(30)
            assert journal.score("S000001") is None
            assert verify(journal).whole
        template.sql("DROP DATABASE away WITH (FORCE)")


@pytest.mark.parametrize("happened", [True, False])
def test_a_commit_that_broke_is_settled_before_anything_else(
    url: str, score: Make, monkeypatch: pytest.MonkeyPatch, happened: bool
) -> None:
    """The connection breaks while the answer to COMMIT is on its way: it may have been carried out or not."""
    with Journal.open(url, "api", patience=10) as journal:
        journal.write(score(0)).result(10)
        whole, broken = Connection._commit_impl, threading.Event()

        def breaks(self: Connection) -> None:
            if broken.is_set() or threading.current_thread().name != "journal":
                whole(self)
                return
            broken.set()
            if happened:
                whole(self)
            raise OperationalError("COMMIT", {}, Exception("server closed the connection unexpectedly"))

        monkeypatch.setattr(Connection, "_commit_impl", breaks)
        answer = Answer.of("s", "k", b"body", 200, b"answer")
        receipt = journal.write(score(1), score(2), answer=answer).result(20)
        assert broken.is_set()
        assert len(receipt.places) == 2
        assert receipt.answer is None
        assert [kept.entry.score_id for kept in journal.page(Score).rows] == ["S000002", "S000001", "S000000"]
        assert verify(journal).whole


def test_two_processes_make_the_tables_at_the_same_moment(tmp_path: Path) -> None:
    opening = "import sys; from serving.journal import Journal; Journal.open(sys.argv[1]).close()"
    path = str(tmp_path / "new.db")
    command = [sys.executable, "-c", opening, path]
    with ThreadPoolExecutor(2) as pool:
        both = pool.map(lambda _: subprocess.run(command, capture_output=True, timeout=120, check=False), range(2))
    assert [(one.returncode, one.stderr) for one in both] == [(0, b"")] * 2


@pytest.mark.parametrize("url", ["mysql://u:secret@h/d", "sqlite://", "nonsense://x", "sqlite:////nowhere/at/all/j.db"])
def test_a_database_that_cannot_be_used_is_refused_without_its_password(url: str) -> None:
    with pytest.raises(Refusal, match="journal") as refused:
        Journal.open(url, create=False)
    assert "secret" not in str(refused.value)


def test_a_journal_of_a_newer_version_is_refused(tmp_path: Path, score: Make) -> None:
    path = tmp_path / "j.db"
    with Journal.open(path) as journal, journal._engine.begin() as connection:
        connection.exec_driver_sql("UPDATE alembic_version SET version_num = '9999'")
    with pytest.raises(Refusal, match="another version"):
        Journal.open(path)


def test_migrations_end_at_the_tables_that_the_code_knows(url: str) -> None:
    from alembic.autogenerate import compare_metadata
    from alembic.migration import MigrationContext

    from serving.journal.schema import HEAD, METADATA

    with Journal.open(url) as journal, journal.connection() as connection:
        context = MigrationContext.configure(connection)
        assert compare_metadata(context, METADATA) == []
        assert context.get_current_revision() == HEAD


def test_a_journal_of_the_first_form_is_brought_up_and_its_overrides_stand_as_approved(url: str) -> None:
    old = Override(override_id="O1", loan_id="L1", what="tier", was="T1", becomes="T5", reason="closed",
                   approved_by="Wang Li", actor="officer", request_id="r")  # fmt: skip
    with Journal.open(url) as journal:
        journal.write(old).result(10)
    engine = create_engine(database_url(url), poolclass=NullPool)
    with engine.begin() as connection:
        for table in ("means", "override_steps"):
            connection.exec_driver_sql(f"DROP TABLE {table}")
        connection.exec_driver_sql("UPDATE alembic_version SET version_num = '0001'")
        connection.exec_driver_sql("DELETE FROM standings WHERE kind = 'override'")
    engine.dispose()
    with Journal.open(url) as journal:
        assert verify(journal).whole
        declined = OverrideStep(override_id="O1", step=1, status="declined", actor="b", request_id="r")
        with pytest.raises(Conflict, match="override O1: it was approved already"):
            journal.write(declined).result(10)
        assert verify(journal).whole
