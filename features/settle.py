"""The walk over one loan's dues and money: which instalment was settled when, and each spell of arrears.

Compiled by numba, because the readings of `docs/definitions.md` (schedules in versions, tolerance, penalties first)
are sequential by nature. Nothing here depends on as_of: windows are cut out of the results later. Days are int64
days since 1970-01-01, money int64 minor units. A *unit* is one loan with one state of knowledge.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numba as nb
import numpy as np

FAR = 1 << 24  # a day beyond every calendar

Ints = Any  # numba infers int64 arrays; NDArray cannot be named in compiled code


class Schedule(NamedTuple):
    """Schedule rows of all units, each unit's in [lo, hi), sorted by valid_from, number, version."""

    lo: Ints
    hi: Ints
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


@nb.njit(cache=True, nogil=True)
def _enter(schedule: Schedule, row: int, hi: int, n: int, slots: Slots, judged: Judged) -> tuple[int, int]:
    """Bring the version that starts at `row` into force; returns the next version's first row and the slot count."""
    since = schedule.valid_from[row]
    known = n
    while row < hi and schedule.valid_from[row] == since:
        k = known - 1
        while k >= 0 and slots.number[k] != schedule.number[row]:
            k -= 1
        if k < 0:
            k = n
            n += 1
            slots.number[k] = schedule.number[row]
            slots.version[k] = -1
            slots.covered[k] = FAR
            slots.judged[k] = -1
            slots.due_on[k] = FAR
        if schedule.version[row] >= slots.version[k]:
            _reissue(schedule, row, slots, k, judged)
        row += 1
    return row, n


@nb.njit(cache=True, nogil=True)
def _reissue(schedule: Schedule, row: int, slots: Slots, k: int, judged: Judged) -> None:
    """Slot k takes the terms of `row`; a due date that has passed stays, a zero due settles what was open."""
    since = schedule.valid_from[row]
    if slots.due_on[k] >= since:
        slots.due_on[k] = schedule.due_on[row]
    slots.version[k] = schedule.version[row]
    slots.due[k] = schedule.due[row]
    slots.principal[k] = schedule.principal[row]
    slots.grace[k] = schedule.grace[row]
    j = slots.judged[k]
    if j >= 0 and slots.due[k] == 0 and judged.settled[j] == FAR:
        judged.settled[j] = since


@nb.njit(cache=True, nogil=True)
def _arrange(slots: Slots, n: int) -> None:
    """Order the slots by due date, then number (insertion: they nearly are), and total their dues."""
    for k in range(n):
        q = k
        while q > 0:
            other = slots.order[q - 1]
            if slots.due_on[other] < slots.due_on[k]:
                break
            if slots.due_on[other] == slots.due_on[k] and slots.number[other] < slots.number[k]:
                break
            slots.order[q] = other
            q -= 1
        slots.order[q] = k
    slots.total[0] = 0
    for k in range(n):
        slots.total[k + 1] = slots.total[k] + slots.due[slots.order[k]]


@nb.njit(cache=True, nogil=True)
def _needed(slots: Slots, k: int, tolerance: int, share: float) -> int:
    """The running total of money at which the k-th due in order is no longer short."""
    slack = max(tolerance, np.int64(share * slots.due[slots.order[k]]))
    return int(slots.total[k + 1] - slack)


@nb.njit(cache=True, nogil=True)
def _take_day(money: Money, pay: int, hi: int, in_hand: int, late: bool, owed: int, fees: int) -> tuple[int, int, int]:
    """Receive all money of one day; returns the next payment, the money that met dues so far, and fees still open."""
    day = money.on[pay]
    loose = 0
    while pay < hi and money.on[pay] == day:
        in_hand += money.amount[pay]
        if money.loose[pay]:
            loose += money.amount[pay]
        pay += 1
    if late and in_hand > owed:
        taken = min(in_hand - owed, loose, max(fees, 0))
        in_hand -= taken
        fees -= taken
    return pay, in_hand, fees


@nb.njit(cache=True, nogil=True)
def _owed(slots: Slots, n: int, day: int) -> int:
    """Everything due up to and on `day` by the version in force."""
    k = 0
    while k < n and slots.due_on[slots.order[k]] <= day:
        k += 1
    return int(slots.total[k])


@nb.njit(cache=True, nogil=True)
def _note_spell(spells: Spells, start: int, at: int, first: int, last: int, due_on: int) -> int:
    """Write the spell [first, last], or lengthen the one before; returns the next free place."""
    if last < first:
        return at
    if at > start and spells.due_on[at - 1] == due_on and spells.last[at - 1] == first - 1:
        spells.last[at - 1] = last
        return at
    spells.first[at] = first
    spells.last[at] = last
    spells.due_on[at] = due_on
    return at + 1


@nb.njit(cache=True, nogil=True)
def _cover(
    slots: Slots, k: int, since: int, before: int, money: Money, met: Ints, lo: int, hi: int, needed: int
) -> None:
    """Renew the covered run of the k-th due for a version from `since` with payments [lo, hi), `before` met earlier."""
    s = slots.order[k]
    if slots.due[s] == 0:
        slots.covered[s] = FAR
    elif before >= needed:
        slots.covered[s] = min(slots.covered[s], since)
    else:
        first = lo + np.searchsorted(met[lo:hi], needed, side="left")
        slots.covered[s] = max(money.on[first], since) if first < hi else FAR


@nb.njit(cache=True, nogil=True)
def _open_judgement(slots: Slots, k: int, money: Money, met: Ints, lo: int, hi: int, judged: Judged, at: int) -> None:
    """Put the k-th due in order down as judged, with what was met by the end of its due day."""
    s = slots.order[k]
    slots.judged[s] = at
    judged.number[at] = slots.number[s]
    judged.due_on[at] = slots.due_on[s]
    judged.due[at] = slots.due[s]
    judged.principal[at] = slots.principal[s]
    judged.grace[at] = slots.grace[s]
    judged.settled[at] = FAR
    last = lo + np.searchsorted(money.on[lo:hi], slots.due_on[s], side="right") - 1
    by_due = met[last] if last >= lo else 0
    judged.covered[at] = min(max(by_due - slots.total[k], 0), slots.due[s])


@nb.njit(cache=True, nogil=True)
def walk(
    schedule: Schedule, money: Money, fees: Fees, tolerance: int, share: float,
    judged_at: Ints, judged: Judged, spells_at: Ints, spells: Spells, plan_at: Ints, plan: Plan, met: Ints,
) -> None:  # fmt: skip
    """Walk every unit. Outputs of unit u start at `*_at[u]`; `*_at` (n_units, 2) gets their end in its second column.

    `met` (n_payments,) gets the running total of money that has met dues after the day of each payment.
    """
    for u in range(len(schedule.lo)):
        size = schedule.hi[u] - schedule.lo[u]
        w = np.empty((9, size), np.int64)
        slots = Slots(w[0], w[1], w[2], w[3], w[4], w[5], w[6], w[7], w[8], np.empty(size + 1, np.int64))
        n = 0
        in_hand = 0
        open_fees = 0
        pay = money.lo[u]
        fee = fees.lo[u]
        j, a, s = judged_at[u, 0], spells_at[u, 0], plan_at[u, 0]
        row = schedule.lo[u]
        while row < schedule.hi[u]:
            since = schedule.valid_from[row]
            row, n = _enter(schedule, row, schedule.hi[u], n, slots, judged)
            until = schedule.valid_from[row] if row < schedule.hi[u] else FAR
            _arrange(slots, n)
            sum_principal = 0
            for k in range(n):
                plan.since[s] = since
                plan.due_on[s] = slots.due_on[slots.order[k]]
                plan.total[s] = slots.total[k + 1]
                sum_principal += slots.principal[slots.order[k]]
                plan.principal[s] = sum_principal
                s += 1
            p = 0
            today = since
            before, first_pay = in_hand, pay
            while True:
                while p < n and (slots.due[slots.order[p]] == 0 or in_hand >= _needed(slots, p, tolerance, share)):
                    p += 1
                due_on = slots.due_on[slots.order[p]] if p < n else FAR
                more = pay < money.hi[u] and money.on[pay] < until
                stop = max(money.on[pay], today) if more else until
                a = _note_spell(spells, spells_at[u, 0], a, max(today, due_on + 1), stop - 1, due_on)
                if not more:
                    break
                while fee < fees.hi[u] and fees.on[fee] <= money.on[pay]:
                    open_fees += fees.amount[fee]
                    fee += 1
                first = pay
                owed = _owed(slots, n, money.on[pay])
                late = due_on < money.on[pay]
                pay, in_hand, open_fees = _take_day(money, pay, money.hi[u], in_hand, late, owed, open_fees)
                met[first:pay] = in_hand
                today = stop
            for k in range(n):
                q = slots.order[k]
                _cover(slots, k, since, before, money, met, first_pay, pay, _needed(slots, k, tolerance, share))
                if slots.judged[q] < 0 and slots.due[q] > 0 and since <= slots.due_on[q] < until:
                    _open_judgement(slots, k, money, met, money.lo[u], pay, judged, j)
                    slots.judged[q] = j
                    j += 1
                if slots.judged[q] >= 0 and judged.settled[slots.judged[q]] == FAR:
                    judged.settled[slots.judged[q]] = slots.covered[q]
        start = money.lo[u]
        for t in range(judged_at[u, 0], j):
            judged.paid[t] = 0
            while start < money.hi[u] and money.on[start] <= judged.due_on[t]:
                judged.paid[t] += money.amount[start]
                start += 1
        judged_at[u, 1], spells_at[u, 1], plan_at[u, 1] = j, a, s
