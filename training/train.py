"""Making a model: book in, judged and calibrated bundle out."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from book.errors import Refusal
from book.load import Book
from features.catalogue import CATALOGUE, Catalogue
from features.cohorts import build_context
from features.context import Context
from features.panel import month_ends
from monitoring.target import Target
from training.config import Config, Progress
from training.data import Panel, gather, span
from training.making import make
from training.measured import Measured
from training.result import TrainResult
from training.shelf import Shelf
from training.split import Split, iso, last_day, plan

DAY = 86_400_000_000  # microseconds
Steps = Callable[[str], Progress]


def train(
    book: Book,
    target: Target | None = None,
    config: Config | None = None,
    steps: Steps | None = None,
    catalogue: Catalogue = CATALOGUE,
    panel: Path | None = None,
) -> TrainResult:
    """Train, calibrate and judge a model on a book; nothing is written.

    `target` is by default that of the book's settings. `steps(title)` gives the progress callback of a stage.
    `catalogue` may hold features of one's own (`features.own.catalogue_with`). `panel` is a folder of
    `loanwatch features` with the same features: they are read from there and the bundle is the same.
    Raises Refusal where the history is too short or a slice has no events.
    """
    target, config = target or Target.of(book.settings), config or Config()
    if panel and target.applied(book.settings) != book.settings:
        raise Refusal(f"{panel}: was measured with default as the book has it; --default-dpd needs the features anew")
    book = replace(book, settings=target.applied(book.settings))
    first, cutoff = span(book, _step(steps, "Reading the book"))
    split = plan(first, cutoff, target, book.settings.timezone, config.oot_months)
    rows, context = _measured(book, (split, target, cutoff), config, steps, catalogue, panel)
    result = make(rows, split, target, config, book.settings, _step(steps, "Growing trees"))
    told = dict(result.parameters) | {"book_hash": book.hash()}
    made = dict(result.manifest) | {"book": book.hash()}
    report = dict(result.report) | {"records_end": iso(cutoff // DAY)}
    return replace(result, context=context, parameters=told, manifest=made, report=report)


def _measured(
    book: Book,
    asked: tuple[Split, Target, int],
    config: Config,
    steps: Steps | None,
    catalogue: Catalogue,
    panel: Path | None,
) -> tuple[Panel, Context]:
    """The rows of a run, and the cohort figures they were measured with; each part of a small book is read once."""
    split, _, cutoff = asked
    shelf = Shelf(book)
    days = month_ends(last_day(split.train_first - 1), cutoff // DAY)
    context = build_context(book, days, _step(steps, "Comparing cohorts"), tables=shelf.tables)
    step = _step(steps, "Measuring loans")
    found = gather(book, *asked, config, step, catalogue, context, panel is not None, shelf.tables)
    if panel is None:
        return found, context
    expected = {"book": book.hash(), "catalogue": catalogue.fingerprint, "context": context.hash}
    return replace(found, rows=Measured.of(panel, catalogue.names, expected).fill(found.rows)), context


def _step(steps: Steps | None, title: str) -> Progress | None:
    return steps(title) if steps else None
