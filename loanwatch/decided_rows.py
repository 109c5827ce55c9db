"""From the journal and the sealed nights to what the state of the book counts."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec
import numpy as np
import polars as pl

from book.clock import local_day
from book.errors import Refusal
from monitoring.portfolio.classes import class_shares
from monitoring.portfolio.decided import Decided, Night

if TYPE_CHECKING:
    from serving.journal.journal import Journal
    from serving.journal.traffic import Segment

_READ = ("loan_id", "borrower_id", "status", "five_class", "tier", "pd", "dpd", "exposure", "ead")
_PAGE = 1_000


def decided(
    journal: Journal, segments: Path, first: date, on: date, lives: pl.DataFrame, timezone: str, capacity: int | None
) -> Decided:
    """What nights from `first` to `on`, and people by then, left in `journal`; `lives` say which loans had left.

    Raises Refusal where a night that the journal knows is not in the folder `segments`.
    """
    nights = {night.as_of: night for night in _nights(journal, first, on)}
    days = sorted(nights)
    earlier = [day for day in days[:-1] if _date(day).year < on.year]
    wanted = {"now": days[-1:], "before": days[-2:-1], "opening": earlier[-1:] or days[:-1][:1]}
    kept: dict[str, Night] = {}
    shares = []
    for day in days:
        night = _read(segments, nights[day], lives)
        shares.append(class_shares(_shared(night)))
        kept |= {name: night for name, some in wanted.items() if day in some}
    return Decided(
        shares=pl.concat(shares) if shares else pl.DataFrame(),
        alerts=alerts(journal, on, timezone),
        tasks=tasks(journal, on, timezone),
        capacity=capacity,
        **kept,
    )


def _nights(journal: Journal, first: date, on: date) -> Iterator[Segment]:
    """The last night of every month whose rows retention has left, of several on one day the one sealed last."""
    from serving.journal.expiry import expired
    from serving.journal.traffic import Segment

    gone = {night.name for night in expired(journal)}
    newest: dict[tuple[int, int], Segment] = {}
    for kept in _all(journal, Segment):
        day = _date(kept.entry.as_of)
        known = newest.get((day.year, day.month))
        # newest first: of one day the first one met was sealed last
        if kept.entry.name in gone:
            continue
        if kept.entry.kind == "nightly" and first <= day <= on and (not known or known.as_of < kept.entry.as_of):
            newest[day.year, day.month] = kept.entry
    yield from newest.values()


def _read(segments: Path, entry: Segment, lives: pl.DataFrame) -> Night:
    """The rows of a night of loans that were on the book: not closed, and not gone as `lives` know."""
    files = sorted((segments / entry.name).glob("part-*.parquet"))
    if not files:
        raise Refusal(f"{segments}: holds no night {entry.name}, which the journal knows; allowed: --segments FOLDER")
    on = _date(entry.as_of)
    gone = lives.filter((pl.col("exit") != "") & (pl.col("exit_on") <= on)).select("loan_id")
    rows = pl.read_parquet(files, columns=list(_READ)).filter(pl.col("status") != "closed")
    rows = rows.join(gone, on="loan_id", how="anti").with_columns(balance=pl.col("exposure").fill_null(0) / 100)
    return Night(on, rows.drop("status", "exposure"))


def _shared(night: Night) -> pl.DataFrame:
    return night.rows.select("loan_id", pl.lit(night.on).alias("as_of"), "five_class", "balance", "dpd")


def alerts(journal: Journal, on: date, timezone: str) -> pl.DataFrame:
    """All alerts up to a day, and the rules that were folded into them, as `Decided` describes them."""
    closings = _closings(journal, timezone)
    plain: list[dict[str, Any]] = []
    before: int | None = None
    while True:
        page = journal.alerts(limit=_PAGE, before=before)
        found = [(life.entry, closings.get(life.entry.alert_id)) for life in page.rows]
        told = journal.payloads([entry.evidence for entry, _ in found if entry.evidence])
        for entry, closing in found:
            if _date(entry.fired_on) <= on:
                said = told.get(entry.evidence)
                plain += _alert(entry, closing, msgspec.json.decode(said) if said else {}, on)
        before = page.next
        if before is None:
            return pl.DataFrame(plain, schema=Decided().alerts.schema, orient="row")


def _alert(entry: Any, closing: tuple[date, str] | None, said: dict[str, Any], on: date) -> list[dict[str, Any]]:
    """The row of an alert, and one of each rule that it stands for as well."""
    closed = closing if closing and closing[0] <= on else None
    row = {
        "alert_id": entry.alert_id,
        "rule": entry.rule,
        "severity": entry.severity,
        "loan_id": entry.loan_id,
        "fired_on": _date(entry.fired_on),
        "suppressed": False,
        "closed_on": closed[0] if closed else None,
        "outcome": closed[1] if closed else "",
    }
    return [row, *(row | {"rule": rule, "suppressed": True} for rule in said.get("folded", ()))]


def _closings(journal: Journal, timezone: str) -> dict[str, tuple[date, str]]:
    """Day and outcome of the last step of every alert that is closed now."""
    from serving.journal.entries import CLOSED, AlertStep

    last: dict[str, Any] = {}
    for kept in _all(journal, AlertStep):  # newest first
        last.setdefault(kept.entry.alert_id, kept)
    return {
        alert_id: (_day_of(kept.at, timezone), kept.entry.outcome)
        for alert_id, kept in last.items()
        if kept.entry.status == CLOSED
    }


def tasks(journal: Journal, on: date, timezone: str) -> pl.DataFrame:
    """Tasks that the service holds, due or done by a day: kind, loan_id, due_on, done_on, as_of."""
    from serving.journal.entries import CLOSED, Task, TaskStep

    done: dict[str, date] = {}
    for kept in _all(journal, TaskStep):
        if kept.entry.status == CLOSED:
            done.setdefault(kept.entry.task_id, _day_of(kept.at, timezone))
    rows = []
    for one in _all(journal, Task):
        closed = done.get(one.entry.task_id)
        told = {"kind": one.entry.kind, "loan_id": one.entry.loan_id, "due_on": _date(one.entry.due_on), "as_of": on}
        rows.append(told | {"done_on": closed if closed and closed <= on else None})
    return pl.DataFrame(rows, schema=Decided().tasks.schema)


def _all(journal: Journal, kind: Any) -> Iterator[Any]:
    before: int | None = None
    while True:
        page = journal.page(kind, _PAGE, before)
        yield from page.rows
        before = page.next
        if before is None:
            return


def _date(day: int) -> date:
    found: date = np.datetime64(day, "D").item()
    return found


def _day_of(at: int, timezone: str) -> date:
    return _date(int(local_day(np.array([at]), timezone)[0]))
