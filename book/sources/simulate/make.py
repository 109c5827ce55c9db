"""Write a simulated book, partition by partition."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

from book.errors import Refusal
from book.sources import arrow
from book.sources.settings_file import write_settings
from book.sources.simulate.part import live
from book.sources.simulate.plan import Calendar, Plan
from book.sources.simulate.tables import TABLES, TRUTH


def simulate(plan: Plan, out: Path, progress: Callable[[int, int], None] | None = None) -> Path:
    """Write the book of `plan` to the folder `out` and return it.

    The layout is `part-00000/<table>.parquet`, `book.toml`, and `truth/part-00000.parquet` with the
    planted causes, which no loader reads. Memory holds one partition at a time. Raises Refusal where
    `out` exists and is not empty.
    """
    if out.exists() and any(out.iterdir()):
        raise Refusal(f"simulate: the folder {out} is not empty; give a new one or remove it first")
    calendar = Calendar(plan)
    for number in range(plan.parts):
        part = live(plan, number, calendar)
        for name, table in TABLES.items():
            arrow.write(table(part), out / f"part-{number:05d}" / f"{name}.parquet")
        arrow.write(TRUTH(part), out / "truth" / f"part-{number:05d}.parquet")
        if progress is not None:
            progress(number + 1, plan.parts)
    received_at = datetime.fromtimestamp(calendar.received_at / 1_000_000, UTC)
    write_settings(
        out,
        f"A simulated book: {plan.loans} loans, {plan.months} months from {plan.start}, seed {plan.seed}.",
        {
            "source": "simulator",
            "timezone": plan.timezone,
            "currency": plan.currency,
            "received_at": received_at.replace(microsecond=0),
        },
    )
    return out
