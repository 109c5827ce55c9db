"""What was committed reaches the database beside the writers."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from serving.journal import Journal
from serving.journal.verify import verify

Make = Callable[..., Any]


def test_the_log_is_moved_while_the_journal_is_open(quick_path: Path, score: Make) -> None:
    path = quick_path / "journal.db"
    with Journal.open(path) as journal:
        before = path.stat().st_size
        for number in range(1, 6):
            journal.write(score(number, data=os.urandom(100_000))).result(10)
        until = time.monotonic() + 30
        while path.stat().st_size < before + 400_000 and time.monotonic() < until:
            time.sleep(0.02)
        assert path.stat().st_size >= before + 400_000
        assert verify(journal).whole


def test_writing_goes_on_while_others_move_the_log(quick_path: Path, score: Make) -> None:
    path = quick_path / "journal.db"
    with Journal.open(path) as first, Journal.open(path) as second:
        until, number = time.monotonic() + 1.0, 0
        while time.monotonic() < until:
            number += 1
            waiting = [
                journal.write(score(2 * number + k, data=os.urandom(20_000)))
                for k, journal in enumerate((first, second))
            ]
            for one in waiting:
                one.result(10)
        verdict = verify(first)
        assert verdict.whole
        assert verdict.entries >= 2 * number


def test_a_closed_journal_leaves_no_thread(quick_path: Path) -> None:
    journal = Journal.open(quick_path / "journal.db")
    assert journal._checkpoints is not None
    thread = journal._checkpoints._thread
    assert thread.is_alive()
    journal.close()
    assert not thread.is_alive()
