"""Both cores busy: independent pieces of work done by several processes, a bounded number at a time."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from itertools import islice
from multiprocessing import get_context, parent_process
from typing import TypeVar

Piece = TypeVar("Piece")
Result = TypeVar("Result")
AHEAD = 2
"""Pieces handed out per worker: one at work, one waiting."""
_KEEP_MEMORY = {
    "MALLOC_MMAP_THRESHOLD_": str(1 << 28),
    "MALLOC_TRIM_THRESHOLD_": str(1 << 30),
    "MALLOC_TOP_PAD_": str(1 << 26),
    "_RJEM_MALLOC_CONF": "dirty_decay_ms:-1,muzzy_decay_ms:-1",
    "MIMALLOC_PURGE_DELAY": "-1",
}
"""Memory that a worker has used it uses again and does not give back between pieces: to touch it anew is slow.

The settings of the allocators of the C library, Polars and Arrow; read when a process begins.
"""


def cores() -> int:
    """How many processor cores this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def run(work: Callable[[Piece], Result], pieces: Iterable[Piece], workers: int) -> Iterator[Result]:
    """`work` of every piece, in the order in which they get done.

    With one worker in this process, else in `workers` new ones (spawned: nothing is inherited but the environment; they
    end with this one, even where it is killed), so `work` must be a function of a module and pieces and results must
    be picklable. Pieces are taken from the iterable as workers get free. The first failure is raised here; what was
    not begun is dropped.
    """
    if workers <= 1:
        yield from map(work, pieces)
        return
    waiting = iter(pieces)
    for name, value in _KEEP_MEMORY.items():
        os.environ.setdefault(name, value)  # for the new processes
    pool = ProcessPoolExecutor(workers, mp_context=get_context("spawn"), initializer=_begin)
    try:
        begun: set[Future[Result]] = {pool.submit(work, piece) for piece in islice(waiting, AHEAD * workers)}
        while begun:
            done, begun = wait(begun, return_when=FIRST_COMPLETED)
            begun |= {pool.submit(work, piece) for piece in islice(waiting, len(done))}
            for future in done:
                yield future.result()
    finally:
        pool.shutdown(wait=True, cancel_futures=True)


def _begin() -> None:
    """What a worker does first."""
    _one_thread()
    threading.Thread(target=_end_with_parent, daemon=True).start()


def _end_with_parent() -> None:
    """A parent that was killed cannot stop its workers: they would wait for ever, or write beside the next run."""
    parent = parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)


def _one_thread() -> None:
    """Libraries with threads of their own keep to one: the processes are what runs in parallel."""
    for name in ("POLARS_MAX_THREADS", "OMP_NUM_THREADS", "ARROW_NUM_THREADS", "NUMBA_NUM_THREADS"):
        os.environ[name] = "1"
