"""What the journal costs: scores a second through group commit, and callers who wait for each.

    python -m benchmarks.journal [URL]

Callers hand over scores with payloads of a request (about 9 KB compressed) one call each; a call returns after its
commit (SQLite: WAL, synchronous FULL). Beside it stands the same disk asked to make single small writes durable.
"""

from __future__ import annotations

import os
import sys
import tempfile
import threading
import time
from pathlib import Path
from typing import Any

from serving.journal import Journal, Score, new_id

SCORES, WAITING, CALLERS = 6_000, 2_000, 16


def score(n: int, data: bytes) -> Score:
    """The n-th score."""
    names: dict[str, Any] = dict.fromkeys(("pack_hash", "feature_hash", "bundle_id"), "ab" * 32)
    return Score(
        score_id=new_id("S"),
        request_id=f"R{n}",
        actor="monitor",
        source="api",
        loan_id=f"L{n}",
        borrower_id="cd" * 16,
        as_of=19_900,
        cutoff=1,
        status="scored",
        pd=0.01,
        raw=-4.5,
        grade="G3",
        tier="T2",
        floor="",
        dpd=0,
        exposure=1_000_000,
        pack="standard 1",
        explainer="treeshap tables",
        data=data + str(n).encode(),
        details={"features": [n + 0.5] * 190, "reasons": [{"lead": f"f{k}", "n": n} for k in range(6)]},
        state_used={"tier": "T2", "n": n},
        state_next={"tier": "T2", "n": n + 1},
        **names,
    )


def together(journal: Journal, data: bytes) -> float:
    """Scores a second when all are handed over at once."""
    entries = [score(n, data) for n in range(SCORES)]
    begun = time.perf_counter()
    for future in [journal.write(entry) for entry in entries]:
        future.result()
    return SCORES / (time.perf_counter() - begun)


def waiting(journal: Journal, data: bytes) -> tuple[float, float, float]:
    """Scores a second, p50 and p99 in ms, of callers who wait for the commit of each score before the next."""
    entries = iter([score(n, data) for n in range(WAITING)])
    lock, times = threading.Lock(), []

    def caller() -> None:
        while True:
            with lock:
                entry = next(entries, None)
            if entry is None:
                return
            begun = time.perf_counter()
            journal.write(entry).result()
            times.append(1e3 * (time.perf_counter() - begun))

    threads = [threading.Thread(target=caller) for _ in range(CALLERS)]
    begun = time.perf_counter()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    rate = WAITING / (time.perf_counter() - begun)
    ranked = sorted(times)
    return rate, ranked[len(ranked) // 2], ranked[len(ranked) * 99 // 100]


def single_writes(folder: Path) -> float:
    """Small durable writes a second, one after the other: the floor of the disk."""
    with (folder / "floor").open("wb", buffering=0) as file:
        begun = time.perf_counter()
        for _ in range(200):
            file.write(b"x" * 4_096)
            os.fsync(file.fileno())
        return 200 / (time.perf_counter() - begun)


def main() -> None:
    """Measure and print."""
    with tempfile.TemporaryDirectory() as name:
        url = sys.argv[1] if len(sys.argv) > 1 else f"sqlite:///{name}/journal.db"
        data = os.urandom(9_000)
        with Journal.open(url, "bench") as journal:
            journal.write(score(-1, data)).result()
            rate = together(journal, data)
            each, p50, p99 = waiting(journal, data)
        floor = single_writes(Path(name))
    print(f"handed over at once: {rate:,.0f} scores/s, {rate / floor:.1f} for each durable write that the disk makes")
    print(f"{CALLERS} callers who wait: {each:,.0f} scores/s, p50 {p50:.1f} ms, p99 {p99:.1f} ms")
    print(f"durable writes one by one: {floor:,.0f}/s")


if __name__ == "__main__":
    main()
