"""Asking dated rows: how many since a day, and which was the latest."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from features.history import History
from features.ledger import among
from features.series import Series
from features.windows import locate

Int = NDArray[np.int64]
Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]


def unknown(h: History) -> Floats:
    """Not known of any observation, (n,); one array that all share, read only."""
    return h.once(_unknown)


def _unknown(h: History) -> Floats:
    found = np.full(h.n, np.nan)
    found.flags.writeable = False
    return found


def since(series: Series, rows: NDArray[Any], day: NDArray[Any]) -> Int:
    """Sum of integer or boolean `rows` (n_rows,) after each `day` (n,) up to the last edge, (n,)."""
    total = np.concatenate(([0], np.cumsum(rows, dtype=np.int64)))
    after = locate(series.days, series.at, series.segment, np.asarray(day, np.int64)[:, None])[:, 0]
    end = series.position[:, -1]
    return np.asarray(total[end] - total[np.minimum(after, end)])


def latest(series: Series, holds: Bools) -> Int:
    """Position of the latest row that holds up to the last edge, -1 where there is none, (n,)."""
    if not len(holds):
        return np.full(len(series.segment), -1)
    place = np.maximum.accumulate(np.where(holds, np.arange(len(holds)), -1))
    end = series.position[:, -1]
    at = np.where(end > series.first, place[np.maximum(end - 1, 0)], -1)
    return np.where(at >= series.first, at, -1)


def each(series: Series) -> tuple[Int, Int]:
    """Every (row, observation) with the row up to the last edge of the observation; two arrays of one length."""
    first, end = series.first, series.position[:, -1]
    count = np.maximum(end - first, 0)
    of = np.repeat(np.arange(len(count)), count)
    row = np.repeat(first - np.cumsum(count) + count, count) + np.arange(count.sum())
    return row, of


def kind_since(h: History, table: str, day: str, column: str, kinds: tuple[str, ...], after: NDArray[Any]) -> Floats:
    """How many rows of these kinds lie after the day `after` (n,); NaN where the table is absent."""
    rows = h.rows(table)
    if rows is None:
        return unknown(h)
    return since(h.dated(table, day), among(rows[column], table, column, *kinds), after).astype(float)


def kind_ever(h: History, table: str, day: str, column: str, *kinds: str) -> Floats:
    """How many rows of these kinds there are by as_of; NaN where the table is absent."""
    rows = h.rows(table)
    if rows is None:
        return unknown(h)
    return h.dated(table, day).so_far(among(rows[column], table, column, *kinds)).astype(float)


def flag(count: Floats) -> Floats:
    """1 where a count is above 0, NaN where it is not known."""
    return np.where(np.isnan(count), np.nan, count > 0)


def money(minor: NDArray[Any]) -> Floats:
    """Minor units as major units, the missing as NaN."""
    values = np.asarray(minor, np.float64)
    return np.where(values < -1e18, np.nan, values / 100)
