"""The verdict in words: what it is, why, and what to do."""

from __future__ import annotations

import math

from features.catalogue import CATALOGUE
from monitoring.timeline.figures import Timeline
from monitoring.timeline.verdict import MISSING, Finding
from reports.formats import NOTHING, Lang
from reports.wording import Wording, wording

_SHARES = ("missing_then", "missing_now", "coverage", "change")
MOST = 3


def plain(value: float | None, places: int = 2) -> str:
    """A figure that is no share; a dash where it is not known."""
    return NOTHING if value is None or math.isnan(value) else f"{value:.{places}f}"


def feature_name(name: str, lang: Lang) -> str:
    """What a feature is called in a language; its own name where it is not of this catalogue."""
    label = {one.name: one.label for one in CATALOGUE.everything}.get(name)
    return label[lang] if label else name


def why(one: Finding, w: Wording) -> str:
    """The reason of a finding."""
    return w(f"timeline.why_{one.code}", **_values(one, w))


def what_to_do(one: Finding, w: Wording) -> str:
    """What follows from a finding."""
    return w(f"timeline.do_{one.code}", **_values(one, w))


def sentence(found: Timeline, lang: Lang, currency: str, timezone: str) -> str:
    """The verdict as one plain sentence, with the reasons that weigh most and what to do first."""
    w = wording(lang, currency, timezone)
    if not found.verdict.findings:
        return headline(found, w)
    reasons = w.gap.join(why(one, w) for one in found.verdict.findings[:MOST])
    return w.gap.join((headline(found, w), reasons, what_to_do(found.verdict.findings[0], w)))


def headline(found: Timeline, w: Wording) -> str:
    """The verdict itself."""
    day = (found.on - type(found.on)(1970, 1, 1)).days
    return w(f"timeline.verdict_{found.verdict.level}", month=w.month(day))


def _values(one: Finding, w: Wording) -> dict[str, str]:
    told = {}
    for name, value in one.values.items():
        if name == "feature":
            told[name] = feature_name(str(value), w.lang)
        elif name == "bucket":
            told[name] = w(f"timeline.bucket_{value}")
        elif name == "n":
            told[name] = f"{value:.0f}"
        elif name in _SHARES:
            told[name] = w.percent(float(value) if name != "change" else abs(float(value)))
        else:
            told[name] = value if isinstance(value, str) else plain(value, 3 if name == "p" else 2)
    return told | {"points": f"{100 * MISSING:.0f}"}
