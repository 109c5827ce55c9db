"""Spring Festival days, for comparing a stretch of months with the same stretch a year before."""

from __future__ import annotations

from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

SPRING_FESTIVAL: Final = np.array(
    [
        "1998-01-28", "1999-02-16", "2000-02-05", "2001-01-24", "2002-02-12", "2003-02-01", "2004-01-22",
        "2005-02-09", "2006-01-29", "2007-02-18", "2008-02-07", "2009-01-26", "2010-02-14", "2011-02-03",
        "2012-01-23", "2013-02-10", "2014-01-31", "2015-02-19", "2016-02-08", "2017-01-28", "2018-02-16",
        "2019-02-05", "2020-01-25", "2021-02-12", "2022-02-01", "2023-01-22", "2024-02-10", "2025-01-29",
        "2026-02-17", "2027-02-06", "2028-01-26", "2029-02-13", "2030-02-03", "2031-01-23", "2032-02-11",
        "2033-01-31", "2034-02-19", "2035-02-08", "2036-01-28", "2037-02-15", "2038-02-04", "2039-01-24",
        "2040-02-12", "2041-02-01", "2042-01-22", "2043-02-10", "2044-01-30", "2045-02-17", "2046-02-06",
        "2047-01-26", "2048-02-14", "2049-02-02", "2050-01-23", "1970-01-01",
    ],
    "datetime64[D]",
).astype(np.int64)  # fmt: skip
"""First day of the lunar year, days since 1970-01-01. Source: Purple Mountain Observatory calendar."""


def year_before(edges: NDArray[Any], currency: str) -> NDArray[np.int64]:
    """The month from which three months are the year-ago counterpart of the latest three: 12, or 11 or 13, (n,).

    `edges` (n, 17) are as_of and 1, 2, ... months before. In books in CNY the counterpart is moved by a month where
    that makes both stretches hold the festival, or neither: first later, then earlier.
    """
    if currency != "CNY":
        return np.full(len(edges), 12)
    before = np.searchsorted(SPRING_FESTIVAL, edges, side="right")
    held = before[:, :-3] > before[:, 3:]
    same = held[:, 11:14] == held[:, :1]
    return np.where(same[:, 1], 12, np.where(same[:, 0], 11, np.where(same[:, 2], 13, 12)))
