"""From dossiers to settled instalments: builds the input of the walk and keeps its results per unit."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from book.clock import month_end, month_of
from book.contract import TABLES
from book.dossiers import Dossiers, Rows
from book.settings import Settings
from book.tables import MISSING_DAY
from features.accounts import Judged, Money, Plan, Spells
from features.entries import money_rows, schedule_rows
from features.kept import kept
from features.totals import steps
from features.walked import walk_all
from features.windows import different

Int = NDArray[np.int64]
OWN_PAYERS = ("borrower", "co_borrower", "other")


@lru_cache(maxsize=1024)
def code(table: str, column: str, *names: str) -> NDArray[np.int8]:
    """The codes of enum values as they stand in memory; KeyError for a column, ValueError for a value not declared.

    Kept for the next who asks: read only.
    """
    choices = TABLES[table].column(column).choices
    codes = np.array([choices.index(name) for name in names], np.int8)
    codes.flags.writeable = False
    return codes


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

    @kept
    def net(self) -> Int:
        """Money of each payment row that met dues: what was taken for penalties is left out, (n_payments,)."""
        return steps(self.met, self.money_at)


def scheduled(rows: Rows) -> NDArray[np.bool_]:
    """Which payment rows are scheduled money: posted, for the schedule or without purpose, from the borrower's side."""
    return rows.once(_scheduled)


def _scheduled(rows: Rows) -> NDArray[np.bool_]:
    flag = posted(rows)
    if "purpose" in rows:
        flag = flag & among(rows["purpose"], "payments", "purpose", "scheduled", missing=True)
    if "payer" in rows:
        flag = flag & among(rows["payer"], "payments", "payer", *OWN_PAYERS, missing=True)
    return flag


def posted(rows: Rows) -> NDArray[np.bool_]:
    """Which payment rows are money: status posted, or none given."""
    return rows.once(_posted)


def _posted(rows: Rows) -> NDArray[np.bool_]:
    if "status" not in rows:
        return np.ones(len(rows["paid_on"]), bool)
    return among(rows["status"], "payments", "status", "posted", missing=True)


def ledger(dossiers: Dossiers, settings: Settings) -> Ledger:
    """Settle every unit that the observations of `dossiers` need."""
    loan, unit_of, segments = _units(dossiers)
    starts = _observed_from(dossiers)[loan]
    schedule, schedule_at, versions = _schedule(dossiers, loan, segments["instalments"], starts)
    paid, money_at = _money(dossiers, segments["payments"], starts)
    charged, charged_at = _fees(dossiers, segments, starts)
    judged, judged_at, found, spells_at, plan, plan_at, met = walk_all(
        schedule, schedule_at, starts, versions, paid, money_at, charged, charged_at,
        settings.tolerance, settings.tolerance_share,
    )  # fmt: skip
    spells, money = Spells(*found), Money(money_at[:, 0], money_at[:, 1], *paid)
    if settings.precision == "month":
        _read_at_month_ends(spells)
    return Ledger(
        unit_of, Judged(*judged), judged_at, spells, spells_at, Plan(*plan), plan_at, money, money_at, met
    )  # fmt: skip


def _units(dossiers: Dossiers) -> tuple[Int, Int, dict[str, Int]]:
    """Distinct (loan, state of knowledge): the loan of each unit, the unit of each observation, segments per table.

    Of observations sorted by loan, a state that comes back after another one is a unit again.
    """
    names = ("instalments", "payments", "charges")
    rows = [dossiers.tables[name] for name in names if name in dossiers.tables]
    loan = dossiers.loan.astype(np.int64)
    segments = [r.segment(loan, dossiers.moment) for r in rows]
    if all(s is loan or np.array_equal(s, loan) for s in segments):
        units, unit_of = different(loan)
        return units, unit_of, dict.fromkeys(names, units)
    stacked = np.stack([loan, *segments])
    order = None
    if (loan[1:] < loan[:-1]).any():
        order = np.lexsort(stacked[::-1])
        stacked = stacked[:, order]
    new = np.append(True, (stacked[:, 1:] != stacked[:, :-1]).any(axis=0))
    run = np.cumsum(new) - 1
    unit_of = run
    if order is not None:
        unit_of = np.empty(len(loan), np.int64)
        unit_of[order] = run
    chosen: Int = stacked[:, new]
    present = [name for name in names if name in dossiers.tables]
    return chosen[0], unit_of, {name: chosen[i + 1] for i, name in enumerate(present)}


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


def _money(dossiers: Dossiers, segment: Int, starts: Int) -> tuple[Int, Int]:
    """Scheduled money of the units by day as lines of `Money`, and each unit's range in it."""
    rows = dossiers.tables["payments"]
    purpose = rows["purpose"] if "purpose" in rows else np.empty(0, np.int8)
    return money_rows(rows.offsets, segment, starts, scheduled(rows), rows["paid_on"], rows["amount"], purpose)


def _fees(dossiers: Dossiers, segments: dict[str, Int], starts: Int) -> tuple[Int, Int]:
    """Charges less waivers less payments meant for them by day as lines of `Fees`, and each unit's range in them."""
    if "charges" not in dossiers.tables:
        return np.empty((2, 0), np.int64), np.zeros((len(starts), 2), np.int64)
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
    return np.stack([day[order], amount[order]]), np.stack([edges[:-1], edges[1:]], axis=1)


def _schedule(dossiers: Dossiers, loan: Int, segment: Int, starts: Int) -> tuple[Int, Int, Int]:
    """Schedule rows of the units as lines of `Schedule`, opening arrears among them, each unit's range in them, and how
    many versions each unit walks through.
    """
    rows = dossiers.tables["instalments"]
    arrears = np.zeros(len(loan), np.int64)
    if "opening_arrears" in dossiers.loans:
        arrears = dossiers.loans["opening_arrears"][loan]
    found, at, versions, ordered = schedule_rows(
        rows.offsets, segment, starts, arrears, rows["instalment_no"], rows["schedule_version"], rows["valid_from"],
        rows["due_on"], rows["principal_due"], rows["interest_due"],
        rows["fee_due"] if "fee_due" in rows else np.empty(0, np.int64),
        rows["grace_days"] if "grace_days" in rows else np.empty(0, np.int32),
    )  # fmt: skip
    if not ordered:
        number, version, since = found[:3]
        unit = np.repeat(np.arange(len(loan)), at[:, 1] - at[:, 0])
        found = np.ascontiguousarray(found[:, np.lexsort((version, number, since, unit))])
        versions = _versions(found[2], at)
    return found, at, versions


def _versions(since: Int, at: Int) -> Int:
    """How many versions there are in each range `at` (n, 2) of rows sorted by `since` (at least 1)."""
    new = np.append(0, np.cumsum(np.diff(since) != 0))
    lo, hi = at.T
    return np.where(hi > lo, new[np.maximum(hi - 1, 0)] - new[np.minimum(lo, len(new) - 1)] + 1, 1)


def _read_at_month_ends(spells: Spells) -> None:
    """Where dates are known by month only, a spell is what month ends see of it: shrink it to its last month end."""
    open_ended = spells.last > (1 << 20)
    ends = np.where(open_ended, spells.last, np.minimum(spells.last, 1 << 20))
    month = month_of(np.where(open_ended, 0, ends) + 1) - 1
    spells.last[:] = np.where(open_ended, spells.last, month_end(month))
