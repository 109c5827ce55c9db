"""Probability on the scale of the tiers: where a loan stands, and how it came there."""

from __future__ import annotations

import math
from collections.abc import Sequence

from markupsafe import Markup

from reports.charts.canvas import Canvas
from reports.charts.dates import date_label
from reports.loan.view import PastScore
from reports.wording import Wording

TIERS = ("T1", "T2", "T3", "T4", "T5")
_FLOOR = 0.0005


def tier_scale(pd: float, cuts: Sequence[float], words: Wording, width: float) -> Markup:
    """Five equal segments with their limits, and a marker at `pd` (log scale within a segment)."""
    canvas = Canvas(width, 74, words("scale.label", pd=words.percent(pd)), f"chart w{width:.0f}")
    step = (width - 16) / 5
    for i, code in enumerate(TIERS):
        canvas.rect(8 + i * step + 1, 30, step - 2, 18, f"tier-{code}", 3)
        canvas.text(8 + (i + 0.5) * step, 43, code, f"mid on-{code}")
    for i, cut in enumerate(cuts):
        canvas.text(8 + (i + 1) * step, 64, _cut(cut), "mid axis")
    at = min(max(8 + step * scale_position(pd, cuts), 14), width - 14)
    canvas.path([(at - 6, 18), (at + 6, 18), (at, 28)], "marker", closed=True)
    side = "start" if at < 60 else "end" if at > width - 60 else "mid"
    canvas.text(at - (6 if side == "start" else -6 if side == "end" else 0), 13, words.percent(pd), f"{side} strong")
    return canvas.markup()


def scale_position(pd: float, cuts: Sequence[float]) -> float:
    """Where `pd` lies on five equal segments, 0 to 5, logarithmic inside each."""
    edges = [min(_FLOOR, cuts[0] / 2), *cuts, 1.0]
    inside = min(max(pd, edges[0]), 1.0)
    i = min(sum(inside >= edge for edge in cuts), 4)
    return i + math.log(inside / edges[i]) / math.log(edges[i + 1] / edges[i])


def pd_path(points: Sequence[PastScore], cuts: Sequence[float], words: Wording, width: float) -> Markup:
    """The probability at each date over bands of the tiers; dates without a score leave a gap."""
    label = words("path.label", first=words.month(points[0].as_of), last=words.month(points[-1].as_of))
    canvas = Canvas(width, 190, label, f"chart w{width:.0f}")
    left, right, top, bottom = 44.0, width - 14, 14.0, 160.0
    band = (bottom - top) / 5
    for i, code in enumerate(TIERS):
        y = bottom - (i + 1) * band
        canvas.rect(left, y, right - left, band - 1, f"band-{code}")
        canvas.text(left - 8, y + band / 2 + 4, code, "end axis")
    step = (right - left - 40) / max(len(points) - 1, 1)
    spots = [_spot(p, left + 20 + i * step, bottom, band, cuts) for i, p in enumerate(points)]
    for run in _runs(spots):
        canvas.path(run, "trend")
    days = [point.as_of for point in points]
    for i, (point, spot) in enumerate(zip(points, spots, strict=True)):
        if spot is not None and point.pd is not None:
            before = spots[i - 1] if i else None
            canvas.dot(*spot, 4.5 if i == len(points) - 1 else 3, "spot")
            if i == len(points) - 1:
                _name(canvas, words.percent(point.pd), spot, before, (top, bottom))
        date_label(canvas, words, days, i, left + 20 + i * step, bottom + 15, step)
    return canvas.markup()


def _name(
    canvas: Canvas,
    percent: str,
    spot: tuple[float, float],
    before: tuple[float, float] | None,
    room: tuple[float, float],
) -> None:
    """The last probability, beside its point on the side that the line does not come from."""
    (x, y), (top, bottom) = spot, room
    from_above = before is not None and before[1] < y - 3
    above = y > top + 8 and (not from_above or y + 21 > bottom)
    canvas.text(x + 14, y - 9 if above else y + 19, percent, "end strong")


def _spot(point: PastScore, x: float, bottom: float, band: float, cuts: Sequence[float]) -> tuple[float, float] | None:
    return None if point.pd is None else (x, bottom - band * scale_position(point.pd, cuts))


def _runs(spots: Sequence[tuple[float, float] | None]) -> list[list[tuple[float, float]]]:
    runs: list[list[tuple[float, float]]] = [[]]
    for spot in spots:
        if spot is None:
            runs.append([])
        else:
            runs[-1].append(spot)
    return [run for run in runs if len(run) > 1]


def _cut(cut: float) -> str:
    return f"{100 * cut:.3g}%"
