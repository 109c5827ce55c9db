"""Write a simulated book, partition by partition: resumable, and whole or not there at all."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
from collections.abc import Callable
from dataclasses import asdict
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

from book.errors import Refusal
from book.sources import arrow
from book.sources.settings_file import write_settings
from book.sources.simulate.part import live
from book.sources.simulate.plan import Calendar, Plan
from book.sources.simulate.tables import TABLES, TRUTH
from book.workers import run

NOTE = "plan.json"


def simulate(plan: Plan, out: Path, progress: Callable[[int, int], None] | None = None, workers: int = 1) -> Path:
    """Write the book of `plan` to the folder `out` and return it.

    The layout is `part-00000/<table>.parquet`, `book.toml`, and `truth/part-00000.parquet` with the planted causes,
    which no loader reads. Each of `workers` processes holds one partition at a time. The parts grow in the folder
    `out`.part, which becomes `out` when all are there; a run of the same plan is taken up where it stopped. Raises
    Refusal where `out` exists and is not empty.
    """
    if out.exists() and any(out.iterdir()):
        raise Refusal(f"simulate: the folder {out} is not empty; give a new one or remove it first")
    work = out.with_name(out.name + ".part")
    _prepare(work, plan)
    to_do = [number for number in range(plan.parts) if not (work / _name(number)).exists()]
    done = plan.parts - len(to_do)
    if progress is not None:
        progress(done, plan.parts)
    for _ in run(partial(write_part, plan, work), to_do, min(workers, len(to_do))):
        done += 1
        if progress is not None:
            progress(done, plan.parts)
    _settings(plan, work)
    (work / NOTE).unlink()
    if out.exists():
        out.rmdir()
    os.replace(work, out)
    return out


def write_part(plan: Plan, work: Path, number: int) -> int:
    """Write one partition, whole or not at all, and its truth; returns the number."""
    part = live(plan, number, Calendar(plan))
    unfinished = work / f"_{_name(number)}"
    shutil.rmtree(unfinished, ignore_errors=True)
    for name, table in TABLES.items():
        arrow.write(table(part), unfinished / f"{name}.parquet")
    arrow.write(TRUTH(part), work / "truth" / f"{_name(number)}.parquet")
    os.replace(unfinished, work / _name(number))
    return number


def _name(number: int) -> str:
    return f"part-{number:05d}"


def _prepare(work: Path, plan: Plan) -> None:
    """The folder where `plan` grows: what an earlier run of the same plan left is kept, anything else is removed."""
    note, wanted = work / NOTE, asdict(plan) | {"simulator": _source_hash()}
    if work.exists() and (not note.exists() or json.loads(note.read_text()) != wanted):
        shutil.rmtree(work)
    if not note.exists():
        work.mkdir(parents=True)
        unfinished = note.with_suffix(".tmp")
        unfinished.write_text(json.dumps(wanted))
        os.replace(unfinished, note)


def _source_hash() -> str:
    """SHA-256 of the simulator's own files: parts of two versions are not mixed."""
    whole = hashlib.sha256()
    for path in sorted(Path(__file__).parent.rglob("*.py")):
        whole.update(path.read_bytes())
    return whole.hexdigest()


def _settings(plan: Plan, folder: Path) -> None:
    received_at = datetime.fromtimestamp(Calendar(plan).received_at / 1_000_000, UTC)
    write_settings(
        folder,
        f"A simulated book: {plan.loans} loans, {plan.months} months from {plan.start}, seed {plan.seed}.",
        {
            "source": "simulator",
            "timezone": plan.timezone,
            "currency": plan.currency,
            "received_at": received_at.replace(microsecond=0),
        },
    )
