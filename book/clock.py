"""Days, month ends and the end of a day: the one place that knows calendars and time zones."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
from numpy.typing import NDArray

Days = NDArray[np.int32]
_DAY = 86_400_000_000
_BLOCK = 9  # days are looked up in blocks of two to this power
_MOST_BLOCKS = 64
_EPOCH = datetime(1970, 1, 1)
_UTC_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def end_of_day(days: NDArray[np.integer], zone: str) -> NDArray[np.int64]:
    """The last microsecond of each day in the book's time zone, as UTC microseconds; same shape as `days`."""
    days = np.asarray(days)
    if not days.size:
        return np.zeros(days.shape, np.int64)
    first, last = int(days.min()) >> _BLOCK, int(days.max()) >> _BLOCK
    if last - first < _MOST_BLOCKS:
        blocks = [_ends(block, zone) for block in range(first, last + 1)]
        ends = np.concatenate(blocks) if len(blocks) > 1 else blocks[0]
        return np.asarray(ends[days - (first << _BLOCK)])
    unique, inverse = np.unique(days, return_inverse=True)
    ends = np.array([_midnight(int(day) + 1, zone) - 1 for day in unique], np.int64)
    return ends[inverse].reshape(days.shape)


def local_day(stamps: NDArray[np.int64], zone: str) -> Days:
    """The day in the book's time zone of each UTC microsecond; same shape as `stamps`."""
    day = np.asarray(stamps) // _DAY
    later = stamps > end_of_day(day, zone)
    earlier = stamps <= end_of_day(day - 1, zone)
    return (day + later - earlier).astype(np.int32)


@lru_cache(maxsize=1 << 10)
def _ends(block: int, zone: str) -> NDArray[np.int64]:
    """The last microsecond of each day of a block of days."""
    first = block << _BLOCK
    return np.array([_midnight(day + 1, zone) - 1 for day in range(first, first + (1 << _BLOCK))], np.int64)


@lru_cache(maxsize=1 << 16)
def _midnight(day: int, zone: str) -> int:
    moment = (_EPOCH + timedelta(days=day)).replace(tzinfo=ZoneInfo(zone))
    return (moment.astimezone(UTC) - _UTC_EPOCH) // timedelta(microseconds=1)


def month_of(days: NDArray[np.integer]) -> NDArray[np.int32]:
    """Months since 1970-01 of each day."""
    days = np.asarray(days)
    if days.size and days.min() >= 0 and days.max() < len(_MONTH_OF):
        return np.asarray(_MONTH_OF[days])
    return _month_of(days)


def _month_of(days: NDArray[np.integer]) -> NDArray[np.int32]:
    return days.astype("datetime64[D]").astype("datetime64[M]").astype(np.int32)


def month_end(months: NDArray[np.integer]) -> Days:
    """The last day of each month (months since 1970-01)."""
    return _first_day(np.asarray(months) + 1) - np.int32(1)


def _first_day(months: NDArray[np.integer]) -> Days:
    months = np.asarray(months)
    if months.size and months.min() >= 0 and months.max() < len(_FIRST_DAY):
        return np.asarray(_FIRST_DAY[months])
    return _first_of(months)


def _first_of(months: NDArray[np.integer]) -> Days:
    return months.astype("datetime64[M]").astype("datetime64[D]").astype(np.int32)


_FIRST_DAY = _first_of(np.arange(12 * 130))  # 1970 to 2099: looked up, other months are worked out
_MONTH_OF = _month_of(np.arange(_FIRST_DAY[-1]))


def months_before(days: NDArray[np.integer], back: NDArray[np.integer] | int) -> Days:
    """The day `back` calendar months before each day (broadcast); negative `back` goes forward.

    The day of the month is kept and clamped to the month's last day; a month end stays a month end.
    """
    days = np.asarray(days, np.int32)
    month = month_of(days)
    first = _first_day(month)
    target = month - np.asarray(back, np.int32)
    last = month_end(target)
    is_end = month_end(month) == days
    same_day = np.minimum(_first_day(target) + (days - first), last)
    return np.where(is_end, last, same_day).astype(np.int32)


def months_after(days: NDArray[np.integer], ahead: int) -> Days:
    """The first day whose edge `ahead` months back is on or after each day: same day, clamped to the month's end."""
    days = np.asarray(days, np.int32)
    month = month_of(days)
    target = month + np.int32(ahead)
    return np.minimum(_first_day(target) + (days - _first_day(month)), month_end(target)).astype(np.int32)


def months_between(start: NDArray[np.integer], end: NDArray[np.integer]) -> NDArray[np.int32]:
    """The largest m with `months_before(end, m) >= start`, elementwise (broadcast); negative where start is later."""
    start, end = np.broadcast_arrays(np.asarray(start, np.int32), np.asarray(end, np.int32))
    whole = month_of(end) - month_of(start)
    return (whole - (months_before(end, whole) < start)).astype(np.int32)


def day_of_month(days: NDArray[Any]) -> NDArray[np.int32]:
    """The day of the month, 1 to 31, of each day; same shape."""
    whole = np.asarray(days).astype(np.int32)
    return (whole - _first_day(month_of(whole)) + 1).astype(np.int32)
