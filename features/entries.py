"""The rows that the walk over a loan needs, brought together per unit by compiled loops."""

from __future__ import annotations

from typing import Any

import numba as nb
import numpy as np

from book.tables import MISSING_DAY, MISSING_MONEY

Ints = Any
SCHEDULE_COLUMNS = 7  # number, version, valid_from, due_on, due, principal, grace


@nb.njit(cache=True, nogil=True)
def schedule_rows(
    offsets: Ints, segment: Ints, starts: Ints, arrears: Ints, number: Ints, version: Ints, valid_from: Ints,
    due_on: Ints, principal: Ints, interest: Ints, fee: Ints, grace: Ints,
) -> tuple[Ints, Ints, Ints, bool]:  # fmt: skip
    """Schedule rows of the units, int64 (7, n_rows), the range of each unit (n, 2), how many versions it has, and
    whether all are sorted by valid_from and number.

    Opening `arrears` (n,) come first, as instalment 0 due on the day the extract `starts` (n,). `fee` and `grace` are
    empty where the source does not have them.
    """
    n = len(segment)
    at, versions = np.empty((n, 2), np.int64), np.ones(n, np.int64)
    size = 0
    for u in range(n):
        size += offsets[segment[u] + 1] - offsets[segment[u]]
        size += starts[u] > MISSING_DAY and arrears[u] > 0
    rows = np.empty((SCHEDULE_COLUMNS, size), np.int64)
    ordered, k = True, 0
    for u in range(n):
        at[u, 0] = k
        if starts[u] > MISSING_DAY and arrears[u] > 0:
            rows[0, k], rows[1, k], rows[2, k], rows[3, k] = 0, 0, starts[u], starts[u]
            rows[4, k], rows[5, k], rows[6, k] = arrears[u], 0, -1
            k += 1
        for r in range(offsets[segment[u]], offsets[segment[u] + 1]):
            rows[0, k], rows[1, k], rows[2, k], rows[3, k] = number[r], version[r], valid_from[r], due_on[r]
            rows[4, k] = principal[r] + interest[r]
            if len(fee) > 0 and fee[r] != MISSING_MONEY:
                rows[4, k] += fee[r]
            rows[5, k] = principal[r]
            rows[6, k] = grace[r] if len(grace) > 0 and grace[r] >= 0 else -1
            if k > at[u, 0]:
                since = rows[2, k] - rows[2, k - 1]
                ordered &= since > 0 or (since == 0 and rows[0, k] > rows[0, k - 1])
                versions[u] += since != 0
            k += 1
        at[u, 1] = k
    return rows, at, versions, ordered


@nb.njit(cache=True, nogil=True)
def money_rows(
    offsets: Ints, segment: Ints, starts: Ints, keep: Ints, paid_on: Ints, amount: Ints, purpose: Ints
) -> tuple[Ints, Ints]:
    """Day, amount and whether without purpose of the rows to `keep`, int64 (3, n_rows), the range of each unit (n, 2).

    What was paid before the extract `starts` (n,) counts nothing; `purpose` is empty where the source has none.
    """
    n = len(segment)
    at = np.empty((n, 2), np.int64)
    size = 0
    for u in range(n):
        for r in range(offsets[segment[u]], offsets[segment[u] + 1]):
            size += keep[r]
    rows = np.empty((3, size), np.int64)
    k = 0
    for u in range(n):
        at[u, 0] = k
        for r in range(offsets[segment[u]], offsets[segment[u] + 1]):
            if keep[r]:
                rows[0, k] = paid_on[r]
                rows[1, k] = amount[r] if paid_on[r] >= starts[u] else 0
                rows[2, k] = len(purpose) == 0 or purpose[r] == -1
                k += 1
        at[u, 1] = k
    return rows, at
