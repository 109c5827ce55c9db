"""Rows of a book: features as known on the day, outcomes as known at the end, nothing of one in the other."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from book.errors import Refusal
from book.load import Book, open_book
from features.context_file import write_context
from features.panel import write_panel
from monitoring.target import EVENT, Target
from training.config import Config
from training.data import Panel, gather, span
from training.measured import Measured
from training.shelf import Shelf
from training.split import OOT, Split, last_day, plan
from training.train import train

TARGET = Target(horizon=3)


@pytest.fixture(scope="module")
def book(small_book: Path) -> Book:
    return open_book(small_book)


@pytest.fixture(scope="module")
def planned(book: Book) -> tuple[Split, int]:
    first, cutoff = span(book)
    return plan(first, cutoff, TARGET, book.settings.timezone), cutoff


@pytest.fixture(scope="module")
def rows(book: Book, planned: tuple[Split, int]) -> Panel:
    return gather(book, *_asked(planned), Config())


def _asked(planned: tuple[Split, int]) -> tuple[Split, Target, int]:
    return planned[0], TARGET, planned[1]


def test_size_of_the_pieces_does_not_change_a_row(book: Book, planned: tuple[Split, int], rows: Panel) -> None:
    pieces = gather(book, *_asked(planned), Config(chunk=97)).rows
    assert pieces.x.tobytes() == rows.rows.x.tobytes()
    assert pieces.state.tobytes() == rows.rows.state.tobytes()


def test_features_of_a_row_do_not_depend_on_what_was_posted_later(
    book: Book, planned: tuple[Split, int], rows: Panel
) -> None:
    split, cutoff = planned
    early = gather(book, split, TARGET, cutoff - 200 * 86_400_000_000, Config()).rows
    assert early.x.tobytes() == rows.rows.x.tobytes()
    assert np.isnan(early.y).sum() > np.isnan(rows.rows.y).sum()


def test_every_row_left_is_mature_and_every_event_lies_in_its_window(rows: Panel) -> None:
    found = rows.rows
    assert not np.isnan(found.y).any()
    assert np.array_equal(found.y == 1, found.state == EVENT)
    ahead = (found.event_on - found.as_of)[found.y == 1]
    assert len(ahead)
    assert ahead.min() > 0
    assert ahead.max() <= 92


def test_what_is_left_out_is_counted(rows: Panel) -> None:
    assert rows.excluded["insufficient_history"] > 0
    assert rows.not_yet_mature > 0
    assert (rows.rows.role == OOT).sum() > 0


def test_a_loan_in_default_by_the_target_is_not_asked(book: Book) -> None:
    config = Config(rounds=5, threads=1, stop_share=0.3, calibrate_share=0.3)
    strict = train(book, Target(horizon=3, dpd=30), config)
    assert strict.rows.dpd.max() <= 30
    assert strict.bundle.settings["default_dpd"] == 30


def test_a_panel_on_disk_gives_the_same_bundle(book: Book, planned: tuple[Split, int], tmp_path: Path) -> None:
    config = Config(rounds=5, threads=1, stop_share=0.3, calibrate_share=0.3)
    made = train(book, TARGET, config)
    assert made.context is not None
    write_context(made.context, tmp_path / "context.json")
    days = planned[0].months
    panel = tmp_path / "panel"
    write_panel(
        book, last_day(int(days[0])), last_day(int(days[-1])), panel, workers=1, context=tmp_path / "context.json"
    )
    again = train(book, TARGET, config, panel=panel)
    assert again.rows.x.tobytes() == made.rows.x.tobytes()
    assert again.bundle.id == made.bundle.id
    with pytest.raises(Refusal, match="needs the features anew"):
        train(book, Target(horizon=3, dpd=30), config, panel=panel)
    with pytest.raises(Refusal, match=r"catalogue is .*, must be other"):
        Measured.of(panel, (), {"catalogue": "other"})


def test_parts_of_a_small_book_are_read_once(book: Book) -> None:
    shelf, bare = Shelf(book), Shelf(book, kept=0)
    assert shelf.tables(book.parts[0]) is shelf.tables(book.parts[0])
    assert bare.tables(book.parts[0]) is not bare.tables(book.parts[0])


def test_progress_counts_the_parts(book: Book) -> None:
    seen: list[tuple[int, int]] = []
    span(book, lambda done, total: seen.append((done, total)))
    assert seen == [(n + 1, len(book.parts)) for n in range(len(book.parts))]
