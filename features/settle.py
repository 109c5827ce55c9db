"""The walk over one loan's dues and money: which instalment was settled when, and each spell of arrears.

Compiled by numba, because the readings of `docs/definitions.md` (schedules in versions, tolerance, penalties first)
are sequential by nature. Nothing here depends on as_of: windows are cut out of the results later. Days are int64
days since 1970-01-01, money int64 minor units. A *unit* is one loan with one state of knowledge.
"""

from __future__ import annotations

import numba as nb
import numpy as np

from features.accounts import FAR, Fees, Ints, Judged, Money, Plan, Schedule, Slots, Spells
from features.compiled import compiled


@compiled
def _enter(schedule: Schedule, u: int, row: int, n: int, slots: Slots, judged: Judged) -> tuple[int, int]:
    """Bring the version that starts at `row` into force; returns the next version's first row and the slot count."""
    since = schedule.valid_from[row]
    known = n
    while row < schedule.hi[u] and schedule.valid_from[row] == since:
        k = known - 1
        while k >= 0 and slots.number[k] != schedule.number[row]:
            k -= 1
        if n > known and slots.number[n - 1] == schedule.number[row]:
            k = n - 1
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
            if slots.due_on[k] < schedule.start[u]:
                slots.due[k], slots.principal[k] = 0, 0
        row += 1
    return row, n


@compiled
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


@compiled
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


@compiled
def _needed(slots: Slots, k: int, tolerance: int, share: float) -> int:
    """The running total of money at which the k-th due in order is no longer short."""
    slack = max(tolerance, np.int64(share * slots.due[slots.order[k]]))
    return int(slots.total[k + 1] - slack)


@compiled
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


@compiled
def _owed(slots: Slots, n: int, day: int) -> int:
    """Everything due up to and on `day` by the version in force."""
    k = 0
    while k < n and slots.due_on[slots.order[k]] <= day:
        k += 1
    return int(slots.total[k])


@compiled
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


@compiled
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
        first, end = lo, hi
        while first < end:
            middle = (first + end) >> 1
            if met[middle] < needed:
                first = middle + 1
            else:
                end = middle
        slots.covered[s] = max(money.on[first], since) if first < hi else FAR


@compiled
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
    first, end = lo, hi
    while first < end:
        middle = (first + end) >> 1
        if money.on[middle] <= slots.due_on[s]:
            first = middle + 1
        else:
            end = middle
    by_due = met[first - 1] if first > lo else 0
    judged.covered[at] = min(max(by_due - slots.total[k], 0), slots.due[s])


@compiled
def _write_plan(slots: Slots, n: int, since: int, plan: Plan, at: int) -> int:
    """Put the dues of the version in force down; returns the next free place."""
    principal = 0
    for k in range(n):
        s = slots.order[k]
        principal += slots.principal[s]
        plan.since[at] = since
        plan.due_on[at] = slots.due_on[s]
        plan.total[at] = slots.total[k + 1]
        plan.principal[at] = principal
        at += 1
    return at


@compiled
def _live(
    slots: Slots, n: int, since: int, until: int, money: Money, u: int, fees: Fees, met: Ints, at: Ints,
    spells: Spells, start: int, tolerance: int, share: float,
) -> None:  # fmt: skip
    """Receive the money of the days [since, until) under one version and note the arrears between.

    `at` is where unit u has come to: next payment, money that met dues, next fee, open fees, next spell.
    """
    p, today = 0, since
    while True:
        while p < n and (slots.due[slots.order[p]] == 0 or at[1] >= _needed(slots, p, tolerance, share)):
            p += 1
        due_on = slots.due_on[slots.order[p]] if p < n else FAR
        more = at[0] < money.hi[u] and money.on[at[0]] < until
        stop = max(money.on[at[0]], today) if more else until
        at[4] = _note_spell(spells, start, at[4], max(today, due_on + 1), stop - 1, due_on)
        if not more:
            return
        first = at[0]
        day = money.on[first]
        while at[2] < fees.hi[u] and fees.on[at[2]] <= day:
            at[3] += fees.amount[at[2]]
            at[2] += 1
        at[0], at[1], at[3] = _take_day(money, first, money.hi[u], at[1], due_on < day, _owed(slots, n, day), at[3])
        for k in range(first, at[0]):
            met[k] = at[1]
        today = stop


@compiled
def _settle(
    slots: Slots, n: int, since: int, until: int, start: int, money: Money, met: Ints, lo: int, first: int, pay: int,
    before: int, judged: Judged, at: int, tolerance: int, share: float,
) -> int:  # fmt: skip
    """Judge the dues of a version in [since, until) and settle what its payments [first, pay) settle.

    `before` is the money that had met dues when it started, `lo` the unit's first payment; returns the next free place.
    """
    for k in range(n):
        s = slots.order[k]
        if slots.judged[s] >= 0 and judged.settled[slots.judged[s]] != FAR:
            continue
        _cover(slots, k, max(since, start), before, money, met, first, pay, _needed(slots, k, tolerance, share))
        if slots.judged[s] < 0 and slots.due[s] > 0 and since <= slots.due_on[s] < until:
            _open_judgement(slots, k, money, met, lo, pay, judged, at)
            at += 1
        j = slots.judged[s]
        if j >= 0 and judged.settled[j] == FAR:
            judged.settled[j] = slots.covered[s]
    return at


@compiled
def _since_last_due(judged: Judged, lo: int, hi: int, money: Money, met: Ints, pay: int, end: int) -> None:
    """Money that met dues between one judged due date and the next, for the judged instalments [lo, hi)."""
    so_far = 0
    for j in range(lo, hi):
        total = so_far
        while pay < end and money.on[pay] <= judged.due_on[j]:
            total = met[pay]
            pay += 1
        judged.paid[j] = total - so_far
        so_far = total


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
        n, row = 0, schedule.lo[u]
        j, s = judged_at[u, 0], plan_at[u, 0]
        at = np.array([money.lo[u], 0, fees.lo[u], 0, spells_at[u, 0]])
        while row < schedule.hi[u]:
            since = schedule.valid_from[row]
            row, n = _enter(schedule, u, row, n, slots, judged)
            until = schedule.valid_from[row] if row < schedule.hi[u] else FAR
            _arrange(slots, n)
            s = _write_plan(slots, n, since, plan, s)
            first, before = at[0], at[1]
            _live(slots, n, since, until, money, u, fees, met, at, spells, spells_at[u, 0], tolerance, share)
            j = _settle(
                slots, n, since, until, schedule.start[u], money, met, money.lo[u], first, at[0], before,
                judged, j, tolerance, share,
            )  # fmt: skip
        _since_last_due(judged, judged_at[u, 0], j, money, met, money.lo[u], money.hi[u])
        judged_at[u, 1], spells_at[u, 1], plan_at[u, 1] = j, at[4], s
