"""Figures over months and over months on book: arrears, net flow, vintages, first payments, cures, recoveries."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date

import polars as pl
from markupsafe import Markup

from monitoring.portfolio.figures import Pack
from monitoring.portfolio.first_payments import NAMES
from reports.book.figure import Figure, money_head, short_amount
from reports.charts.lines import SERIES, lines
from reports.formats import count
from reports.wording import Wording

_EPOCH = date(1970, 1, 1)
_MOBS = (1, 2, 3, 6, 9, 12, 18, 24, 30, 36)
_FLOWS = (("C", "M1"), ("M1", "M2"), ("M2", "M3"), ("M3", "M4"))
_WIDTHS = (920.0, 340.0)


def number(day: date) -> int:
    """Days since 1970-01-01."""
    return (day - _EPOCH).days


def month(day: date, w: Wording) -> str:
    """A month with its year."""
    return w.month(number(day))


def charts(
    series: Mapping[str, Sequence[float | None]], ticks: Sequence[str], label: str, percent: bool = True
) -> tuple[Markup, ...]:
    """The same lines for wide and for narrow screens."""
    return tuple(lines(series, ticks, label, width, percent) for width in _WIDTHS)


def _over(rows: pl.DataFrame, at: str, value: str, ticks: Sequence[object]) -> list[float | None]:
    found = dict(zip(rows[at].to_list(), rows[value].to_list(), strict=True))
    return [found.get(tick) for tick in ticks]


def arrears(pack: Pack, w: Wording) -> Figure:
    """Delinquency: lines of the balance basis, and all bases at the last month ends."""
    table = pack.tables["delinquency"]
    months = table["as_of"].unique().sort().to_list()
    balance = table.filter(pl.col("basis") == "balance")
    thresholds = balance["over"].unique().sort().to_list()
    series = {
        w("book.over", n=x): _over(balance.filter(pl.col("over") == x), "as_of", "rate", months) for x in thresholds
    }
    ticks = [month(m, w) for m in months]
    now, before = (table.filter(pl.col("as_of") == m) for m in (months[-1], months[max(len(months) - 2, 0)]))
    earlier = {(row["basis"], row["over"]): row["rate"] for row in before.to_dicts()}
    rows = [
        (
            w(f"book.basis_{row['basis']}"),
            w("book.over", n=row["over"]),
            _amount(row["numerator"], row["basis"], w),
            _amount(row["denominator"], row["basis"], w),
            w.percent(row["rate"]),
            w.percent(earlier.get((row["basis"], row["over"]))),
            w.percent(row["lagged_rate"]),
        )
        for row in now.sort("basis", "over").to_dicts()
    ]
    head = [w(f"book.{name}") for name in ("basis", "threshold", "late", "base", "rate", "month_before", "lagged")]
    drawn = charts(series, ticks, w("book.delinquency"))
    return Figure(
        "delinquency", head, rows, 2, drawn, tuple(series), "delinquency.csv", "rows/late_loans.csv", open=True
    )


def _amount(value: float, basis: str, w: Wording) -> str:
    """A number with what it counts."""
    if basis == "instalments":
        return w.plural("units.instalments", int(value))
    if basis == "accounts":
        return w("book.n_loans", n=count(int(value)))
    return short_amount(w, value)


def flow(pack: Pack, w: Wording) -> Figure:
    """Net flow between neighbouring buckets."""
    table = pack.tables["net_flow"]
    months = table["month"].unique().sort().to_list()
    series = {
        f"{one} → {other}": _over(table.filter(pl.col("from") == one), "month", "rate", months) for one, other in _FLOWS
    }
    rows = [(month(m, w), *(w.percent(values[i]) for values in series.values())) for i, m in enumerate(months)]
    ticks = [month(m, w) for m in months]
    drawn = charts(series, ticks, w("book.net_flow"))
    return Figure(
        "net_flow", [w("book.month"), *series], rows[::-1], 1, drawn, tuple(series), "net_flow.csv", "rows/book.csv"
    )


def vintage(pack: Pack, w: Wording, over: int) -> Figure:
    """Vintages: curves of the latest quarters that have some months, and the triangle by month."""
    table = pack.tables[f"vintages_{over}"]
    quarters = _quarters(table)
    spread = max(len(quarters) // SERIES, 1)
    names = list(quarters)[::-spread][:SERIES][::-1]
    mobs = list(range(max((max(quarters[name]) for name in names), default=0) + 1))
    series = {name: [quarters[name].get(mob) for mob in mobs] for name in names}
    cells = {(row["vintage"], row["mob"]): row["rate"] for row in table.to_dicts()}
    vintages = table.unique("vintage").sort("vintage").to_dicts()
    rows = [
        (
            month(row["vintage"], w),
            count(row["loans"]),
            w.short_money(row["disbursed"] * 100),
            *(w.percent(cells[row["vintage"], mob]) if (row["vintage"], mob) in cells else "" for mob in _MOBS),
        )
        for row in vintages
    ]
    head = [
        w("book.vintage"),
        w("book.loans"),
        money_head(w, "book.disbursed"),
        *(w("book.mob", n=mob) for mob in _MOBS),
    ]
    drawn = charts(series, [str(mob) for mob in mobs], w(f"book.vintages_{over}"))
    return Figure(
        f"vintages_{over}",
        head,
        rows[::-1],
        1,
        drawn,
        tuple(names),
        f"vintages_{over}.csv",
        f"rows/vintages_{over}.csv",
    )


def _quarters(table: pl.DataFrame) -> dict[str, dict[int, float]]:
    """Rates by quarter of disbursement and months on book; a point only where all three months have it."""
    quarter = pl.col("vintage").dt.truncate("1q")
    sums = (
        table.group_by(quarter.alias("quarter"), "mob")
        .agg(pl.len().alias("months"), pl.col("ever").sum(), pl.col("disbursed").sum())
        .filter(pl.col("months") == 3)
        .sort("quarter", "mob")
    )
    found: dict[str, dict[int, float]] = {}
    for row in sums.to_dicts():
        name = f"{row['quarter'].year} Q{(row['quarter'].month + 2) // 3}"
        found.setdefault(name, {})[row["mob"]] = row["ever"] / row["disbursed"]
    return {name: points for name, points in found.items() if len(points) > 1}


def firsts(pack: Pack, w: Wording, days: int) -> Figure:
    """First, second and third payment defaults by month of disbursement."""
    table = pack.tables[f"first_payments_{days}"]
    months = table["vintage"].unique().sort().to_list()
    series = {name: _over(table.filter(pl.col("figure") == name), "vintage", "rate", months) for name in NAMES}
    counts = {(row["vintage"], row["figure"]): row for row in table.to_dicts()}
    rows = [(month(m, w), *(_of(counts.get((m, name)), w) for name in NAMES)) for m in months]
    drawn = charts(series, [month(m, w) for m in months], w(f"book.first_payments_{days}"))
    csv, behind = f"first_payments_{days}.csv", f"rows/first_payments_{days}.csv"
    head = [w("book.vintage"), *NAMES]
    return Figure(f"first_payments_{days}", head, rows[::-1], 1, drawn, NAMES, csv, behind)


def _of(row: dict[str, int] | None, w: Wording) -> str:
    return (
        ""
        if row is None
        else w("book.of", n=count(row["failed"]), all=count(row["loans"]), share=w.percent(row["rate"]))
    )


def since(pack: Pack, w: Wording, name: str) -> Figure:
    """Cures or recoveries: curves of the latest quarters over months since."""
    table = pack.tables[name]
    quarters = table["entered"].unique().sort().to_list()
    months = table["months"].unique().sort().to_list()
    label = {q: f"{q.year} Q{(q.month + 2) // 3}" for q in quarters}
    series = {
        label[q]: _over(table.filter(pl.col("entered") == q), "months", "rate", months) for q in quarters[-SERIES:]
    }
    last = table.sort("months").group_by("entered", maintain_order=True).last().sort("entered", descending=True)
    rows = [
        (label[row["entered"]], count(row["loans"]), str(row["months"]), w.percent(row["rate"]))
        for row in last.to_dicts()
    ]
    head = [w("book.entered"), w("book.loans"), w("book.months_seen"), w("book.rate")]
    drawn = charts(series, [str(m) for m in months], w(f"book.{name}"))
    return Figure(name, head, rows, 1, drawn, tuple(series), f"{name}.csv", f"rows/{name}.csv")
