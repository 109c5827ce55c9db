"""Pieces of work done by several processes, which do not outlive the one that started them."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from book.workers import run

PARENT = """
import time
from multiprocessing import active_children
from book.workers import prepare, run
{before}
done = run(time.sleep, [0, 60, 60], 2)
next(done)
print(*(child.pid for child in active_children()), flush=True)
next(done)
"""

FORKED = """
import os, sys
from multiprocessing.forkserver import _forkserver
from book.workers import prepare, run

if __name__ == "__main__":
    prepare("features.catalogue")
    os.environ["LATER"] = "here"
    assert next(run(os.getenv, ["LATER"], 2)) == "here"
    assert next(run(os.getenv, ["POLARS_MAX_THREADS"], 2)) == "1"
    print(len(os.listdir(f"/proc/{_forkserver._forkserver_pid}/task")))
"""


def alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    state = Path(f"/proc/{pid}/stat")
    return not state.exists() or state.read_text().rpartition(")")[2].split()[0] != "Z"


def test_every_piece_is_done_once() -> None:
    assert sorted(run(abs, range(-5, 0), 2)) == [1, 2, 3, 4, 5]


@pytest.mark.parametrize("before", ["", 'prepare("book.clock")'])
def test_workers_end_with_a_parent_that_is_killed(before: str) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", PARENT.format(before=before)], stdout=subprocess.PIPE, text=True
    ) as parent:
        assert parent.stdout is not None
        children = [int(pid) for pid in parent.stdout.readline().split()]
        assert len(children) == 2
        assert all(map(alive, children))
        parent.send_signal(signal.SIGKILL)
    until = time.monotonic() + 20
    while any(map(alive, children)) and time.monotonic() < until:
        time.sleep(0.05)
    assert not any(map(alive, children))


@pytest.mark.skipif(sys.platform != "linux", reason="workers are forked on Linux alone")
def test_workers_are_forked_from_a_process_with_one_thread(tmp_path: Path) -> None:
    (tmp_path / "begin.py").write_text(FORKED)
    told = subprocess.run([sys.executable, tmp_path / "begin.py"], capture_output=True, text=True, check=True)
    assert told.stdout.split() == ["1"]
