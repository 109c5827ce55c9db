"""Figures of what the service decided: key risk indicators, classes, tiers, alerts, the queue."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from datetime import date

import polars as pl
from markupsafe import Markup

from features.units import COUNT
from monitoring.kris.limits import TRIPPED, UNKNOWN
from monitoring.portfolio.decided import NO_TIER, Decided
from monitoring.portfolio.figures import Pack
from monitoring.portfolio.rolls import CLASSES
from policy.vocabulary import FIGURES
from reports.book.curves import charts, month, number
from reports.book.figure import Cell, Figure, Shade, listed, money_head
from reports.formats import NOTHING, count
from reports.wording import Wording

_NIGHTS = ("overdue90_to_npl", "special_mention_rate", "npl_formation_rate", "worst_tiers_ead_chg")
_CHIPS = {"R": "is-T5", "O": "is-T4", "Y": "is-T3", "B": "is-T2"}
_EDGES = ("NEW", "GONE")


def rule_name(pack: Pack, rule: str, w: Wording) -> str:
    """A rule as people call it: its id and its name; the id alone where the policy no longer has it."""
    if not rule:
        return w("book.all_rules")
    try:
        return f"{rule} {pack.policy.rules[rule].name[w.lang]}" if pack.policy else rule
    except KeyError:
        return rule


def kris(pack: Pack, w: Wording) -> Figure:
    """Every limit of rules P01 to P05 that can be checked, those that are passed first; and what the others take."""
    table = pack.tables["kris"].to_dicts()
    known = sorted((row for row in table if row["state"] != UNKNOWN), key=lambda row: row["state"] != TRIPPED)
    rows: list[Sequence[Cell | Shade]] = [
        (
            _with_basis(watched(row, w), _basis(row["asks"].split()[1:], pack, w)),
            _written(row["value"], row, w),
            f"{row['sign']} {_written(row['limit'], row, w)}",
            _state(row, w),
            rule_name(pack, row["rule"], w),
        )
        for row in known
    ]
    head = [w(f"book.{key}") for key in ("indicator", "value", "limit", "state", "rule")]
    return Figure("kris", head, rows, 1, csv="kris.csv", open=True, tail=2, remarks=_unknown(table, w), wraps=True)


def _with_basis(name: str, basis: str) -> Markup | str:
    return Markup("{} <small>({})</small>").format(name, basis) if basis else name


def watched(row: Mapping[str, str], w: Wording) -> str:
    """What an indicator watches; the condition itself where it is no plain comparison."""
    return FIGURES[row["figure"]].label[w.lang] if row["figure"] else row["text"]


def _written(value: float | None, row: Mapping[str, str], w: Wording) -> str:
    if value is None:
        return NOTHING
    unit = FIGURES[row["figure"]].unit
    return count(round(value)) if unit == COUNT else unit.format(value, w.lang)


def _unknown(table: Sequence[Mapping[str, str]], w: Wording) -> tuple[str, ...]:
    """What cannot be checked, by what it takes."""
    groups: dict[str, list[str]] = {}
    for row in table:
        if row["state"] == UNKNOWN:
            groups.setdefault(needs(row["figure"] or row["asks"].split()[0]), []).append(watched(row, w))
    return tuple(w(f"book.unknown_{why}", names=listed(w, dict.fromkeys(names))) for why, names in groups.items())


def _basis(asks: Sequence[str], pack: Pack, w: Wording) -> str:
    """What a limit is made of, with its values; "" where it is a plain number."""
    known = [(FIGURES[name], pack.known.get(name, float("nan"))) for name in asks]
    mark = "：" if w.lang == "zh" else ": "
    told = [f"{one.label[w.lang]}{mark}{one.unit.format(value, w.lang)}" for one, value in known if value == value]
    return listed(w, told)


def _state(row: Mapping[str, str], w: Wording) -> Markup | str:
    if row["state"] != TRIPPED:
        return w("book.state_within")
    chip = Markup('<span class="chip {}">{}</span>')
    return chip.format(_CHIPS[row["severity"]], w(f"book.state_tripped_{row['severity']}"))


def needs(figure: str) -> str:
    """What has to be given for a figure to be known: nights, journal, monitor, columns, history."""
    if figure in _NIGHTS:
        return "nights"
    if figure == "largest_partner_share":
        return "columns"
    return {"model": "monitor", "process": "journal"}.get(FIGURES[figure].tables[0], "history")


def classes(pack: Pack, w: Wording) -> Figure:
    """Five classes by month end, NPL, and how far arrears run ahead of the classes."""
    table = pack.tables["class_shares"].sort("as_of")
    rows = [
        (
            w.day(number(row["as_of"])),
            *(w.percent(row[name]) for name in CLASSES),
            w.percent(row["npl_share"]),
            w.percent(row["over90_to_npl"]),
        )
        for row in table.sort("as_of", descending=True).to_dicts()
    ]
    months = _months(table["as_of"].to_list())
    shown = {w("book.npl"): "npl_share", w("book.class_special_mention"): "special_mention"}
    series = {name: _by_month(table, column, months) for name, column in shown.items()} if len(table) > 1 else {}
    drawn = charts(series, [month(day, w) for day in months], w("book.class_shares")) if series else ()
    head = [w("book.night_of"), *(w(f"book.class_{name}") for name in CLASSES), w("book.npl"), w("book.over90_to_npl")]
    return Figure(
        "class_shares", head, rows, 1, drawn, tuple(series), csv="class_shares.csv", loans="rows/classes.csv", open=True
    )


def _months(days: Sequence[date]) -> list[date]:
    """The first days of all months from the first to the last, so that months without a night stay gaps."""
    numbers = [12 * day.year + day.month - 1 for day in days]
    return [date(k // 12, k % 12 + 1, 1) for k in range(min(numbers), max(numbers) + 1)]


def _by_month(table: pl.DataFrame, column: str, months: Sequence[date]) -> list[float | None]:
    found = {day.replace(day=1): value for day, value in table.select("as_of", column).iter_rows()}
    return [found.get(one) for one in months]


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
    head = [
        w("book.class"),
        *(money_head(w, f"book.{key}") for key in ("opening", "reduction", "migrated")),
        w("book.rate"),
    ]
    note = between(pack.decided, "opening", w)
    return Figure(
        "class_migration", head, rows, 1, csv="class_migration.csv", loans="rows/classes.csv", open=True, note=note
    )


def between(decided: Decided | None, start: str, w: Wording) -> str:
    """From which night to which: "opening" or "before" to the last."""
    then, now = getattr(decided, start, None), decided.now if decided else None
    days: list[date] = [night.on for night in (then, now) if night is not None]
    return w("book.between", start=w.day(number(days[0])), end=w.day(number(days[1]))) if len(days) == 2 else ""


def tiers(pack: Pack, w: Wording) -> Figure:
    """Where loans of each tier were a month later, as shares of loans with their number."""
    table = pack.tables["tier_moves"]
    order = [name for name in _order(pack) if name in set(table["from"].to_list()) | set(table["to"].to_list())]
    cells = {(row["from"], row["to"]): row for row in table.to_dicts()}
    starts, ends = ([name for name in order if name != edge] for edge in ("GONE", "NEW"))
    rows: list[Sequence[Cell | Shade]] = [
        (_tier(start, w), count(_loans(table, start)), *(_moved(cells.get((start, end)), w) for end in ends))
        for start in starts
    ]
    head = [w("book.from_to"), w("book.loans"), *(_tier(end, w) for end in ends)]
    note = between(pack.decided, "before", w)
    return Figure("tier_moves", head, rows, 1, csv="tier_moves.csv", loans="rows/classes.csv", open=True, note=note)


def _order(pack: Pack) -> list[str]:
    policy = pack.policy
    scale = [*(tier.code for tier in policy.tiers), policy.state_d.code] if policy else []
    return [*scale, NO_TIER, *_EDGES]


def _loans(table: pl.DataFrame, start: str) -> int:
    return int(table.filter(pl.col("from") == start)["loans"].sum())


def _tier(code: str, w: Wording) -> str:
    return w.texts.get(f"book.tier_{code}", code)


def _moved(row: dict[str, float] | None, w: Wording) -> Shade:
    if row is None:
        return Shade("", 0)
    depth = min(9, math.ceil(9 * row["share"]))
    return Shade(f"{w.percent(row['share'])} ({count(int(row['loans']))})", depth)


def alerts(pack: Pack, w: Wording) -> Figure:
    """Whether alerts were right and in time, by rule; all rules together come last."""
    rows = [
        (
            rule_name(pack, row["rule"], w),
            *(count(row[key]) for key in ("alerts", "suppressed", "already", "mature", "hits")),
            w.percent(row["precision"]),
            w.percent(row["recall"]),
            NOTHING if row["lead_days"] is None else w.plural("units.days", int(row["lead_days"])),
        )
        for row in pack.tables["alerts"].to_dicts()
    ]
    names = ("rule", "alerts_fired", "suppressed", "already", "mature", "right", "precision", "recall", "lead_days")
    head = [w(f"book.{name}") for name in names]
    return Figure("alerts", head, rows, 1, csv="alerts.csv", loans="rows/alerts.csv", open=True, wraps=True)


def queue(pack: Pack, w: Wording) -> Figure:
    """The queue at the end of every week against what people can work on."""
    table = pack.tables["queue"]
    names = ("came", "closed", "waiting", "capacity", "over")
    rows = [
        (w.day(number(row["week"])), *(count(row[name]) for name in names))
        for row in table.sort("week", descending=True).to_dicts()
    ]
    series = {w(f"book.queue_{name}"): [float(n) for n in table[name]] for name in ("waiting", "capacity")}
    ticks = [w.day(number(day)) for day in table["week"]]
    drawn = charts(series, ticks, w("book.queue"), percent=False)
    head = [w("book.week"), *(w(f"book.queue_{name}") for name in names)]
    return Figure("queue", head, rows, 1, drawn, tuple(series), "queue.csv", "rows/alerts.csv")
