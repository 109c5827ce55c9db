"""Charts of a validation: calibration, months with their bounds, the queue, bars of families."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

from markupsafe import Markup

from reports.charts.canvas import Canvas, nice_ceiling
from reports.charts.dates import date_label
from reports.model.figures import day_number
from reports.wording import Wording

Point = Mapping[str, Any]
_LEFT = 52.0


def calibration_chart(points: Sequence[Point], words: Wording, width: float = 440) -> Markup:
    """Event rate (dot, with bounds) against mean PD in bins of equal size; on the line the PDs are right.

    Both axes are square roots, so that small probabilities are not all in one corner.
    """
    canvas = Canvas(width, 330, words("model.calibration_label"), "chart")
    top = nice_ceiling(max([one["pd"] for one in points] + [min(one["high"] or 0, 1) for one in points]))
    right, bottom, high = width - 12, 286.0, 28.0

    def x(share: float) -> float:
        return _LEFT + math.sqrt(share / top) * (right - _LEFT)

    def y(share: float) -> float:
        return bottom - math.sqrt(min(share, top) / top) * (bottom - high)

    for mark in _marks(top):
        canvas.line(_LEFT, y(mark), right, y(mark), "grid" + (" zero" if mark == 0 else ""))
        canvas.text(_LEFT - 6, y(mark) + 4, f"{100 * mark:g}%", "end axis")
        canvas.text(x(mark), bottom + 16, f"{100 * mark:g}%", "mid axis" if mark < top else "end axis")
    canvas.line(x(0), y(0), x(top), y(top), "running")
    for one in points:
        if one["low"] is not None:
            canvas.line(x(one["pd"]), y(one["low"]), x(one["pd"]), y(one["high"]), "whisker")
        canvas.dot(x(one["pd"]), y(one["rate"]), 4, "late-0")
    canvas.text((_LEFT + right) / 2, bottom + 36, words("model.mean_pd"), "mid axis")
    canvas.text(0, 11, words("model.came"), "axis head")
    return canvas.markup()


def _marks(top: float) -> list[float]:
    """Shares to mark on a square-root axis up to `top`, far enough apart to be read."""
    marks = [0.0]
    for mark in (0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.3, 0.5, 0.75, 1.0):
        if mark <= top and math.sqrt(mark / top) - math.sqrt(marks[-1] / top) > 0.1:
            marks.append(mark)
    return marks


def months_chart(
    months: Mapping[str, Mapping[str, Any]], figure: str, words: Wording, right_at: float | None, width: float = 440
) -> Markup:
    """A figure of each month with its bounds; `right_at` draws the value that it ought to have."""
    known = [(day, one[figure]) for day, one in months.items() if one[figure]["value"] is not None]
    canvas = Canvas(width, 220, words(f"model.{figure}_by_month"), "chart")
    if not known:
        return canvas.markup()
    lows, highs = (
        [one[edge] if one[edge] is not None else one["value"] for _, one in known] for edge in ("low", "high")
    )
    least, most = min([*lows, right_at or lows[0]]), max([*highs, right_at or highs[0]])
    least, most, bottom, top = math.floor(least * 20 - 0.2) / 20, math.ceil(most * 20 + 0.2) / 20, 176.0, 14.0

    def y(value: float) -> float:
        return bottom - (value - least) / (most - least) * (bottom - top)

    for part in (0, 0.5, 1):
        value = least + part * (most - least)
        canvas.line(_LEFT, y(value), width - 8, y(value), "grid")
        canvas.text(_LEFT - 6, y(value) + 4, f"{value:.2f}", "end axis")
    if right_at is not None:
        canvas.line(_LEFT, y(right_at), width - 8, y(right_at), "running")
    step = (width - 8 - _LEFT) / len(known)
    days = [day_number(day) for day, _ in known]
    for k, (_, one) in enumerate(known):
        at = _LEFT + (k + 0.5) * step
        canvas.line(at, y(lows[k]), at, y(highs[k]), "whisker")
        canvas.dot(at, y(one["value"]), 4, "late-0")
        canvas.text(at + 8, y(one["value"]) + 4, f"{one['value']:.2f}", "start axis dark")
        date_label(canvas, words, days, k, at, bottom + 16, step)
    return canvas.markup()


def queue_chart(queues: Mapping[str, Sequence[Point]], words: Wording, width: float = 440) -> Markup:
    """Share of defaults caught by capacity: a line for the model, thinner ones for its rivals."""
    canvas = Canvas(width, 260, words("model.queue_label"), "chart")
    bottom, top, right = 206.0, 22.0, width - 84
    shares = [float(one["capacity"]) for one in next(iter(queues.values()))]
    most = max(shares)
    canvas.text(0, 11, words("model.caught"), "axis head")
    for part in (0, 0.25, 0.5, 0.75, 1):
        at = bottom - part * (bottom - top)
        canvas.line(_LEFT, at, right, at, "grid" + (" zero" if part == 0 else ""))
        canvas.text(_LEFT - 6, at + 4, f"{100 * part:g}%", "end axis")
    ends: list[float] = []
    for number, (name, points) in enumerate(queues.items()):
        path = [(_LEFT, bottom)]
        path += [
            (_LEFT + c / most * (right - _LEFT), bottom - (p["capture"] or 0) * (bottom - top))
            for c, p in zip(shares, points, strict=True)
        ]
        canvas.path(path, f"line-{min(number, 3)}")
        at = path[-1][1] + 4
        while any(abs(at - other) < 13 for other in ends):
            at += 13
        ends.append(at)
        canvas.text(right + 6, at, words.name("model", f"who_{name}"), "start axis dark")
    for share in shares:
        if share >= 0.05 or share == shares[0]:
            canvas.text(_LEFT + share / most * (right - _LEFT), bottom + 16, f"{100 * share:g}%", "mid axis")
    canvas.text((_LEFT + right) / 2, bottom + 36, words("model.capacity"), "mid axis")
    return canvas.markup()


def interval_bar(figure: Mapping[str, float | None], low: float, high: float, right_at: float | None) -> Markup:
    """A figure with its bounds on a rail from `low` to `high`."""
    canvas = Canvas(160, 14, "", "bar")

    def x(value: float) -> float:
        return 4 + 152 * (min(max(value, low), high) - low) / (high - low)

    canvas.rect(4, 6, 152, 2, "rail")
    if right_at is not None:
        canvas.rect(x(right_at) - 0.5, 0, 1, 14, "zero")
    if figure["value"] is not None:
        if figure["low"] is not None and figure["high"] is not None:
            canvas.line(x(figure["low"]), 7, x(figure["high"]), 7, "whisker")
        canvas.dot(x(figure["value"]), 7, 4, "late-0")
    return canvas.markup()
