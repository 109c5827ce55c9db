"""The compiled readings of rows and of the calendar say what plain numpy and `book.clock` say."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from book import clock
from features import calendar, summaries, totals
from features.belonging import Belonging
from features.windows import again_within, locate

DAYS = st.integers(-25_000, 84_000)


@given(st.lists(st.tuples(DAYS, DAYS), min_size=1, max_size=50))
def test_months_are_counted_as_the_clock_counts_them(pairs: list[tuple[int, int]]) -> None:
    start, end = np.array(pairs).T.copy()
    last = clock.month_end(clock.month_of(end)).astype(np.int64)
    for until in (end, last):
        assert calendar.whole_months(start, until).tolist() == clock.months_between(start, until).tolist()
        whole = clock.month_of(until) - clock.month_of(start) - (clock.month_end(clock.month_of(until)) != until)
        assert calendar.month_ends_after(start, until).tolist() == np.maximum(whole, 0).tolist()
    assert calendar.day_of_month(start[:, None] * 1.0)[:, 0].tolist() == clock.day_of_month(start).tolist()


def test_what_never_happened_is_a_month_older_than_the_history() -> None:
    day, happened = np.array([-1, 19_000]), np.array([False, True])
    as_of, months = np.array([19_700, 19_700]), np.array([7.0, 7.0])
    expected = [8.0, float(clock.months_between(day[1:], as_of[1:])[0])]
    assert calendar.months_since(day, happened, as_of, months).tolist() == expected


ROWS = arrays(np.bool_, st.integers(1, 30))


@given(holds=ROWS, data=st.data())
def test_rows_in_a_row_and_the_first_that_holds(holds: Any, data: st.DataObject) -> None:
    first = data.draw(st.integers(0, len(holds)))
    end = data.draw(st.integers(first, len(holds)))
    inside = holds[first:end].tolist()
    at = np.array([first]), np.array([end])
    run = next((k for k, held in enumerate(reversed(inside)) if not held), len(inside))
    assert totals.in_a_row(holds, *at).tolist() == [run]
    assert totals.first_place(holds, *at).tolist() == [inside.index(True) if True in inside else -1]
    values = np.arange(len(holds)) ** 2
    assert totals.gained(totals.totals_where(values, holds), *at).tolist() == [int(values[first:end][inside].sum())]


@given(st.lists(st.tuples(st.integers(0, 3), st.integers(0, 40), st.booleans(), st.booleans()), max_size=30))
def test_tried_again_within_a_week_of_a_failure(rows: list[tuple[int, int, bool, bool]]) -> None:
    rows = sorted(rows)
    owner, on, failed, tried = (
        np.array([row[k] for row in rows], kind) for k, kind in enumerate((int, int, bool, bool))
    )
    edges = np.searchsorted(owner, np.arange(5))
    found = again_within(7, on, np.stack([edges[:-1], edges[1:]], axis=1), failed, tried)
    for k, (loan, day, _, attempt) in enumerate(rows):
        before = any(o == loan and bad and day - 7 <= d < day for o, d, bad, _ in rows)
        assert found[k] == (attempt and before)


@given(st.lists(st.integers(0, 60), max_size=40), st.lists(st.integers(0, 60), min_size=1, max_size=6))
def test_edges_that_come_again_are_found_again(days: list[int], as_ofs: list[int]) -> None:
    days, as_ofs = sorted(days), sorted(as_ofs)
    edges = np.array([[day - 10, day - 5, day] for day in as_ofs])
    at, segment = np.array([[0, len(days)]]), np.zeros(len(as_ofs), np.int64)
    found = locate(np.array(days, np.int32), at, segment, edges)
    assert found.tolist() == np.searchsorted(days, edges, side="right").tolist()


@given(arrays(np.float64, (3, 12), elements=st.integers(-40, 40).map(float) | st.just(float("nan"))))
def test_the_middle_slope(values: Any) -> None:
    found = summaries.theil_sen(values, np.ones(3, np.bool_))
    for row, slope in zip(values, found.tolist(), strict=True):
        known = [(k, value) for k, value in enumerate(row.tolist()) if value == value]
        slopes = [(b - a) / (j - i) for n, (j, b) in enumerate(known) for i, a in known[:n]]
        assert np.array_equal(slope, np.median(slopes) if len(known) >= 3 else np.nan, equal_nan=True)


def test_a_measure_says_that_its_history_is_gone() -> None:
    class Some:
        pass

    h: Any = Some()
    belonging = Belonging(h)
    assert belonging.h is h
    del h
    with pytest.raises(ReferenceError, match="outlived"):
        _ = belonging.h
