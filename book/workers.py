"""Both cores busy: independent pieces of work done by several processes, a bounded number at a time."""

from __future__ import annotations

import os
import sys
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from itertools import islice
from multiprocessing import forkserver, get_context, parent_process
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
_OF_POLARS = "dirty_decay_ms:500,muzzy_decay_ms:1000"
"""What Polars puts into the environment of the process that imports it: nobody's choice."""
_PREPARED: list[str] = []
"""What the process that workers are forked from has imported, where there is one."""


def cores() -> int:
    """How many processor cores this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def prepare(module: str) -> None:
    """Begin to import `module` for the workers of a `run` to come, in a process beside this one; returns at once.

    That process does nothing else; workers are forked from it and have what it has read. At a fork it must have no
    thread but its first: `module` may bring in numpy and compiled loops, not Polars or Arrow, which begin threads.
    """
    if sys.platform == "linux" and not _PREPARED:
        _keep_memory()
        forkserver.set_forkserver_preload(["book.one_thread", module])
        forkserver.ensure_running()
        _PREPARED.append(module)


def run(work: Callable[[Piece], Result], pieces: Iterable[Piece], workers: int) -> Iterator[Result]:
    """`work` of every piece, in the order in which they get done.

    With one worker in this process, else in `workers` new ones (nothing of this one is inherited but the environment;
    they end with it, even where it is killed), so `work` must be a function of a module and pieces and results must be
    picklable. Pieces are taken from the iterable as workers get free. The first failure is raised here; what was not
    begun is dropped.
    """
    if workers <= 1:
        yield from map(work, pieces)
        return
    waiting = iter(pieces)
    _keep_memory()
    way = get_context("forkserver" if _PREPARED else "spawn")
    pool = ProcessPoolExecutor(workers, mp_context=way, initializer=_begin, initargs=(dict(os.environ),))
    try:
        begun: set[Future[Result]] = {pool.submit(work, piece) for piece in islice(waiting, AHEAD * workers)}
        while begun:
            done, begun = wait(begun, return_when=FIRST_COMPLETED)
            begun |= {pool.submit(work, piece) for piece in islice(waiting, len(done))}
            for future in done:
                yield future.result()
    finally:
        pool.shutdown(wait=True, cancel_futures=True)


def _keep_memory() -> None:
    """The settings of allocators for processes begun from now on, where nobody has chosen others."""
    os.environ.update(settings_of_workers())


def settings_of_workers() -> dict[str, str]:
    """The settings of allocators that workers have, where nobody has chosen others."""
    return {name: value for name, value in _KEEP_MEMORY.items() if os.environ.get(name, _OF_POLARS) == _OF_POLARS}


def _begin(environment: Mapping[str, str]) -> None:
    """What a worker does first."""
    os.environ.clear()
    os.environ.update(environment)
    one_thread()
    threading.Thread(target=_end_with_parent, daemon=True).start()


def _end_with_parent() -> None:
    """A parent that was killed cannot stop its workers: they would wait for ever, or write beside the next run."""
    parent = parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)


def one_thread() -> None:
    """Libraries with threads of their own keep to one: the processes are what runs in parallel."""
    for name in ("POLARS_MAX_THREADS", "OMP_NUM_THREADS", "ARROW_NUM_THREADS", "NUMBA_NUM_THREADS"):
        os.environ[name] = "1"
