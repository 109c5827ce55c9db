"""What nights ask of the past: earlier nights a month apart, alerts told before, and defaults that came since."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, Final

import numpy as np
import polars as pl
from sqlalchemy import select

from policy.pack import Pack
from serving.journal.entries import CLOSED, Alert, AlertStep
from serving.journal.entries import Segment as SegmentEntry
from serving.journal.journal import Journal
from serving.journal.reading import asked
from serving.journal.schema import ENTRIES, TYPED
from serving.journal.segment import INDEX, Segment
from serving.journal.segments import Segments

LEVELS: Final = ("book", "model", "process")
A_MONTH: Final = range(26, 36)
"""Days between two nights that may be compared as a month apart."""
MONTHS: Final = 13
LOOKED_BACK: Final = 640
"""Days back to which alerts are looked at: 15 months and the six in which they prove right."""
_EPOCH: Final = date(1970, 1, 1)
_SEEN: Final = 20
_AT_ONCE: Final = 50_000
_TOLD: Final = {"rule": pl.String, "loan_id": pl.String, "fired_on": pl.Int64, "outcome": pl.String, "closed": pl.Int64}


@dataclass(frozen=True)
class Past:
    """Nights before the day of a run, newest first; the newest of each day."""

    nights: tuple[Segment, ...]

    @classmethod
    def of(cls, segments: Segments, as_of: int) -> Past:
        """The sealed nights before a day whose rows are still there."""
        table = TYPED[SegmentEntry.KIND]
        question = asked(table).where(table.c.kind == "nightly", table.c.as_of < as_of)
        by_day: dict[int, Segment] = {}
        for kept in segments.journal.oldest_first(SegmentEntry, question):
            folder = segments.folder / kept.entry.name
            if (folder / INDEX).is_file():
                by_day[kept.entry.as_of] = Segment(folder, kept)
        return cls(tuple(by_day[day] for day in sorted(by_day, reverse=True)))

    def within(self, as_of: int, days: range) -> Segment | None:
        """The newest night so many days before a day."""
        return next((night for night in self.nights if as_of - night.entry.as_of in days), None)

    def monthly(self, as_of: int, months: int = MONTHS) -> tuple[Segment, ...]:
        """Nights a month apart, newest first, as far back without a gap."""
        found: list[Segment] = []
        while len(found) < months and (one := self.within(as_of, A_MONTH)) is not None:
            found.append(one)
            as_of = one.entry.as_of
        return tuple(found)

    def year_end(self, as_of: int) -> Segment | None:
        """The last night of December before the year of a day."""
        opening = (date((_EPOCH + timedelta(days=as_of)).year - 1, 12, 31) - _EPOCH).days
        return self.within(opening + 1, range(1, 32))


def in_default(nights: Sequence[Segment], now: pl.DataFrame, on: date) -> pl.DataFrame:
    """loan_id and event_on of loans in default: the first of the nights, or the day `on`, on which they were."""
    bad = pl.col("status") == "in_default"
    frames = [now.filter(bad).select("loan_id", event_on=pl.lit(on))]
    for night in nights:
        rows = pl.from_arrow(night.rows(["loan_id", "status"]))
        if isinstance(rows, pl.DataFrame):
            frames.append(rows.filter(bad).select("loan_id", event_on=pl.lit(day_of(night.entry.as_of))))
    return pl.concat(frames).group_by("loan_id").agg(pl.col("event_on").min())


def told_alerts(journal: Journal, as_of: int) -> pl.DataFrame:
    """Alerts of loans told before a day: rule, loan_id, fired_on, suppressed, closed_on (null while open), outcome."""
    alert, step = TYPED[Alert.KIND], TYPED[AlertStep.KIND]
    closed = select(step.c.alert_id, step.c.outcome, step.c.status, ENTRIES.c.at).join(
        ENTRIES, ENTRIES.c.place == step.c.place
    )
    last = closed.where(step.c.status == CLOSED).subquery()
    question = (
        select(alert.c.rule, alert.c.loan_id, alert.c.fired_on, last.c.outcome, last.c.at)
        .outerjoin(last, last.c.alert_id == alert.c.alert_id)
        .where(alert.c.loan_id != "", alert.c.fired_on < as_of, alert.c.fired_on >= as_of - LOOKED_BACK)
    )
    frames = [pl.DataFrame(schema=_TOLD)]
    with journal.connection() as connection:
        found = connection.execution_options(yield_per=_AT_ONCE).execute(question)
        frames += [pl.DataFrame(list(map(tuple, rows)), schema=_TOLD, orient="row") for rows in found.partitions()]
    moment = pl.from_epoch("closed", time_unit="us").dt.date()
    return pl.concat(frames).select(
        "rule", "loan_id", pl.col("fired_on").cast(pl.Int32).cast(pl.Date), suppressed=pl.lit(value=False),
        closed_on=moment, outcome=pl.col("outcome").fill_null(""),
    )  # fmt: skip


def told_before(pack: Pack, as_of: int, journal: Journal) -> dict[str, list[Any]]:
    """The last alert of each rule above cohorts before a day, as the policy remembers it: weight and day."""
    state: dict[str, list[Any]] = {}
    for rule in pack.rules.of(*LEVELS):
        for life in journal.alerts(limit=_SEEN, rule=rule.id).rows:
            if life.entry.fired_on < as_of:
                evidence = journal.value(life.entry.evidence) or {}
                state[rule.id] = [int(evidence.get("weight", 0)), str(np.datetime64(life.entry.fired_on, "D"))]
                break
    return state


def cohorts_told(pack: Pack, as_of: int, journal: Journal) -> dict[str, list[Any]]:
    """The alerts of cohorts that are within their cool-down on a day, by rule and cohort."""
    table, state = TYPED[Alert.KIND], {}
    for rule in pack.rules.of("cohort"):
        weights = {step.severity: step.weight for step in rule.steps}
        question = asked(table).where(
            table.c.rule == rule.id, table.c.fired_on < as_of, table.c.fired_on > as_of - rule.cool_down
        )
        for kept in journal.oldest_first(Alert, question):
            day = str(np.datetime64(kept.entry.fired_on, "D"))
            state[f"{rule.id} {kept.entry.subject}"] = [weights.get(kept.entry.severity, 0), day]
    return state


def day_of(day: int) -> date:
    """The date of a day since 1970-01-01."""
    return _EPOCH + timedelta(days=day)
