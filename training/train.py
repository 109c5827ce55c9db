"""Making a model: book in, judged and calibrated bundle out."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from book.load import Book
from features.catalogue import CATALOGUE, Catalogue
from features.cohorts import build_context
from features.panel import month_ends
from monitoring.target import Target
from training.config import Config, Progress
from training.data import gather, span
from training.making import make
from training.result import TrainResult
from training.split import last_day, plan

DAY = 86_400_000_000  # microseconds
Steps = Callable[[str], Progress]


def train(
    book: Book,
    target: Target | None = None,
    config: Config | None = None,
    steps: Steps | None = None,
    catalogue: Catalogue = CATALOGUE,
) -> TrainResult:
    """Train, calibrate and judge a model on a book; nothing is written.

    `target` is by default that of the book's settings. `steps(title)` gives the progress callback of a stage.
    `catalogue` may hold features of one's own (`features.own.catalogue_with`).
    Raises Refusal where the history is too short or a slice has no events.
    """
    target, config = target or Target.of(book.settings), config or Config()
    book = replace(book, settings=target.applied(book.settings))
    first, cutoff = span(book, _step(steps, "Reading the book"))
    split = plan(first, cutoff, target, book.settings.timezone, config.oot_months)
    days = month_ends(last_day(split.train_first - 1), cutoff // DAY)
    context = build_context(book, days, _step(steps, "Comparing cohorts"))
    panel = gather(book, split, target, cutoff, config, _step(steps, "Measuring loans"), catalogue, context)
    result = make(panel, split, target, config, book.settings, _step(steps, "Growing trees"))
    known = {"book": book.hash()}
    told = dict(result.parameters) | {"book_hash": known["book"]}
    return replace(result, context=context, parameters=told, manifest=dict(result.manifest) | known)


def _step(steps: Steps | None, title: str) -> Progress | None:
    return steps(title) if steps else None
