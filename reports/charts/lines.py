"""Lines over months or over months on book, and shares with their intervals."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

from markupsafe import Markup

from reports.charts.canvas import Canvas, nice_ceiling

_LEFT, _TOP, _BOTTOM = 48.0, 14.0, 168.0
SERIES = 6
"""Line styles there are; later lines start over."""


def lines(
    series: Mapping[str, Sequence[float | None]],
    ticks: Sequence[str],
    label: str,
    width: float = 920.0,
    percent: bool = True,
) -> Markup:
    """Lines of shares (or plain numbers) over common ticks, None = a gap; the names stand in the key beside the chart.

    `label` is what a screen reader says; the figures are in the table behind the chart.
    """
    canvas = Canvas(width, _BOTTOM + 26, label, f"chart w{width:.0f}")
    known = [value for values in series.values() for value in values if value is not None]
    top = max(known, default=0.0)
    most = 1.0 if percent and 0.98 < top <= 1 else nice_ceiling(top * 1.02)
    step = (width - _LEFT - 24) / max(len(ticks) - 1, 1)
    _grid(canvas, most, width, percent)
    _ticks(canvas, ticks, step, width)
    for k, values in enumerate(series.values()):
        spots = [
            None if value is None else (_LEFT + 10 + i * step, _BOTTOM - value / most * (_BOTTOM - _TOP))
            for i, value in enumerate(values)
        ]
        _draw(canvas, spots, f"series-{k % SERIES}")
    return canvas.markup()


def _draw(canvas: Canvas, spots: Sequence[tuple[float, float] | None], style: str) -> None:
    run: list[tuple[float, float]] = []
    for spot in [*spots, None]:
        if spot is not None:
            run.append(spot)
            continue
        if len(run) > 1:
            canvas.path(run, f"line {style}")
        if run:
            canvas.dot(*run[-1], 3, f"end-dot {style}")
        run = []


def _grid(canvas: Canvas, most: float, width: float, percent: bool) -> None:
    for part in (0.0, 0.5, 1.0):
        y = _BOTTOM - part * (_BOTTOM - _TOP)
        canvas.line(_LEFT, y, width, y, "grid zero" if part == 0 else "grid")
        canvas.text(_LEFT - 6, y + 4, f"{_plain(100 * part * most)}%" if percent else _plain(part * most), "end axis")


def _plain(value: float) -> str:
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.3g}"


def _ticks(canvas: Canvas, ticks: Sequence[str], step: float, width: float) -> None:
    longest = max((len(text) for text in ticks), default=1)
    every = max(1, math.ceil((7 * longest + 16) / step))
    for i, text in enumerate(ticks):
        if i % every == 0:
            at = _LEFT + 10 + i * step
            clipped = at + 3.5 * len(text) > width
            canvas.text(width if clipped else at, _BOTTOM + 18, text, "end axis" if clipped else "mid axis")


def interval(rate: float, low: float, high: float, most: float, label: str) -> Markup:
    """A share as a dot on its interval; `most` is the right end of the scale."""
    canvas = Canvas(200, 14, label, "bar")
    x = [4 + 192 * min(value / most, 1.0) if most > 0 else 4.0 for value in (low, rate, high)]
    canvas.rect(4, 6, 192, 2, "rail")
    canvas.rect(x[0], 5, max(x[2] - x[0], 1), 4, "range")
    canvas.dot(x[1], 7, 4, "spot")
    return canvas.markup()
