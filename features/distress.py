"""Days on which a loan in trouble was helped, by more time or by another's money: each begins a default."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from features.history import History
from features.ledger import among
from features.series import running

FORBEARANCE = ("restructure", "extension", "deferral", "maturity_change")
THIRD_PARTIES = ("guarantor", "insurer", "platform", "collateral", "refinance")

Int = NDArray[np.int64]
Bools = NDArray[np.bool_]


class Dated(NamedTuple):
    """Rows of a table as the observations see them: `at` (m,) observations, `row` (m,) positions, `day` (m,)."""

    at: Int
    row: Int
    day: Int

    def where(self, chosen: Bools) -> Dated:
        """Those that are chosen."""
        return Dated(self.at[chosen], self.row[chosen], self.day[chosen])


def seen(h: History, table: str, date: str, rows: Bools) -> Dated:
    """The `rows` (n_rows,) of a loan's table that each observation knows, by observation, then day."""
    if not rows.any():
        return _none()
    series, total = h.dated(table, date), running(rows)
    lo, hi = total[series.at[series.segment]].T
    at = np.repeat(np.arange(h.n), hi - lo)
    place = np.arange(len(at)) - np.repeat(np.cumsum(hi - lo) - hi, hi - lo)
    row = np.flatnonzero(rows)[place]
    return Dated(at, row, series.days[row].astype(np.int64))


def helped(h: History) -> tuple[Dated, Dated]:
    """Forbearance and third parties' money that met each loan in trouble: event rows, then payment rows.

    In trouble: in arrears on the day or the one before (money of the day itself washes nothing away), or in hardship
    that no cure has ended. Arrears count for nothing where the settings do not trust them. Money paid under
    `compensation` needs no trouble: it is arrears made good.
    """
    return _forborne(h), _paid_by_others(h)


def _forborne(h: History) -> Dated:
    rows = h.rows("loan_events")
    if rows is None:
        return _none()
    found = seen(h, "loan_events", "event_on", among(rows["event_type"], "loan_events", "event_type", *FORBEARANCE))
    return found.where(_in_trouble(h, found))


def _paid_by_others(h: History) -> Dated:
    rows = h.rows("payments")
    if rows is None:
        return _none()
    amends = np.zeros(len(rows["paid_on"]), bool)
    if "purpose" in rows:
        amends = among(rows["purpose"], "payments", "purpose", "compensation")
    others = amends.copy()
    if "payer" in rows:
        others |= among(rows["payer"], "payments", "payer", *THIRD_PARTIES)
    if "status" in rows:
        others &= ~among(rows["status"], "payments", "status", "failed", "reversal")
    found = seen(h, "payments", "paid_on", others)
    found = found.where(found.day >= h.start[found.at])
    return found.where(amends[found.row] | _in_trouble(h, found))


def _in_trouble(h: History, asked: Dated) -> Bools:
    trouble = _in_hardship(h, asked)
    if h.settings.default_dpd is None or not len(asked.at):
        return trouble
    book = h.ledger
    lo, hi = book.spells_at[book.unit[asked.at]].T
    each = np.repeat(np.arange(len(asked.at)), hi - lo)
    spell = np.arange(len(each)) - np.repeat(np.cumsum(hi - lo) - hi, hi - lo)
    first, last = book.spells.first[spell], book.spells.last[spell]
    day = asked.day[each]
    trouble[each[(first <= last) & (first <= day) & (last >= day - 1)]] = True
    return trouble


def _in_hardship(h: History, asked: Dated) -> Bools:
    """The last hardship up to the day was not followed by a cure, (m,)."""
    rows = h.rows("loan_events")
    if rows is None or not len(asked.at):
        return np.zeros(len(asked.at), bool)
    began, cured = (
        _last(seen(h, "loan_events", "event_on", among(rows["event_type"], "loan_events", "event_type", kind)), asked)
        for kind in ("hardship", "cure")
    )
    return np.asarray((began >= 0) & (began > cured))


def _last(days: Dated, asked: Dated) -> Int:
    """The last of `days` of the same observation up to each asked day, -1 where there is none."""
    if not len(days.at):
        return np.full(len(asked.at), -1)
    place = np.searchsorted(_key(days), _key(asked), side="right") - 1
    there = (place >= 0) & (days.at[np.maximum(place, 0)] == asked.at)
    return np.where(there, days.day[np.maximum(place, 0)], -1)


def _key(dated: Dated) -> Int:
    return dated.at * np.int64(1 << 33) + dated.day


def _none() -> Dated:
    nothing: NDArray[Any] = np.zeros(0, np.int64)
    return Dated(nothing, nothing, nothing)
