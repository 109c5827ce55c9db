"""Money on the accounts before each due date, against what fell due."""

from __future__ import annotations

from collections.abc import Sequence

from markupsafe import Markup

from reports.charts.canvas import Canvas
from reports.charts.dates import date_label
from reports.wording import Wording

_LEFT, _TOP, _BOTTOM, _HEIGHT = 46.0, 26.0, 118.0, 152.0
_MOST = 5.0  # times the due; what lies above is cut and written


def liquidity(dues: Sequence[tuple[int, float]], words: Wording, width: float) -> Markup:
    """A bar a due date: (day, balance of the evening before in times the due); a line where it is just enough."""
    first, last = words.month(dues[0][0]), words.month(dues[-1][0])
    canvas = Canvas(width, _HEIGHT, words("cash.liquidity_label", first=first, last=last), f"chart w{width:.0f}")
    most = min(_MOST, max(2.0, *(cover for _, cover in dues)))
    unit, step = (_BOTTOM - _TOP) / most, (width - _LEFT - 8) / max(len(dues), 6)
    canvas.text(0, 12, words("cash.times"), "axis head")
    for mark in (0.0, 1.0, most):
        y = _BOTTOM - mark * unit
        canvas.line(_LEFT, y, width, y, "grid zero" if mark == 1.0 else "grid")
        canvas.text(_LEFT - 6, y + 4, f"{mark:.3g}", "end axis")
    days = [day for day, _ in dues]
    for k, (_, cover) in enumerate(dues):
        x, wide = _LEFT + (k + 0.5) * step, min(step * 0.5, 30)
        height = min(max(cover, 0.0), most) * unit
        canvas.rect(
            x - wide / 2, _BOTTOM - max(height, 1.5), wide, max(height, 1.5), "enough" if cover >= 1 else "short"
        )
        if cover > most:
            canvas.rect(x - wide / 2 - 1, _BOTTOM - height + 6, wide + 2, 2, "cut")
        if step >= 26:
            canvas.text(x, _BOTTOM - height - 4, f"{cover:.1f}", "mid axis dark")
        date_label(canvas, words, days, k, x, _BOTTOM + 15, step)
    return canvas.markup()
