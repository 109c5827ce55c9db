"""From dossiers to settled instalments: builds the input of the walk and keeps its results per unit."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from book.clock import month_end, month_of
from book.contract import TABLES
from book.dossiers import Dossiers, Rows
from book.settings import Settings
from book.tables import MISSING_COUNT, MISSING_DAY, MISSING_MONEY
from features.accounts import Fees, Judged, Money, Plan, Schedule, Spells
from features.settle import walk

Int = NDArray[np.int64]
OWN_PAYERS = ("borrower", "co_borrower", "other")


def code(table: str, column: str, *names: str) -> NDArray[np.int8]:
    """The codes of enum values as they stand in memory; KeyError for a column, ValueError for a value not declared."""
    choices = TABLES[table].column(column).choices
    return np.array([choices.index(name) for name in names], np.int8)


@lru_cache(maxsize=256)
def _holds(table: str, column: str, names: tuple[str, ...], missing: bool) -> NDArray[np.bool_]:
    """Whether each code of a column is one of `names`; the last place stands for missing (code -1)."""
    chosen = np.zeros(len(TABLES[table].column(column).choices) + 1, bool)
    chosen[code(table, column, *names)] = True
    chosen[-1] = missing
    return chosen


def among(rows: NDArray[Any], table: str, column: str, *names: str, missing: bool = False) -> NDArray[np.bool_]:
    """Which codes `rows` of an enum column are one of `names`, or missing where that counts too; same shape."""
    return _holds(table, column, names, missing)[rows]


@dataclass(frozen=True)
class Ledger:
    """The walk's results. `judged_at`, `spells_at`, `plan_at`, `money_at` are (n_units, 2) ranges into their arrays.

    `unit` (n,) is the unit of each observation. `met` is the money that has met dues after each payment row of `money`.
    """

    unit: Int
    judged: Judged
    judged_at: Int
    spells: Spells
    spells_at: Int
    plan: Plan
    plan_at: Int
    money: Money
    money_at: Int
    met: Int

    @cached_property
    def net(self) -> Int:
        """Money of each payment row that met dues: what was taken for penalties is left out, (n_payments,)."""
        step = np.diff(self.met, prepend=0)
        first = self.money_at[self.money_at[:, 1] > self.money_at[:, 0], 0]
        step[first] = self.met[first]
        return step


def scheduled(rows: Rows) -> NDArray[np.bool_]:
    """Which payment rows are scheduled money: posted, for the schedule or without purpose, from the borrower's side."""
    flag = posted(rows)
    if "purpose" in rows:
        flag &= among(rows["purpose"], "payments", "purpose", "scheduled", missing=True)
    if "payer" in rows:
        flag &= among(rows["payer"], "payments", "payer", *OWN_PAYERS, missing=True)
    return flag


def posted(rows: Rows) -> NDArray[np.bool_]:
    """Which payment rows are money: status posted, or none given."""
    if "status" not in rows:
        return np.ones(len(rows["paid_on"]), bool)
    return among(rows["status"], "payments", "status", "posted", missing=True)


def ledger(dossiers: Dossiers, settings: Settings) -> Ledger:
    """Settle every unit that the observations of `dossiers` need."""
    loan, unit_of, segments = _units(dossiers)
    starts = _observed_from(dossiers)[loan]
    schedule = _schedule(dossiers, loan, segments["instalments"], starts)
    money = _money(dossiers, segments["payments"], starts)
    fees = _fees(dossiers, segments, starts)
    n_rows = schedule.hi - schedule.lo
    versions = _versions(schedule)
    judged_at, spells_at, plan_at = (_room(n) for n in (n_rows, n_rows * versions + versions, n_rows * versions))
    judged = Judged(*_empty(8, judged_at))
    spells = Spells(*_empty(3, spells_at))
    plan = Plan(*_empty(4, plan_at))
    met = np.zeros(len(money.on), np.int64)
    walk(
        schedule, money, fees, settings.tolerance, settings.tolerance_share,
        judged_at, judged, spells_at, spells, plan_at, plan, met,
    )  # fmt: skip
    if settings.precision == "month":
        _read_at_month_ends(spells)
    money_at = np.stack([money.lo, money.hi], axis=1)
    return Ledger(unit_of, judged, judged_at, spells, spells_at, plan, plan_at, money, money_at, met)


def _units(dossiers: Dossiers) -> tuple[Int, Int, dict[str, Int]]:
    """Distinct (loan, state of knowledge): the loan of each unit, the unit of each observation, segments per table."""
    names = ("instalments", "payments", "charges")
    rows = [dossiers.tables[name] for name in names if name in dossiers.tables]
    loan = dossiers.loan.astype(np.int64)
    segments = [r.segment(loan, dossiers.moment) for r in rows]
    if all(s is loan or np.array_equal(s, loan) for s in segments):
        units, unit_of = np.unique(loan, return_inverse=True)
        return units, unit_of, dict.fromkeys(names, units)
    stacked = np.stack([loan, *segments])
    order = np.lexsort(stacked[::-1])
    new = np.concatenate(([True], np.any(np.diff(stacked[:, order], axis=1) != 0, axis=0)))
    unit_of = np.empty(len(loan), np.int64)
    unit_of[order] = np.cumsum(new) - 1
    first = order[new]
    present = [name for name in names if name in dossiers.tables]
    return loan[first], unit_of, {name: segments[i][first] for i, name in enumerate(present)}


def _observed_from(dossiers: Dossiers) -> Int:
    """The day a loan's extract starts; far in the past where it starts with the loan. Shape (n_loans,)."""
    if "observed_from" not in dossiers.loans:
        return np.full(len(dossiers.loans), MISSING_DAY, np.int64)
    return dossiers.loans["observed_from"].astype(np.int64)


def _gather(rows: Rows, segment: Int, keep: NDArray[np.bool_]) -> tuple[Int, Int, Int, Int]:
    """Positions of the kept rows of each unit's segment, the unit of each, and the ranges (lo, hi) per unit."""
    first, count = rows.offsets[segment], rows.offsets[segment + 1] - rows.offsets[segment]
    unit = np.repeat(np.arange(len(segment)), count)
    index = np.repeat(first - np.cumsum(count) + count, count) + np.arange(count.sum())
    chosen = keep[index]
    index, unit = index[chosen], unit[chosen]
    edges = np.searchsorted(unit, np.arange(len(segment) + 1))
    return index, unit, edges[:-1], edges[1:]


def _money(dossiers: Dossiers, segment: Int, starts: Int) -> Money:
    rows = dossiers.tables["payments"]
    index, unit, lo, hi = _gather(rows, segment, scheduled(rows))
    on = rows["paid_on"][index].astype(np.int64)
    amount = np.where(on >= starts[unit], rows["amount"][index], 0)
    loose = (rows["purpose"][index] == -1) if "purpose" in rows else np.ones(len(index), bool)
    return Money(lo, hi, on, amount, loose.astype(np.int64))


def _fees(dossiers: Dossiers, segments: dict[str, Int], starts: Int) -> Fees:
    """Charges less waivers less payments meant for them, as one dated list per unit."""
    none = np.zeros(len(starts), np.int64)
    if "charges" not in dossiers.tables:
        return Fees(none, none, np.empty(0, np.int64), np.empty(0, np.int64))
    rows = dossiers.tables["charges"]
    kind = rows["kind"]
    sign = among(kind, "charges", "kind", "penalty_interest", "late_fee").astype(np.int64)
    sign -= among(kind, "charges", "kind", "waiver")
    at, unit, _, _ = _gather(rows, segments["charges"], sign != 0)
    day, amount = rows["charged_on"][at].astype(np.int64), sign[at] * rows["amount"][at]
    paid = dossiers.tables["payments"]
    if "purpose" in paid:
        meant = posted(paid) & among(paid["purpose"], "payments", "purpose", "penalty", "fee")
        at, of, _, _ = _gather(paid, segments["payments"], meant)
        day = np.concatenate([day, paid["paid_on"][at].astype(np.int64)])
        amount, unit = np.concatenate([amount, -paid["amount"][at]]), np.concatenate([unit, of])
    kept = np.flatnonzero(day >= starts[unit])
    order = kept[np.lexsort((day[kept], unit[kept]))]
    edges = np.searchsorted(unit[order], np.arange(len(starts) + 1))
    return Fees(edges[:-1], edges[1:], day[order], amount[order])


def _schedule(dossiers: Dossiers, loan: Int, segment: Int, starts: Int) -> Schedule:
    rows = dossiers.tables["instalments"]
    index, unit, _, _ = _gather(rows, segment, np.ones(len(rows["due_on"]), bool))
    due = rows["principal_due"] + rows["interest_due"] + _money_or_zero(rows, "fee_due")
    grace = rows["grace_days"][index].astype(np.int64) if "grace_days" in rows else np.full(len(index), MISSING_COUNT)
    columns = [
        unit, rows["valid_from"][index], rows["instalment_no"][index], rows["schedule_version"][index],
        rows["due_on"][index], due[index], rows["principal_due"][index], np.where(grace < 0, -1, grace),
    ]  # fmt: skip
    table = np.stack([np.asarray(c, np.int64) for c in columns])
    table = np.concatenate([_opening(dossiers, loan, starts), table], axis=1)
    if len(loan) and not _in_order(table):
        table = table[:, np.lexsort((table[3], table[2], table[1], table[0]))]
    edges = np.searchsorted(table[0], np.arange(len(loan) + 1))
    since, number, version, due_on, due, principal, grace = table[1:]
    return Schedule(edges[:-1], edges[1:], starts, number, version, since, due_on, due, principal, grace)


def _in_order(table: Int) -> bool:
    unit, since, number = (np.diff(table[i]) for i in range(3))
    return bool(np.all((unit > 0) | ((unit == 0) & ((since > 0) | ((since == 0) & (number > 0))))))


def _opening(dossiers: Dossiers, loan: Int, starts: Int) -> Int:
    """Opening arrears as instalment 0, due on the day the extract starts: rows of the schedule table, (8, k)."""
    if "opening_arrears" not in dossiers.loans:
        return np.empty((8, 0), np.int64)
    arrears = dossiers.loans["opening_arrears"][loan]
    unit = np.flatnonzero((starts > MISSING_DAY) & (arrears > 0))
    zero, day = np.zeros(len(unit), np.int64), starts[unit]
    return np.stack([unit, day, zero, zero, day, arrears[unit], zero, zero - 1])


def _money_or_zero(rows: Rows, name: str) -> Int:
    if name not in rows:
        return np.zeros(len(rows["due_on"]), np.int64)
    values: Any = rows[name]
    return np.where(values == MISSING_MONEY, 0, values)


def _versions(schedule: Schedule) -> Int:
    """How many versions each unit walks through (at least 1)."""
    if not len(schedule.valid_from):
        return np.ones(len(schedule.lo), np.int64)
    new = np.concatenate(([0], np.cumsum(np.diff(schedule.valid_from) != 0)))
    last = np.maximum(schedule.hi - 1, 0)
    first = np.minimum(schedule.lo, len(new) - 1)
    return np.where(schedule.hi > schedule.lo, new[last] - new[first] + 1, 1)


def _room(size: Int) -> Int:
    stop = np.cumsum(size)
    return np.stack([stop - size, stop], axis=1)


def _empty(n: int, room: Int) -> list[Int]:
    size = int(room[-1, 1]) if len(room) else 0
    return [np.zeros(size, np.int64) for _ in range(n)]


def _read_at_month_ends(spells: Spells) -> None:
    """Where dates are known by month only, a spell is what month ends see of it: shrink it to its last month end."""
    open_ended = spells.last > (1 << 20)
    ends = np.where(open_ended, spells.last, np.minimum(spells.last, 1 << 20))
    month = month_of(np.where(open_ended, 0, ends) + 1) - 1
    spells.last[:] = np.where(open_ended, spells.last, month_end(month))
