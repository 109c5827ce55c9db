"""All figures of the book at one month end: the monthly pack as data, ready for a page, CSV files or alerts."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import polars as pl

from monitoring.portfolio.classes import class_shares
from monitoring.portfolio.collection import effect, success, tasks_on_time
from monitoring.portfolio.cures import cures
from monitoring.portfolio.first_payments import first_payments
from monitoring.portfolio.gather import Rows
from monitoring.portfolio.rates import delinquency
from monitoring.portfolio.recoveries import recovery_curves
from monitoring.portfolio.rolls import class_migration, net_flow, roll_rates, transitions
from monitoring.portfolio.segments import default_rates, terms
from monitoring.portfolio.vintages import vintages
from monitoring.portfolio.warnings import accounting

ROLL_MONTHS = 12
"""Months over which the roll-rate table sums moves."""
FPD_DAYS = (7, 30)
_MONTH = "month"


@dataclass(frozen=True)
class Pack:
    """The state of the book at month end `on`. `tables` are figures by name; a figure without data is not in it.

    `windows` are the first month end and the start of the year of defaults; `notes` name what could not be said and
    why, by figure.
    """

    on: date
    first: date
    year_before: date
    tables: dict[str, pl.DataFrame]
    notes: dict[str, str]

    def value(self, table: str, column: str, **where: object) -> float | None:
        """One number of a table, None where there is none."""
        if table not in self.tables:
            return None
        rows = self.tables[table].filter(*(pl.col(name) == value for name, value in where.items()))
        return None if rows.is_empty() or rows[column][0] is None else float(rows[column][0])


def figures(rows: Rows, alerts: pl.DataFrame | None = None, classes: pl.DataFrame | None = None) -> Pack:
    """The pack of the last month end in `rows.states`.

    `classes` are loan_id, as_of, five_class, balance, dpd of nightly runs; `alerts` what `accounting` reads. Without
    them their figures are left out and noted.
    """
    months = rows.states["as_of"].unique().sort().to_list()
    on, first = months[-1], months[0]
    start = date(on.year - 1, on.month, 1)
    year_before = max([m for m in months if (m.year, m.month) == (start.year, start.month)] or [first])
    moves = transitions(rows.states, rows.lives)
    recent = moves.filter(pl.col(_MONTH).is_in(moves[_MONTH].unique().sort().tail(ROLL_MONTHS).implode()))
    tables = {
        "delinquency": delinquency(rows.states),
        "transitions": moves,
        "roll_balance": roll_rates(recent, "balance"),
        "roll_loans": roll_rates(recent, "loans"),
        "net_flow": net_flow(rows.states),
        "vintages_30": vintages(rows.lives, on, 30),
        "vintages_90": vintages(rows.lives, on, 90),
        **{f"first_payments_{d}": first_payments(rows.lives, on, d) for d in FPD_DAYS},
        "cures": cures(rows.lives, on),
        "recoveries": recovery_curves(rows.collected, on),
        "terms": terms(rows.states, rows.lives, on),
        "default_rates": default_rates(rows.states, rows.lives, year_before, on),
        "tasks": tasks_on_time(rows.tasks),
        "contacts": _reached(rows.contacts),
        "collection": _collection(rows.cases),
    }
    notes: dict[str, str] = {}
    if classes is not None and len(classes):
        tables |= _of_classes(classes)
    if alerts is not None and len(alerts):
        tables["alerts"] = accounting(alerts, _events(rows.lives), on)
    for name in ("class_shares", "class_migration", "alerts"):
        if name not in tables:
            notes[name] = "not_recorded"
    notes |= {name: "no_rows" for name, table in tables.items() if table.is_empty()}
    return Pack(on, first, year_before, {n: t for n, t in tables.items() if not t.is_empty()}, notes)


def _events(lives: pl.DataFrame) -> pl.DataFrame:
    """The first serious event of each loan: past 30 days."""
    return lives.filter(pl.col("over_30_on").is_not_null()).select("loan_id", event_on="over_30_on")


def _of_classes(classes: pl.DataFrame) -> dict[str, pl.DataFrame]:
    months = classes["as_of"].unique().sort()
    tables = {"class_shares": class_shares(classes)}
    if len(months) > 1:
        year_end = [m for m in months if m < date(months[-1].year, 1, 1)]
        opening = classes.filter(pl.col("as_of") == (year_end[-1] if year_end else months[0]))
        tables["class_migration"] = class_migration(opening, classes.filter(pl.col("as_of") == months[-1]))
    return tables


def _reached(contacts: pl.DataFrame) -> pl.DataFrame:
    """Contacts by month and channel, and the share that reached somebody: month, channel, contacts, reached, rate."""
    hit = pl.col("outcome").is_in(["reached", "ptp", "refused"])
    counted = contacts.group_by(pl.col("on").dt.month_end().alias(_MONTH), "channel").agg(
        contacts=pl.len(), reached=hit.sum()
    )
    return counted.with_columns(rate=pl.col("reached") / pl.col("contacts")).sort(_MONTH, "channel")


def _collection(cases: pl.DataFrame) -> pl.DataFrame:
    """By action: success whole and half, and the effect against the random holdout."""
    rows = [
        {"action": str(name[0]), **_success(part), **effect(part)}
        for name, part in cases.partition_by("action", as_dict=True).items()
    ]
    return pl.DataFrame(rows).sort("action") if rows else pl.DataFrame()


def _success(part: pl.DataFrame) -> dict[str, float]:
    treated = part.filter(pl.col("arm") == "treated")
    return {"success_whole": success(treated, 1.0), "success_half": success(treated, 0.5)}
