"""All figures of the book at one month end: the monthly pack as data, ready for a page, CSV files or alerts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import date

import polars as pl

from monitoring.kris.limits import Indicator, indicators
from monitoring.portfolio.collection import effect, success, tasks_on_time
from monitoring.portfolio.cures import cures
from monitoring.portfolio.decided import Decided, alert_figures, class_figures, tier_moves
from monitoring.portfolio.first_payments import first_payments
from monitoring.portfolio.gather import Rows
from monitoring.portfolio.keys import key_figures
from monitoring.portfolio.rates import delinquency
from monitoring.portfolio.recoveries import recovery_curves
from monitoring.portfolio.rolls import net_flow, roll_rates, transitions
from monitoring.portfolio.segments import default_rates, first_payment_rates, late_rates, terms
from monitoring.portfolio.vintages import vintages
from policy.pack import Pack as Policy
from policy.pack import load_pack

ROLL_MONTHS = 12
"""Months over which the roll-rate table sums moves."""
FPD_DAYS = (7, 30)
_MONTH = "month"
_NO_ROWS = {"collection": "no_trial", "tasks": "no_tasks", "contacts": "no_contacts", "recoveries": "no_defaults"}
"""Why figures have no rows, where more can be said than that."""


@dataclass(frozen=True)
class Pack:
    """The state of the book at month end `on`. `tables` are figures by name; a figure without data is not in it.

    `windows` are the first month end and the start of the year of defaults; `notes` name what could not be said and
    why, by figure. `known` are the figures that the indicators were asked with,
    `policy` has their limits and the names of rules and actions.
    """

    on: date
    first: date
    year_before: date
    tables: dict[str, pl.DataFrame]
    notes: dict[str, str]
    known: Mapping[str, float] = field(default_factory=dict)
    decided: Decided | None = None
    policy: Policy | None = None

    def value(self, table: str, column: str, **where: object) -> float | None:
        """One number of a table, None where there is none."""
        if table not in self.tables:
            return None
        rows = self.tables[table].filter(*(pl.col(name) == value for name, value in where.items()))
        return None if rows.is_empty() or rows[column][0] is None else float(rows[column][0])


def figures(
    rows: Rows,
    decided: Decided | None = None,
    policy: Policy | None = None,
    monitored: Mapping[str, float] | None = None,
) -> Pack:
    """The pack of the last month end in `rows.states`.

    `decided` is what nightly runs and people left in the journal, `monitored` the figures of the model for P02 and
    P03 (`kris.model.monitored`); what takes them is left out without them and noted. `policy` holds the limits of the
    indicators (default: the standard pack).
    """
    months = rows.states["as_of"].unique().sort().to_list()
    on, first = months[-1], months[0]
    start = date(on.year - 1, on.month, 1)
    year_before = max([m for m in months if (m.year, m.month) == (start.year, start.month)] or [first])
    policy = policy or load_pack("standard", (on - date(1970, 1, 1)).days)
    tables = _of_book(rows, on, year_before) | _of_people(rows, decided)
    if decided is not None:
        events = serious_events(rows.lives)
        tables |= class_figures(decided) | alert_figures(decided, events, on)
        if decided.now is not None and decided.before is not None:
            tiers = (*(tier.code for tier in policy.tiers), policy.state_d.code)
            tables["tier_moves"] = tier_moves(decided.before, decided.now, tiers)
    known = key_figures(tables, rows, decided, policy, on) | dict(monitored or {})
    limits = pl.DataFrame([_plain(one) for one in indicators(known, policy)])
    tables["kris"] = limits.with_columns(pl.col("value", "limit").fill_nan(None))
    notes = {name: _NO_ROWS.get(name, "no_rows") for name, table in tables.items() if table.is_empty()}
    notes |= {name: why for name, why in _not_given(decided).items() if name not in tables or tables[name].is_empty()}
    kept = {name: table for name, table in tables.items() if not table.is_empty()}
    return Pack(on, first, year_before, kept, notes, known, decided, policy)


def _of_book(rows: Rows, on: date, year_before: date) -> dict[str, pl.DataFrame]:
    """Figures that the records of the lender give by themselves."""
    moves = transitions(rows.states, rows.lives)
    recent = moves.filter(pl.col(_MONTH).is_in(moves[_MONTH].unique().sort().tail(ROLL_MONTHS).implode()))
    return {
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
        "late_rates": late_rates(rows.states, rows.lives, on),
        "first_payment_rates": first_payment_rates(rows.lives, on),
        "default_rates": default_rates(rows.states, rows.lives, year_before, on),
    }


def _of_people(rows: Rows, decided: Decided | None) -> dict[str, pl.DataFrame]:
    """Figures of work done: tasks of the book and of the service together, contacts, actions under a trial."""
    return {
        "tasks": tasks_on_time(all_tasks(rows, decided)),
        "contacts": _reached(rows.contacts),
        "collection": _collection(rows.cases),
    }


def all_tasks(rows: Rows, decided: Decided | None) -> pl.DataFrame:
    """Tasks that the book records and tasks that the service holds."""
    return rows.tasks if decided is None else pl.concat([rows.tasks, decided.tasks.select(rows.tasks.columns)])


def _not_given(decided: Decided | None) -> dict[str, str]:
    """Why figures of nights and of the journal are not there: the way to them is in the text of each reason."""
    if decided is None:
        return dict.fromkeys(("class_shares", "class_migration", "tier_moves", "alerts", "queue"), "not_recorded")
    nights = dict.fromkeys(("class_shares", "class_migration", "tier_moves"), "no_nights")
    if decided.now is not None:
        nights = dict.fromkeys(("class_migration", "tier_moves"), "one_night")
    return nights | {"alerts": "no_alerts", "queue": "no_capacity" if len(decided.alerts) else "no_alerts"}


def _plain(one: Indicator) -> dict[str, object]:
    return asdict(one) | {"asks": " ".join(one.asks)}


def serious_events(lives: pl.DataFrame) -> pl.DataFrame:
    """The first serious event of each loan, past 30 days: loan_id, event_on."""
    return lives.filter(pl.col("over_30_on").is_not_null()).select("loan_id", event_on="over_30_on")


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
    """Success of treated cases, what was collected in them, what they cost, and the one for each unit of the other."""
    treated = part.filter(pl.col("arm") == "treated")
    collected, cost = float(treated["collected"].sum()), float(treated["cost"].sum())
    return {
        "success_whole": success(treated, 1.0),
        "success_half": success(treated, 0.5),
        "collected": collected,
        "cost": cost,
        "collected_per_cost": collected / cost if cost > 0 else float("nan"),
    }
