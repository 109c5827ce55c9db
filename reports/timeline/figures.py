"""The figures of the page: a chart, the table behind it, the file with all numbers."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date

import polars as pl
from markupsafe import Markup

from monitoring.timeline.counts import BUCKETS
from monitoring.timeline.figures import Timeline
from reports.book.curves import month
from reports.book.figure import Figure
from reports.charts.lines import lines
from reports.formats import NOTHING, count
from reports.timeline.words import feature_name, plain
from reports.wording import Wording

_WIDTHS = (920.0, 340.0)
_SHOWN = 15


def figures(found: Timeline, w: Wording) -> list[Figure]:
    """All figures that there is data for."""
    drawn = (draw(found, w) for draw in _DRAWN if _table_of(draw, found) is not None)
    return [one for one in drawn if one.rows]


def _table_of(draw: Callable[[Timeline, Wording], Figure], found: Timeline) -> pl.DataFrame | None:
    return found.tables.get(draw.__name__)


def _charts(
    series: Mapping[str, Sequence[float | None]], months: Sequence[date], label: str, w: Wording, percent: bool = False
) -> tuple[Markup, ...]:
    ticks = [month(one, w) for one in months]
    clean = {name: [None if v is None or v != v else v for v in values] for name, values in series.items()}
    return tuple(lines(clean, ticks, label, width, percent) for width in _WIDTHS)


def _months(found: Timeline) -> list[date]:
    return found.tables["population"]["as_of"].unique().sort().to_list()


def _at(table: pl.DataFrame, column: str, months: Sequence[date]) -> list[float | None]:
    known = dict(zip(table["as_of"].to_list(), table[column].to_list(), strict=True))
    return [known.get(one) for one in months]


def _names(w: Wording, *keys: str) -> list[str]:
    return [w(f"timeline.{key}") for key in keys]


def score_psi(found: Timeline, w: Wording) -> Figure:
    """PSI of the score by bucket, with the limit that holds for so many borrowers."""
    table, months = found.tables["score_psi"], _months(found)
    parts = [(name, table.filter(pl.col("bucket") == name)) for name in BUCKETS]
    series = {w(f"timeline.bucket_{name}"): _at(part, "psi", months) for name, part in parts if len(part)}
    series[w("timeline.limit_all")] = _at(parts[0][1], "limit", months)
    rows = [
        (
            month(row["as_of"], w),
            w(f"timeline.bucket_{row['bucket']}"),
            count(row["borrowers"]),
            *(plain(row[name], 3) for name in ("psi", "critical", "limit")),
            w("timeline.moved") if row["trips"] else w("timeline.steady"),
        )
        for row in table.sort("as_of", "bucket", descending=[True, False]).to_dicts()
    ]
    head = _names(w, "month", "bucket", "borrowers", "psi", "critical", "limit", "says")
    charts = _charts(series, months, w("timeline.score_psi"), w)
    return Figure("score_psi", head, rows, 2, charts, tuple(series), "score_psi.csv")


def feature_csi(found: Timeline, w: Wording) -> Figure:
    """The features that moved most at the last month end, those that weigh most first."""
    table = found.tables["feature_csi"]
    now = table.filter((pl.col("as_of") == found.on) & (pl.col("bucket") == "all"))
    top = now.filter(pl.col("top").is_not_null()).sort("top")
    rest = now.filter(pl.col("top").is_null() & pl.col("trips")).sort("psi", descending=True).head(_SHOWN)
    split = {
        (row["bucket"], row["feature"]): row["psi"] for row in table.filter(pl.col("as_of") == found.on).to_dicts()
    }
    rows = [
        (
            feature_name(row["feature"], w.lang),
            NOTHING if row["top"] is None else str(row["top"]),
            plain(row["psi"], 3),
            plain(split.get(("current", row["feature"])), 3),
            plain(split.get(("late", row["feature"])), 3),
            plain(row["critical"], 3),
            w.percent(row["missing_then"]),
            w.percent(row["missing_now"]),
            w("timeline.moved") if row["trips"] else w("timeline.steady"),
        )
        for row in [*top.to_dicts(), *rest.to_dicts()]
    ]
    head = _names(w, "feature", "weight", "csi", "bucket_current", "bucket_late", "critical")
    head += _names(w, "missing_then", "missing_now", "says")
    months, moved = _months(found), top.sort("psi", descending=True)["feature"].to_list()[:4]
    whole = table.filter(pl.col("bucket") == "all")
    series = {feature_name(name, w.lang): _at(whole.filter(pl.col("feature") == name), "psi", months) for name in moved}
    charts = _charts(series, months, w("timeline.feature_csi"), w)
    return Figure("feature_csi", head, rows, 1, charts, tuple(series), "feature_csi.csv", open=True, wraps=True)


def freshness(found: Timeline, w: Wording) -> Figure:
    """How fresh and how complete the data was."""
    table, months = found.tables["freshness"], _months(found)
    series = {
        w("timeline.coverage"): _at(table, "coverage", months),
        w("timeline.mismatch"): _at(table, "mismatch", months),
    }
    rows = [
        (
            month(row["as_of"], w),
            w.percent(row["coverage"]),
            NOTHING if row["coverage_chg"] is None else f"{100 * row['coverage_chg']:+.1f}%",
            plain(row["cashflow_age"], 0),
            plain(row["bureau_age"], 0),
            w.percent(row["mismatch"]),
        )
        for row in table.sort("as_of", descending=True).to_dicts()
    ]
    head = _names(w, "month", "coverage", "coverage_chg", "cashflow_age", "bureau_age", "mismatch")
    charts = _charts(series, months, w("timeline.freshness"), w, percent=True)
    return Figure("freshness", head, rows, 1, charts, tuple(series), "freshness.csv")


def early_read(found: Timeline, w: Wording) -> Figure:
    """A month later already: did the score put those that got worse in front?"""
    table, months = found.tables["early_read"], _months(found)
    series = {w("timeline.early_auc"): _at(table, "auc", months)}
    rows = [
        (
            month(row["as_of"], w),
            count(row["loans"]),
            count(row["worse"]),
            w.percent(row["rate"]),
            plain(row["auc"], 3),
        )
        for row in table.sort("as_of", descending=True).to_dicts()
    ]
    head = _names(w, "month", "loans", "worse", "rate", "early_auc")
    charts = _charts(series, months, w("timeline.early_read"), w)
    return Figure("early_read", head, rows, 1, charts, tuple(series), "early_read.csv")


def early_tenths(found: Timeline, w: Wording) -> Figure:
    """The early read by tenth of PD."""
    rows = [
        (
            str(row["tenth"]),
            w.percent(row["mean_pd"]),
            count(row["loans"]),
            count(row["worse"]),
            w.percent(row["rate"]),
        )
        for row in found.tables["early_tenths"].to_dicts()
    ]
    head = _names(w, "tenth", "mean_pd", "loans", "worse", "rate")
    return Figure("early_tenths", head, rows, 1, csv="early_tenths.csv", open=True)


def truth(found: Timeline, w: Wording) -> Figure:
    """What came, for months that are mature."""
    table, months = found.tables["truth"], _months(found)
    series = {w("timeline.rate"): _at(table, "rate", months), w("timeline.mean_pd"): _at(table, "mean_pd", months)}
    known = set(table["as_of"].to_list())
    rows = [
        (
            month(row["as_of"], w),
            count(row["loans"]),
            count(row["events"]),
            w.percent(row["rate"]),
            w.percent(row["mean_pd"]),
            *(plain(row[name]) for name in ("oe", "slope")),
            plain(row["auc"], 3),
        )
        for row in table.sort("as_of", descending=True).to_dicts()
    ]
    waiting = [(month(one, w), w("timeline.immature"), *[""] * 6) for one in months[::-1] if one not in known]
    head = _names(w, "month", "loans", "events", "rate", "mean_pd", "oe", "slope", "auc")
    charts = _charts(series, months, w("timeline.truth"), w, percent=True) if known else ()
    return Figure("truth", head, [*waiting, *rows], 1, charts, tuple(series) if known else (), "truth.csv", open=True)


def grades(found: Timeline, w: Wording) -> Figure:
    """Backtest by grade."""
    rows = [
        (
            w("timeline.whole") if row["name"] == "book" else row["name"],
            *(count(row[name]) for name in ("obligors", "defaults")),
            *(w.percent(row[name]) for name in ("pd", "rate")),
            plain(row["oe"]),
            *(plain(row[name], 3) for name in ("jeffreys", "adjusted")),
            w("timeline.too_low") if row["adjusted"] < 0.05 else w("timeline.holds"),
        )
        for row in found.tables["grades"].to_dicts()
    ]
    head = _names(w, "grade", "obligors", "events", "mean_pd", "rate", "oe", "jeffreys", "adjusted", "says")
    return Figure("grades", head, rows, 1, csv="grades.csv", open=True)


def shadow(found: Timeline, w: Wording) -> Figure:
    """Champion and challenger on the same loans."""
    table, months = found.tables["shadow"], _months(found)
    champion, challenger = w("timeline.champion"), w("timeline.challenger")
    series = {champion: _at(table, "early_auc", months), challenger: _at(table, "challenger_early_auc", months)}
    rows = [
        (
            month(row["as_of"], w),
            *(w.percent(row[name]) for name in ("mean_pd", "challenger_mean_pd", "other_grade")),
            plain(row["same_order"], 3),
            *(
                plain(row[name], 3)
                for name in ("early_auc", "challenger_early_auc", "truth_auc", "challenger_truth_auc")
            ),
        )
        for row in table.sort("as_of", descending=True).to_dicts()
    ]
    head = [w("timeline.month"), f"{w('timeline.mean_pd')}: {champion}", f"{w('timeline.mean_pd')}: {challenger}"]
    head += [w("timeline.other_grade"), w("timeline.same_order")]
    head += [f"{w(f'timeline.{what}')}: {who}" for what in ("early_auc", "auc") for who in (champion, challenger)]
    charts = _charts(series, months, w("timeline.shadow"), w)
    return Figure("shadow", head, rows, 1, charts, tuple(series), "shadow.csv")


def swaps(found: Timeline, w: Wording) -> Figure:
    """Loans that the challenger grades otherwise, and what came of them."""
    rows = [
        (
            w(f"timeline.graded_{row['move']}"),
            count(row["loans"]),
            *(w.percent(row[name]) for name in ("mean_pd", "challenger_mean_pd")),
            *(_of(row[f"{name}_rate"], row[f"{name}_loans"], w) for name in ("early", "truth")),
        )
        for row in found.tables["swaps"].to_dicts()
    ]
    champion, challenger = w("timeline.champion"), w("timeline.challenger")
    head = [*_names(w, "graded", "observations"), f"{w('timeline.mean_pd')}: {champion}"]
    head += [f"{w('timeline.mean_pd')}: {challenger}", *_names(w, "got_worse", "defaulted")]
    return Figure("swaps", head, rows, 1, csv="swaps.csv", open=True)


def _of(rate: float | None, loans: int, w: Wording) -> str:
    return w("timeline.rate_of", rate=w.percent(rate), n=count(loans)) if loans else NOTHING


_DRAWN = (score_psi, feature_csi, freshness, early_read, early_tenths, truth, grades, shadow, swaps)
