"""The state of the model and of the book, as the demo leaves them for the desk."""

from __future__ import annotations

import shutil
from datetime import date
from pathlib import Path

import numpy as np

from book.clock import month_end, month_of
from book.load import Book
from book.workers import cores
from loanwatch import monitor_rows
from loanwatch.console import Step
from loanwatch.decided_rows import decided
from loanwatch.monitor import prepare
from monitoring.kris.model import monitored
from monitoring.portfolio.figures import figures
from monitoring.portfolio.gather import gather
from monitoring.timeline.figures import timeline
from policy.pack import load_pack
from reports.book.files import write_pack
from reports.timeline.files import write_timeline
from serving.journal import Journal

MONTHS_OF_MODEL, MONTHS_OF_BOOK = 12, 24


def state_of_model(book: Book, as_of: int, models: Path, out: Path, step: Step) -> None:
    """The champion over the last year, as `loanwatch monitor` writes it; nothing where no loan could be scored."""
    last = int(month_of(np.array([as_of]))[0])
    job, asked = prepare(book, models, "none", "standard", (last - MONTHS_OF_MODEL + 1, last), step)
    rows, counts = monitor_rows.gather(book, job, out.with_name(out.name + ".rows"), cores(), step)
    if len(rows):
        found = timeline(rows, counts, job.baseline, asked)
        write_timeline(found, job.pack, out, book.settings.currency, book.settings.timezone)


def state_of_book(book: Book, as_of: int, beside: Path, capacity: int, step: Step) -> None:
    """The pack of the last two years, as `loanwatch portfolio` writes it, with what the night in `beside` decided."""
    first = int(month_end(month_of(np.array([as_of])) - MONTHS_OF_BOOK + 1)[0])
    work, zone = beside / "portfolio-rows", book.settings.timezone
    rows = gather(book, first, as_of, work, step, None, None)
    days = rows.states["as_of"]
    with Journal.open(f"sqlite:///{beside / 'journal.db'}", "portfolio", create=False) as journal:
        told = decided(journal, beside / "segments", days.min(), days.max(), rows.lives, zone, capacity)  # type: ignore[arg-type]
    on = date(1970, 1, 1).fromordinal(date(1970, 1, 1).toordinal() + as_of)
    found = figures(rows, told, load_pack(), monitored(beside / "monitor", on))
    write_pack(found, rows, beside / "portfolio", book.settings.currency, zone)
    shutil.rmtree(work)
