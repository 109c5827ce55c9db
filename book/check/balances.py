"""Accounts followed from balance to balance."""

from __future__ import annotations

from typing import Any

import numba as nb
import numpy as np
from numpy.typing import NDArray

from book.check.subject import Subject
from book.deferred import alike
from book.encoding.order import ranked
from book.tables import MISSING_MONEY, Array

_GIVEN = nb.types.Array(nb.int64, 1, "C", readonly=True)


def continuity(subject: Subject) -> None:
    """Accounts whose balance does not move by the amount booked, in source order; a warning per break."""
    frame = subject.frame
    name = alike("account_id") if alike("account_id") in frame else "account_id"
    account, balance, amount = (np.ascontiguousarray(frame[column]) for column in (name, "balance_after", "amount"))
    n = len(frame)
    broken, starts, left = (np.empty(n, np.int64) for _ in range(3))
    breaks, runs = _follow(account, balance, amount, broken, starts, left)
    taken_up = _taken_up(account, balance, amount, starts[:runs], left[:runs])
    at = np.concatenate([broken[:breaks], taken_up])
    subject.fault("data_mismatch", at, "balance_after", allowed="the balance before plus the amount")


@nb.njit(
    [nb.types.UniTuple(nb.int64, 2)(_GIVEN, _GIVEN, _GIVEN, nb.int64[::1], nb.int64[::1], nb.int64[::1])],
    cache=True, nogil=True,
)  # fmt: skip
def _follow(account: Any, balance: Any, amount: Any, broken: Any, starts: Any, left: Any) -> Any:
    """Fill the `broken` rows within runs of one account, and the first (`starts`) and last (`left`) row of each run.

    Rows without a balance do not count. Returns how many rows are broken and how many runs there are.
    """
    breaks, runs, before = 0, 0, -1
    for i in range(len(account)):
        if balance[i] == MISSING_MONEY:
            continue
        if before < 0 or account[i] != account[before]:
            starts[runs] = i
            runs += 1
        elif balance[i] != balance[before] + amount[i]:
            broken[breaks] = i
            breaks += 1
        left[runs - 1] = i
        before = i
    return breaks, runs


def _taken_up(
    account: Array, balance: Array, amount: Array, starts: NDArray[np.int64], left: NDArray[np.int64]
) -> NDArray[np.int64]:
    """Rows that take an account up again, after rows of others, with a balance that does not fit where it was left."""
    _, number = np.unique(account[starts], return_inverse=True)
    order = ranked(number.astype(np.int64))
    number, start, end = number[order], starts[order][1:], left[order][:-1]
    wrong = (number[1:] == number[:-1]) & (balance[start] != balance[end] + amount[start])
    return np.asarray(start[wrong])
