"""First days of the Chinese year."""

from __future__ import annotations

from datetime import date

_MONTH_AND_DAY = {
    2015: (2, 19),
    2016: (2, 8),
    2017: (1, 28),
    2018: (2, 16),
    2019: (2, 5),
    2020: (1, 25),
    2021: (2, 12),
    2022: (2, 1),
    2023: (1, 22),
    2024: (2, 10),
    2025: (1, 29),
    2026: (2, 17),
    2027: (2, 6),
}
SPRING_FESTIVAL = [date(year, *first) for year, first in _MONTH_AND_DAY.items()]


def festival_between(after: date, until: date) -> bool:
    """Does a Spring Festival lie after one day, up to and including another?"""
    return any(after < day <= until for day in SPRING_FESTIVAL)
