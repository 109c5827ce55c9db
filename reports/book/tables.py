"""Figures that are tables: rolls, classes, terms, segments, alerts, collection, tasks."""

from __future__ import annotations

import math
from collections.abc import Sequence

import polars as pl

from monitoring.portfolio.figures import Pack
from monitoring.portfolio.rolls import BUCKETS, CLASSES, WHERE, matrix
from reports.book.curves import month
from reports.book.figure import Cell, Figure, Shade
from reports.charts.bars import share_bar
from reports.charts.lines import interval
from reports.formats import NOTHING, count
from reports.wording import Wording


def rolls(pack: Pack, w: Wording, by: str) -> Figure:
    """Where each bucket went in a month, over the last year."""
    table = matrix(pack.tables[f"roll_{by}"])
    shown = [name for name in WHERE if table[name].fill_null(0.0).sum() > 0 or name in BUCKETS]
    rows: list[Sequence[Cell | Shade]] = [
        (w(f"book.state_{row['from']}"), *(_shade(row[name], w) for name in shown)) for row in table.to_dicts()
    ]
    short = (name if name in BUCKETS[1:] else w(f"book.state_{name}") for name in shown)
    head = [w("book.from_to"), *short]
    return Figure(f"roll_{by}", head, rows, 1, csv=f"roll_{by}.csv", loans="rows/moves.csv", open=by == "balance")


def _shade(share: float | None, w: Wording) -> Shade:
    if share is None:
        return Shade(NOTHING, 0)
    return Shade(w.percent(share) if share else "", min(9, math.ceil(9 * share)) if share else 0)


def classes(pack: Pack, w: Wording) -> Figure:
    """Five classes by month end, NPL, and how far arrears run ahead of the classes."""
    table = pack.tables["class_shares"].sort("as_of", descending=True)
    rows = [
        (
            month(row["as_of"], w),
            *(w.percent(row[name]) for name in CLASSES),
            w.percent(row["npl_share"]),
            w.percent(row["over90_to_npl"]),
        )
        for row in table.to_dicts()
    ]
    head = [w("book.month"), *(w(f"book.class_{name}") for name in CLASSES), w("book.npl"), w("book.over90_to_npl")]
    return Figure("class_shares", head, rows, 1, csv="class_shares.csv", open=True)


def migration(pack: Pack, w: Wording) -> Figure:
    """The regulator's migration rates since the start of the year."""
    rows = [
        (
            w(f"book.class_{row['five_class']}"),
            *(NOTHING if row[k] is None else w.short_money(100 * row[k]) for k in ("opening", "reduction", "migrated")),
            w.percent(row["rate"]),
        )
        for row in pack.tables["class_migration"].to_dicts()
    ]
    head = [w(f"book.{name}") for name in ("class", "opening", "reduction", "migrated", "rate")]
    return Figure("class_migration", head, rows, 1, csv="class_migration.csv", open=True)


def terms(pack: Pack, w: Wording) -> Figure:
    """The book by months left."""
    table = pack.tables["terms"].to_dicts()
    most = max(row["share"] for row in table)
    rows: list[Sequence[Cell | Shade]] = [
        (
            w("book.term_due")
            if row["term"] == "due"
            else w("book.term_none")
            if row["term"] == "none"
            else row["term"],
            share_bar(row["share"], most, "paid", w.percent(row["share"])),
            count(row["loans"]),
            w.short_money(100 * row["balance"]),
            w.percent(row["share"]),
            w.percent(row["late_share"]),
        )
        for row in table
    ]
    head = [w(f"book.{name}") for name in ("term", "share", "loans", "balance", "share", "late_30")]
    return Figure("terms", head, rows, 2, csv="terms.csv", open=True)


def segments(pack: Pack, w: Wording) -> Figure:
    """Default rates with intervals, by what loans have in common."""
    table = pack.tables["default_rates"].to_dicts()
    most = max(row["high"] for row in table)
    rows: list[Sequence[Cell | Shade]] = [
        (
            w(f"book.by_{row['by']}"),
            row["value"] or (w("book.whole") if row["by"] == "book" else w("book.unnamed")),
            interval(row["rate"], row["low"], row["high"], most, w.percent(row["rate"])),
            count(row["loans"]),
            count(row["defaults"]),
            w.percent(row["rate"]),
            f"{w.percent(row['low'])} – {w.percent(row['high'])}",
        )
        for row in table
    ]
    head = [w(f"book.{name}") for name in ("by", "segment", "interval", "loans", "defaults", "rate", "interval")]
    return Figure("default_rates", head, rows, 3, csv="default_rates.csv", loans="rows/defaults.csv", open=True)


def alerts(pack: Pack, w: Wording) -> Figure:
    """Whether alerts were right and in time."""
    rows = [
        (
            row["rule"],
            count(row["alerts"]),
            count(row["suppressed"]),
            count(row["mature"]),
            w.percent(row["precision"]),
            w.percent(row["recall"]),
            NOTHING if row["lead_days"] is None else count(int(row["lead_days"])),
        )
        for row in pack.tables["alerts"].to_dicts()
    ]
    names = ("rule", "alerts_fired", "suppressed", "mature", "precision", "recall", "lead_days")
    return Figure("alerts", [w(f"book.{name}") for name in names], rows, 1, csv="alerts.csv", open=True)


def collection(pack: Pack, w: Wording) -> Figure:
    """What actions add over the random holdout."""
    rows = [
        (
            row["action"],
            count(int(row["treated"])),
            count(int(row["holdout"])),
            _share(row["success_whole"], w),
            _share(row["success_half"], w),
            _share(row["treated_rate"], w),
            _share(row["holdout_rate"], w),
            _share(row["effect"], w),
            f"{_share(row['low'], w)} – {_share(row['high'], w)}",
        )
        for row in pack.tables["collection"].to_dicts()
    ]
    names = ("action", "treated", "holdout", "success_whole", "success_half", "treated_rate", "holdout_rate", "effect")
    head = [*(w(f"book.{name}") for name in names), w("book.interval")]
    return Figure("collection", head, rows, 1, csv="collection.csv", open=True)


def _share(value: float | None, w: Wording) -> str:
    return NOTHING if value is None or math.isnan(value) else w.percent(value)


def tasks(pack: Pack, w: Wording) -> Figure:
    """Tasks done on time."""
    rows = [
        (
            w(f"book.task_{row['kind']}"),
            *(count(row[k]) for k in ("due", "on_time", "late", "open")),
            w.percent(row["rate"]),
        )
        for row in pack.tables["tasks"].to_dicts()
    ]
    head = [w(f"book.{name}") for name in ("task", "due", "on_time", "done_late", "open", "rate")]
    return Figure("tasks", head, rows, 1, csv="tasks.csv", open=True)


def contacts(pack: Pack, w: Wording) -> Figure:
    """Contacts by month and channel, the latest first."""
    table = pack.tables["contacts"].sort("month", descending=True).head(24)
    rows = [
        (month(row["month"], w), row["channel"], count(row["contacts"]), count(row["reached"]), w.percent(row["rate"]))
        for row in table.filter(pl.col("contacts") > 0).to_dicts()
    ]
    head = [w(f"book.{name}") for name in ("month", "channel", "contacts_made", "reached", "rate")]
    return Figure("contacts", head, rows, 2, csv="contacts.csv")
