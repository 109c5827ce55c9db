"""Calendar months between days, compiled: the same readings as `book.clock`, for measures of one loan."""

from __future__ import annotations

from typing import Any

import numba as nb
import numpy as np

Ints = Any


@nb.njit("UniTuple(int64, 2)(int64)", cache=True, nogil=True)
def calendar(day: int) -> tuple[int, int]:
    """Months since year 0 and day of the month of a day since 1970-01-01 (H. Hinnant, civil_from_days)."""
    z = day + 719_468
    era = z // 146_097
    doe = z - era * 146_097
    yoe = (doe - doe // 1460 + doe // 36_524 - doe // 146_096) // 365
    doy = doe - (365 * yoe + yoe // 4 - yoe // 100)
    m = (5 * doy + 2) // 153
    return (yoe + era * 400) * 12 + m + 2, doy - (153 * m + 2) // 5 + 1


@nb.njit("int64(int64)", cache=True, nogil=True)
def first_of(month: int) -> int:
    """The first day of a month since year 0, in days since 1970-01-01."""
    y, m = (month - 2) // 12, (month - 2) % 12
    return y * 365 + y // 4 - y // 100 + y // 400 + (153 * m + 2) // 5 - 719_468


@nb.njit("int64(int64, int64)", cache=True, nogil=True)
def _between(start: int, end: int) -> int:
    """The largest m such that m months before `end` is not before `start`; negative where start is later."""
    (since, _), (until, of_month) = calendar(start), calendar(end)
    last = first_of(since + 1) - 1
    is_end = first_of(until + 1) - 1 == end
    edge = last if is_end else min(first_of(since) + of_month - 1, last)
    return until - since - (edge < start)


@nb.njit("float64[:](int64[:], int64[:])", cache=True, nogil=True)
def whole_months(start: Ints, end: Ints) -> Ints:
    """Whole months from each start to each end, (n,), as `book.clock.months_between` counts them."""
    out = np.empty(len(end))
    for i in range(len(end)):
        out[i] = _between(start[i], end[i])
    return out


@nb.njit("float64[:](int64[:], boolean[:], int64[:], float64[:])", cache=True, nogil=True)
def months_since(day: Ints, happened: Ints, as_of: Ints, otherwise: Ints) -> Ints:
    """Whole months since `day`, `otherwise` + 1 where it never happened, (n,)."""
    out = np.empty(len(as_of))
    for i in range(len(as_of)):
        out[i] = _between(day[i], as_of[i]) if happened[i] else otherwise[i] + 1
    return out


@nb.njit("int64[:,:](float64[:,:])", cache=True, nogil=True)
def day_of_month(days: Ints) -> Ints:
    """The day of the month, 1 to 31, of each whole day (n, k)."""
    out = np.empty(days.shape, np.int64)
    for i in range(len(days)):
        for j in range(days.shape[1]):
            out[i, j] = calendar(int(days[i, j]))[1]
    return out


@nb.njit("float64[:](int64[:], int64[:])", cache=True, nogil=True)
def month_ends_after(start: Ints, as_of: Ints) -> Ints:
    """Month ends after the month of `start` up to as_of, at least 0, (n,)."""
    out = np.empty(len(as_of))
    for i in range(len(as_of)):
        (since, _), (until, _) = calendar(start[i]), calendar(as_of[i])
        out[i] = max(until - since - (first_of(until + 1) - 1 != as_of[i]), 0)
    return out
