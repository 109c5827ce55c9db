"""What the walk over a loan reads and writes: flat arrays of all units, side by side. Days and minor units, int64."""

from __future__ import annotations

from typing import Any, NamedTuple

FAR = 1 << 24  # a day beyond every calendar

Ints = Any  # numba infers int64 arrays; NDArray cannot be named in compiled code


class Schedule(NamedTuple):
    """Schedule rows of all units, each unit's in [lo, hi), sorted by valid_from, number, version.

    Dues before `start`, the first observed day of each unit, are not looked at.
    """

    lo: Ints
    hi: Ints
    start: Ints
    number: Ints
    version: Ints
    valid_from: Ints
    due_on: Ints
    due: Ints
    principal: Ints
    grace: Ints


class Money(NamedTuple):
    """Scheduled money by day, each unit's in [lo, hi); `loose` marks payments without a purpose."""

    lo: Ints
    hi: Ints
    on: Ints
    amount: Ints
    loose: Ints


class Fees(NamedTuple):
    """Penalties and late fees charged, less waivers, by day, each unit's in [lo, hi)."""

    lo: Ints
    hi: Ints
    on: Ints
    amount: Ints


class Slots(NamedTuple):
    """The instalments of one unit as the version in force has them.

    `covered` is the first day of the unbroken run of days on which money reaches the instalment, FAR if it does not;
    `judged` is its place in `Judged`, or -1.
    """

    number: Ints
    version: Ints
    covered: Ints
    due_on: Ints
    due: Ints
    principal: Ints
    grace: Ints
    judged: Ints
    order: Ints
    total: Ints


class Judged(NamedTuple):
    """Judged instalments by due date. `covered`: met by the end of the due day; `paid`: money since the due before."""

    number: Ints
    due_on: Ints
    due: Ints
    principal: Ints
    grace: Ints
    settled: Ints
    covered: Ints
    paid: Ints


class Spells(NamedTuple):
    """Arrears: DPD(d) = d - due_on for every day first <= d <= last; days in no spell have DPD 0."""

    first: Ints
    last: Ints
    due_on: Ints


class Plan(NamedTuple):
    """The dues of every version in force (`since`), by due date, with money running totals per version."""

    since: Ints
    due_on: Ints
    total: Ints
    principal: Ints
