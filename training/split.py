"""Which months and borrowers train, stop, calibrate and judge: out-of-time with an embargo, or a refusal."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta

import numpy as np
from numpy.typing import NDArray

from book.clock import month_end, month_of
from book.errors import Refusal
from monitoring.outcome import mature
from monitoring.target import Target

ROLES = ("train", "stop", "calibrate", "oot")
TRAIN, STOP, CALIBRATE, OOT = range(len(ROLES))
UNUSED = -1

HELD_OUT = 3  # last training months that stopping and calibration borrowers come from
MIN_TRAIN = 6
MIN_OOT = 3
QUARTER = 3


@dataclass(frozen=True)
class Split:
    """Month windows (months since 1970-01, both ends included): training, out-of-time.

    Stopping and calibration use the last `HELD_OUT` months of the training window.
    """

    train_first: int
    train_last: int
    oot_first: int
    oot_last: int

    @property
    def months(self) -> NDArray[np.int32]:
        """All months that rows are taken from."""
        windows = [
            np.arange(self.train_first, self.train_last + 1),
            np.arange(self.oot_first, self.oot_last + 1),
        ]
        return np.concatenate(windows).astype(np.int32)

    @property
    def dates(self) -> Mapping[str, str]:
        """First and last month-end of each slice, ISO."""
        held_out = self.train_last - HELD_OUT + 1
        edges = {
            "train_first": self.train_first,
            "train_last": self.train_last,
            "calibration_first": held_out,
            "calibration_last": self.train_last,
            "oot_first": self.oot_first,
            "oot_last": self.oot_last,
        }
        return {name: iso(last_day(month)) for name, month in edges.items()}


def split_of(dates: Mapping[str, str]) -> Split:
    """The split whose `dates` these are, as a bundle keeps them."""
    names = ("train_first", "train_last", "oot_first", "oot_last")
    days = [(date.fromisoformat(dates[name]) - date(1970, 1, 1)).days for name in names]
    return Split(*month_of(np.array(days, np.int32)).tolist())


def plan(first: int, cutoff: int, target: Target, timezone: str, oot_months: int = 6) -> Split:
    """The split of a book whose first month with scorable loans is `first` (months since 1970-01).

    `cutoff` (UTC microseconds) is when its records end. The out-of-time slice is the last `oot_months` mature
    months, fewer (at least `MIN_OOT`) where training would keep less than `MIN_TRAIN` months; between both
    lie the horizon and the posting lag. Raises Refusal with the dates needed, and the horizons that would
    fit.
    """
    split = _fitted(first, cutoff, target, timezone, oot_months)
    if split is None:
        raise Refusal(_too_short(first, cutoff, target, timezone))
    return split


def _fitted(first: int, cutoff: int, target: Target, timezone: str, oot_months: int) -> Split | None:
    months = np.arange(first, first + 12 * 100, dtype=np.int32)
    ripe = months[mature(month_end(months), target, cutoff, timezone)]
    if not len(ripe):
        return None
    oot_last = int(ripe[-1])
    for length in range(max(oot_months, MIN_OOT), MIN_OOT - 1, -1):
        oot_first = oot_last - length + 1
        train_last = _before_embargo(oot_first, target)
        if train_last - first + 1 >= MIN_TRAIN:
            return Split(first, train_last, oot_first, oot_last)
    return None


def _before_embargo(oot_first: int, target: Target) -> int:
    """The last training month whose outcomes, lag included, are known by the first out-of-time month-end."""
    month = oot_first - target.horizon
    while last_day(month + target.horizon) + target.lag_days > last_day(oot_first):
        month -= 1
    return month


def _too_short(first: int, cutoff: int, target: Target, timezone: str) -> str:
    known_to = iso(cutoff // 86_400_000_000)
    others = [
        months
        for months in sorted(target.horizons)
        if _fitted(first, cutoff, replace(target, horizon=months), timezone, MIN_OOT)
    ]
    fit = "; horizons that fit: " + ", ".join(map(str, others)) if others else "; no shorter horizon fits either"
    return (
        f"the history is too short for a horizon of {target.horizon} months: scorable loans from "
        f"{iso(last_day(first))}, records to {known_to}; needed: records to {iso(_needed(first, target))} "
        f"({MIN_TRAIN} months to train, {target.horizon} months and {target.lag_days} days of embargo, "
        f"{MIN_OOT} months out of time and their outcomes){fit}"
    )


def _needed(first: int, target: Target) -> int:
    """The day to which records must reach."""
    oot_first = first + MIN_TRAIN - 1 + target.horizon
    while _before_embargo(oot_first, target) < first + MIN_TRAIN - 1:
        oot_first += 1
    return last_day(oot_first + MIN_OOT - 1 + target.horizon) + target.lag_days


def roles(
    loan: NDArray[np.integer],
    borrower: NDArray[np.integer],
    month: NDArray[np.integer],
    loan_draw: NDArray[np.float64],
    borrower_draw: NDArray[np.float64],
    split: Split,
    shares: tuple[float, float],
) -> NDArray[np.int8]:
    """The role of each observation (n,), `UNUSED` where it has none.

    `loan` and `borrower` are positions in the draws in [0, 1) that belong to each id (`draws`); `shares` are
    those of the stopping and the calibration borrowers. Training keeps one row per loan and quarter.
    """
    stop, calibrate = shares
    group = borrower_draw[borrower]
    own = np.select([group < stop, group < stop + calibrate], [STOP, CALIBRATE], TRAIN)
    in_train = (month >= split.train_first) & (month <= split.train_last)
    phase = np.floor(loan_draw[loan] * QUARTER).astype(np.int64)
    kept = (month.astype(np.int64) + phase) % QUARTER == 0
    held_out = month > split.train_last - HELD_OUT
    used = in_train & np.where(own == TRAIN, kept, held_out)
    oot = (month >= split.oot_first) & (month <= split.oot_last)
    return np.select([oot, used], [OOT, own], UNUSED).astype(np.int8)


def draws(ids: Sequence[str] | NDArray[np.object_], seed: int) -> NDArray[np.float64]:
    """A number in [0, 1) for each id: the same on any machine and however the book is parted."""
    key = seed.to_bytes(8, "big", signed=True)
    numbers = [
        int.from_bytes(hashlib.blake2b(str(one).encode(), digest_size=6, key=key).digest(), "big") for one in ids
    ]
    return np.array(numbers, np.float64) / 2.0**48


def last_day(month: int) -> int:
    """The last day (days since 1970) of a month."""
    return int(month_end(np.array([month]))[0])


def iso(day: int) -> str:
    """A day as ISO date."""
    return (date(1970, 1, 1) + timedelta(days=int(day))).isoformat()
