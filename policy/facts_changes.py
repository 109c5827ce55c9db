"""Facts of changed contracts and of impairment: observation, changes in arrears, events of default, loss figures."""

from __future__ import annotations

import numpy as np

from features.history import History
from features.ledger import Ledger, among
from policy.facts_arrears import without_tolerance
from policy.observation import Observed, observe
from policy.rows import Bools, Floats, Int, each, latest, since, unknown

MISS_DAYS = 30
_EVENTS = ("loan_events", "event_on", "event_type")
ALWAYS = ("restructure",)
IN_DIFFICULTY = ("extension", "deferral", "grace", "rate_change", "maturity_change")
REAGEING = ("restructure", "extension", "deferral", "maturity_change")


def change_facts(h: History) -> dict[str, Floats]:
    """Every fact of group `changes` in `facts.toml`, each (n,)."""
    return {
        **_observations(h),
        "reaged_12m": _reaged(h),
        "default_event": _default_event(h),
        **_impairment(h),
    }


def _observations(h: History) -> dict[str, Floats]:
    names = ("observation", "observation_left_days", "observation_missed_30d", "restructured_again")
    rows = h.rows("loan_events")
    if rows is None:
        return dict.fromkeys(names, unknown(h))
    out = {name: np.zeros(h.n) for name in names}
    out["observation_left_days"][:] = np.nan
    granted = among(rows["event_type"], *_EVENTS[::2], *ALWAYS) & (rows["distressed"] != 0)
    granted |= among(rows["event_type"], *_EVENTS[::2], *IN_DIFFICULTY) & (rows["distressed"] == 1)
    some = np.flatnonzero(since(h.dated(*_EVENTS[:2]), granted, np.full(h.n, -(1 << 30))) > 0)
    if not len(some):
        return out
    for i, found in zip(some.tolist(), _observed(without_tolerance(h, some), granted), strict=True):
        if found.active:
            as_of = int(h.as_of[i])
            out["observation"][i] = 1
            out["observation_left_days"][i] = found.until - as_of
            out["observation_missed_30d"][i] = found.missed is not None and as_of - found.missed < MISS_DAYS
            out["restructured_again"][i] = found.again
    return out


def _observed(h: History, granted: Bools) -> list[Observed]:
    """The observation of each of these few loans."""
    book, events = h.ledger, h.dated(*_EVENTS[:2])
    row, of = each(events)
    changes = _by_observation(h.n, of[granted[row]], events.days[row[granted[row]]])
    resolved: list[list[int]] = [[] for _ in range(h.n)]
    findings = h.rows("findings")
    if findings is not None:
        series = h.dated("findings", "found_on")
        row, of = each(series)
        hit = among(findings["kind"], "findings", "kind", "difficulty_resolved")[row]
        resolved = _by_observation(h.n, of[hit], series.days[row[hit]])
    result = []
    for i in range(h.n):
        dues, misses = _dues(book, int(book.unit[i])), _misses(book, int(book.unit[i]))
        found = observe(sorted(set(changes[i])), dues, misses, sorted(resolved[i]), int(h.as_of[i]))
        result.append(found or Observed(False, 0, None, False))
    return result


def _by_observation(n: int, of: Int, days: Int) -> list[list[int]]:
    found: list[list[int]] = [[] for _ in range(n)]
    for i, day in zip(of.tolist(), days.tolist(), strict=True):
        found[i].append(day)
    return found


def _dues(book: Ledger, unit: int) -> list[int]:
    first, end = book.judged_at[unit]
    return sorted(set(book.judged.due_on[first:end][book.judged.due[first:end] > 0].tolist()))


def _misses(book: Ledger, unit: int) -> list[int]:
    first, end = book.spells_at[unit]
    kept = book.spells.last[first:end] >= book.spells.first[first:end]
    return sorted(set(book.spells.first[first:end][kept].tolist()))


def _reaged(h: History) -> Floats:
    """Changes of the last 12 months that were granted while the loan was in arrears the day before."""
    rows = h.rows("loan_events")
    if rows is None:
        return unknown(h)
    row, of = each(h.dated(*_EVENTS[:2]))
    hit = among(rows["event_type"], *_EVENTS[::2], *REAGEING)[row]
    hit &= rows["event_on"][row] > h.back(12)[of]
    row, of = row[hit], of[hit]
    counted = np.zeros(h.n)
    book = h.ledger
    for day, i in zip((rows["event_on"][row] - 1).tolist(), of.tolist(), strict=True):
        first, end = book.spells_at[book.unit[i]]
        counted[i] += bool(np.any((book.spells.first[first:end] <= day) & (book.spells.last[first:end] >= day)))
    return counted


def _default_event(h: History) -> Floats:
    """1 where an event that the book's settings name as default stands: no cure came after it."""
    rows = h.rows("loan_events")
    if rows is None:
        return unknown(h)
    series = h.dated(*_EVENTS[:2])
    default = latest(series, among(rows["event_type"], *_EVENTS[::2], *h.settings.default_events))
    cure = latest(series, among(rows["event_type"], *_EVENTS[::2], "cure"))
    return ((default >= 0) & (cure < default)).astype(float)


def _impairment(h: History) -> dict[str, Floats]:
    """The latest figures of accounting; NaN without the table or a row."""
    rows = h.rows("impairment")
    if rows is None or not len(rows["as_on"]):
        return {"credit_impaired": unknown(h), "ecl_share": unknown(h)}
    at = latest(h.dated("impairment", "as_on"), np.ones(len(rows["as_on"]), bool))
    told, row = at >= 0, np.maximum(at, 0)
    value, loss, flagged = rows["book_value"][row], rows["ecl"][row], rows["credit_impaired"][row]
    share = np.where(value > 0, loss / np.maximum(value, 1), np.where(loss > 0, 1.0, np.nan))
    return {
        "credit_impaired": np.where(told & (flagged >= 0), flagged, np.nan),
        "ecl_share": np.where(told & (value >= 0) & (loss >= 0), share, np.nan),
    }
