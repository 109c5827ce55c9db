"""Figures with their bounds as people write them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from reports.formats import NOTHING, Lang, month, percent

COUNTS = ("monotone_violations", "changed_by_future")
_EPOCH = date(1970, 1, 1)


def number(value: float | None, digits: int = 3) -> str:
    """A plain figure; a dash where there is none."""
    return NOTHING if value is None else f"{value:.{digits}f}"


def p_value(value: float | None) -> str:
    """A probability of chance: `0.034`; below a thousandth `< 0.001`, for none is nought."""
    return "< 0.001" if value is not None and value < 0.0005 else number(value)


def bounded(figure: Mapping[str, float | None] | None, digits: int = 3, share: bool = False) -> str:
    """`0.812 (0.790 … 0.834)`; a dash where there is no figure."""
    value, bounds = parted(figure, digits, share)
    return f"{value} ({bounds})" if bounds else value


def parted(figure: Mapping[str, float | None] | None, digits: int = 3, share: bool = False) -> tuple[str, str]:
    """A figure and its bounds apart; no bounds where there are none."""
    if not figure or figure["value"] is None:
        return NOTHING, ""

    def told(one: float | None) -> str:
        return percent(one) if share else number(one, digits)

    if figure["low"] is None or figure["low"] == figure["high"]:
        return told(figure["value"]), ""
    return told(figure["value"]), f"{told(figure['low'])} … {told(figure['high'])}"


def within_chance(verdict: Mapping[str, Any]) -> bool:
    """Whether a gate is passed by its interval alone: what was found lies outside the band."""
    low, high = verdict["low"], verdict["high"]
    values = [one["value"] for one in verdict["found"] if one["value"] is not None]
    return verdict["status"] == "pass" and any(
        (low is not None and value < low) or (high is not None and value > high) for value in values
    )


def band(verdict: Mapping[str, Any], least: str, most: str) -> str:
    """What a gate allows; `least` and `most` are the words for an edge that stands alone."""
    low, high = verdict["low"], verdict["high"]
    if low is None:
        return f"{most} {high:.3g}"
    return f"{least} {low:.3g}" if high is None else f"{low:.3g} … {high:.3g}"


def told(verdict: Mapping[str, Any]) -> tuple[tuple[str, str], ...]:
    """What a gate found: part and figure; of many parts those that failed, else the one nearest to the edge."""
    known = [one for one in verdict["found"] if one["value"] is not None]
    if len(known) > 1:
        named = [one for one in known if verdict["status"] == "fail" and one["part"] in verdict["reason"].split(", ")]
        closest = (min if verdict["high"] is None else max)(known, key=lambda one: one["value"])
        known = named or [closest]
    return tuple((one["part"], _found(verdict, one)) for one in known)


def _found(verdict: Mapping[str, Any], one: Mapping[str, Any]) -> str:
    """What a gate found in one part: counts whole, probabilities of chance never as nought."""
    if verdict["measure"] in COUNTS:
        return f"{one['value']:,.0f}"
    return p_value(one["value"]) if verdict["measure"] == "jeffreys" else bounded(one, 3)


def month_of(day: str, lang: Lang) -> str:
    """The month of an ISO day."""
    return month((date.fromisoformat(day) - _EPOCH).days, lang)


def day_number(day: str) -> int:
    """Days since 1970-01-01 of an ISO day."""
    return (date.fromisoformat(day) - _EPOCH).days
