"""The validation report as one self-contained page in English and Chinese."""

from __future__ import annotations

import base64
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from markupsafe import Markup

from reports.charts.bars import share_bar
from reports.charts.model import calibration_chart, interval_bar, months_chart, queue_chart
from reports.formats import LANGS, Lang, count, percent
from reports.model import figures
from reports.model.limits import limits
from reports.model.view import ModelView
from reports.model.words import model_wording
from reports.pages import environment, page
from reports.wording import Wording

NO_GROUPS = "the book has no table attributes"


def model_page(view: ModelView, langs: Sequence[Lang] = LANGS) -> str:
    """The page; of two languages the first is shown, a switch shows the other."""
    bodies = []
    for lang in langs:
        words = model_wording(lang)
        template = environment().get_template("model.html.j2")
        bodies.append((words, template.render(**_names(view, words))))
    return page(f"Loanwatch {view.bundle['target']} {str(view.bundle['id'])[:12]}", bodies)


def _names(view: ModelView, words: Wording) -> dict[str, Any]:
    """What the template may use."""
    lang, found = words.lang, view.validation
    return {
        "view": view,
        "w": words,
        "v": found,
        "count": lambda value: count(int(value)),
        "share": percent,
        "number": figures.number,
        "p_value": figures.p_value,
        "bounded": figures.bounded,
        "parted": figures.parted,
        "within_chance": figures.within_chance,
        "whole_percent": lambda value: f"{100 * value:g}%",
        "told": figures.told,
        "band": lambda one: figures.band(one, words("model.least"), words("model.most")),
        "month": lambda day: figures.month_of(day, lang),
        "label": lambda name: view.labels.get(name, {}).get(lang, name),
        "code": _coded(words),
        "named": lambda name: _named(view, name, lang),
        "why_not": lambda gate: why_not(gate, bool(found["champion"]), words),
        "coverage": found.get("coverage", {}),
        "table": lambda name: _table(name, words),
        "limits": limits(view, words),
        "auc_bar": lambda one: interval_bar(one, 0.5, 1.0, found["overall"]["auc"]["value"]),
        "oe_bar": lambda one: interval_bar(one, 0.0, 2.0, 1.0),
        "gain_bar": lambda one: share_bar(
            one["gain"], found["families"][0]["gain"], "protective", percent(one["gain"])
        ),
        "charts": _charts(found, words),
        "pictures": [(one, _embedded(one.svg[lang])) for one in view.pictures],
    }


def _table(name: str, words: Wording) -> str:
    """What a table of the book is called; its own name where it has no other."""
    return next((words(key) for key in (f"tables.{name}", f"model.table_{name}") if words.has(key)), name)


def _embedded(svg: bytes) -> Markup:
    return Markup("data:image/svg+xml;base64," + base64.b64encode(svg).decode("ascii"))


def _named(view: ModelView, name: str, lang: Lang) -> str:
    """A feature's name with its unit."""
    label, unit = view.labels.get(name, {}).get(lang, name), view.units.get(name, {}).get(lang, "")
    if not unit or unit in label:
        return label
    return f"{label} ({unit})" if lang == "en" else f"{label}（{unit}）"


def why_not(gate: Mapping[str, Any], champion: bool, words: Wording) -> str:
    """Why a gate does not apply; the data's own sentence where the page has none."""
    measure, reason = str(gate["measure"]), str(gate["reason"])
    if measure == "auc_over_champion":
        return words("model.na_champion" if champion else "model.na_no_champion")
    if measure.startswith("group_") or measure == "attribute_auc":
        return words("model.na_no_groups" if reason == NO_GROUPS else "model.na_small_groups")
    return reason


def _coded(words: Wording) -> Callable[[str, str], str]:
    """The words of a code of the data, or the code itself."""

    def code(group: str, name: str) -> str:
        return (
            words.name("model", f"{group}_{name}".replace("+", ""))
            if words.has(f"model.{group}_{name}".replace("+", ""))
            else name
        )

    return code


def _charts(found: Mapping[str, Any], words: Wording) -> dict[str, Markup]:
    months = found["segments"]["month"]
    return {
        "calibration_all": calibration_chart(found["calibration"]["all"], words),
        "calibration_current": calibration_chart(found["calibration"]["current"], words),
        "auc": months_chart(months, "auc", words, None),
        "oe": months_chart(months, "oe", words, 1.0),
        "queue": queue_chart(found["queue"], words),
    }
