"""Figures that are tables: rolls, terms, segments, collection, tasks, contacts."""

from __future__ import annotations

import math
from collections.abc import Sequence

import polars as pl

from monitoring.portfolio.figures import Pack
from monitoring.portfolio.rolls import BUCKETS, WHERE, matrix
from reports.book.curves import month
from reports.book.figure import Cell, Figure, Shade, money_head
from reports.charts.bars import share_bar
from reports.charts.lines import interval
from reports.formats import NOTHING, count
from reports.wording import Wording

SHOWN = 12
"""Values of a product, channel or region on the page, those with most loans; all are in the file."""


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
    head = [w("book.term"), w("book.share"), w("book.loans"), money_head(w, "book.balance")]
    head += [w("book.share"), w("book.late_30")]
    return Figure("terms", head, rows, 2, csv="terms.csv", loans="rows/book.csv", open=True)


def segments(pack: Pack, w: Wording, name: str, hits: str, loans: str) -> Figure:
    """A rate with its interval, by what loans have in common; `hits` is the column counted, `loans` the rows behind."""
    whole = pack.tables[name]
    rank = pl.col("loans").rank("ordinal", descending=True).over("by")
    table = whole.filter(rank <= SHOWN).to_dicts()
    most = max(row["high"] for row in table)
    rows: list[Sequence[Cell | Shade]] = [
        (
            w(f"book.by_{row['by']}"),
            row["value"] or (w("book.whole") if row["by"] == "book" else w("book.unnamed")),
            interval(row["rate"], row["low"], row["high"], most, w.percent(row["rate"])),
            count(row["loans"]),
            count(row[hits]),
            w.percent(row["rate"]),
            f"{w.percent(row['low'])} – {w.percent(row['high'])}",
        )
        for row in table
    ]
    head = [w(f"book.{key}") for key in ("by", "segment", "interval", "loans", f"n_{hits}", "rate", "interval")]
    rest = _rest(len(whole) - len(table), w)
    return Figure(name, head, rows, 3, csv=f"{name}.csv", loans=loans, open=True, remarks=rest)


def _rest(more: int, w: Wording) -> tuple[str, ...]:
    return (w("book.more_segments", n=count(more), shown=SHOWN),) if more else ()


def collection(pack: Pack, w: Wording) -> Figure:
    """What actions add over the random holdout, and what they bring for what they cost."""
    shares = ("success_whole", "success_half", "treated_rate", "holdout_rate", "effect")
    rows = [
        (
            action_name(pack, row["action"], w),
            count(int(row["treated"])),
            count(int(row["holdout"])),
            *(_share(row[key], w) for key in shares),
            NOTHING if math.isnan(row["low"]) else f"{w.percent(row['low'])} – {w.percent(row['high'])}",
            *(_money(row[key], w) for key in ("collected", "cost", "cost_per_cure")),
            NOTHING if math.isnan(row["collected_per_cost"]) else w("book.times", n=f"{row['collected_per_cost']:.1f}"),
        )
        for row in pack.tables["collection"].to_dicts()
    ]
    head = [w(f"book.{key}") for key in ("action", "treated", "holdout", *shares, "interval")]
    head += [*(money_head(w, f"book.{key}") for key in ("collected", "cost", "cost_per_cure")), w("book.per_cost")]
    return Figure("collection", head, rows, 1, csv="collection.csv", loans="rows/cases.csv", open=True)


def action_name(pack: Pack, code: str, w: Wording) -> str:
    """An action as people call it; the lender's own word where policy has none."""
    known = pack.policy.treatments.actions if pack.policy else {}
    return known[code].text[w.lang] if code in known else code


def _money(value: float | None, w: Wording) -> str:
    return NOTHING if value is None or math.isnan(value) or value == 0 else w.short_money(100 * value)


def _share(value: float | None, w: Wording) -> str:
    return NOTHING if value is None or math.isnan(value) else w.percent(value)


def tasks(pack: Pack, w: Wording) -> Figure:
    """Tasks done on time."""
    rows = [
        (
            w.texts.get(f"book.task_{row['kind']}", row["kind"]),
            *(count(row[k]) for k in ("due", "on_time", "late", "open")),
            w.percent(row["rate"]),
        )
        for row in pack.tables["tasks"].to_dicts()
    ]
    head = [w(f"book.{name}") for name in ("task", "due", "on_time", "done_late", "open", "rate")]
    return Figure("tasks", head, rows, 1, csv="tasks.csv", loans="rows/tasks.csv", open=True)


def contacts(pack: Pack, w: Wording) -> Figure:
    """Contacts by month and channel, the latest first."""
    table = pack.tables["contacts"].sort("month", descending=True).head(24)
    rows = [
        (month(row["month"], w), row["channel"], count(row["contacts"]), count(row["reached"]), w.percent(row["rate"]))
        for row in table.filter(pl.col("contacts") > 0).to_dicts()
    ]
    head = [w(f"book.{name}") for name in ("month", "channel", "contacts_made", "reached", "rate")]
    return Figure("contacts", head, rows, 2, csv="contacts.csv", loans="rows/contacts.csv", open=True)
