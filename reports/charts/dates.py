"""Months and years under a chart."""

from __future__ import annotations

from collections.abc import Sequence

from reports.charts.canvas import Canvas
from reports.formats import to_date
from reports.wording import Wording

_ROOMY = 28.0  # user units between two labels that do not touch


def date_label(canvas: Canvas, words: Wording, days: Sequence[int], k: int, x: float, y: float, step: float) -> None:
    """The month of `days[k]` at (x, y), and below it the year where a year begins.

    Where marks stand closer than their labels are wide, every second month is named, the newest always. The first
    mark names its year unless the next one does.
    """
    if step >= _ROOMY or (len(days) - 1 - k) % 2 == 0:
        canvas.text(x, y, words.short_month(days[k]), "mid axis")
    before, year, after = (to_date(days[min(max(j, 0), len(days) - 1)]).year for j in (k - 1, k, k + 1))
    if before != year or (k == 0 and (after == year or step >= _ROOMY + 8)):
        canvas.text(x, y + 14, str(year), "mid axis")
