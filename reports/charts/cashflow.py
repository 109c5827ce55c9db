"""Account money in and out by month, with the loan's due dates."""

from __future__ import annotations

from collections.abc import Sequence
from statistics import median

from markupsafe import Markup

from reports.charts.canvas import Canvas, nice_ceiling
from reports.charts.dates import date_label
from reports.formats import to_date
from reports.loan.view import CashMonth
from reports.wording import Wording

_LEFT, _TOP, _BOTTOM, _HEIGHT = 46.0, 34.0, 188.0, 248.0
_DWARFS = 3  # times the median month: a larger flow is cut off, or the other months could not be read


def cashflow(months: Sequence[CashMonth], words: Wording, width: float) -> Markup:
    """Bars up for money in, down for money out; a dash marks income, triangles due dates inside their month."""
    first, last = words.month(months[0].month_end), words.month(months[-1].month_end)
    canvas = Canvas(width, _HEIGHT, words("cash.label", first=first, last=last), f"chart w{width:.0f}")
    step = (width - _LEFT - 8) / len(months)
    most = _top(months)
    middle, unit = (_TOP + _BOTTOM) / 2, (_BOTTOM - _TOP) / 2 / most
    canvas.text(0, 12, words("cash.amounts", currency=words.currency_name), "axis head")
    for part in (-1.0, -0.5, 0.0, 0.5, 1.0):
        y = middle - part * most * unit
        canvas.line(_LEFT, y, width, y, "grid" if part else "grid zero")
        canvas.text(_LEFT - 6, y + 4, words.short_money(abs(part) * most), "end axis")
    ends = [month.month_end for month in months]
    for k, month in enumerate(months):
        x, wide = _LEFT + (k + 0.5) * step, min(step * 0.6, 34)
        _flow(canvas, words, (x, wide), (middle, -unit), (month.inflow, most), "inflow")
        _flow(canvas, words, (x, wide), (middle, unit), (month.outflow, most), "outflow")
        if month.income:
            y = middle - min(month.income, most) * unit
            canvas.rect(x - wide / 2 - 2, y - 1.5, wide + 4, 3, "income")
        _due_marks(canvas, month, _LEFT + k * step, step)
        date_label(canvas, words, ends, k, x, _BOTTOM + 40, step)
    return canvas.markup()


def has_cut(months: Sequence[CashMonth]) -> bool:
    """Whether a bar of the chart is cut off."""
    return any(max(month.inflow, month.outflow) > _top(months) for month in months)


def _top(months: Sequence[CashMonth]) -> float:
    """Where the axis ends: above the largest month that is at most `_DWARFS` times the median month."""
    peaks = [max(month.inflow, month.outflow) for month in months]
    usual = median([peak for peak in peaks if peak] or [1])
    return nice_ceiling(max((peak for peak in peaks if peak <= _DWARFS * usual), default=1))


def _flow(
    canvas: Canvas,
    words: Wording,
    place: tuple[float, float],
    axis: tuple[float, float],
    flow: tuple[int, float],
    classes: str,
) -> None:
    """One bar at `place` (centre, width) from `axis` (zero line, signed unit), cut at the end of the axis."""
    (x, wide), (middle, unit), (amount, most) = place, axis, flow
    end = middle + min(amount, most) * unit
    canvas.rect(x - wide / 2, min(middle, end), wide, abs(end - middle), classes)
    if amount > most:
        inside = 7 if unit < 0 else -9
        canvas.rect(x - wide / 2 - 1, end + inside, wide + 2, 2, "cut")
        canvas.text(x, end - 3 if unit < 0 else end + 11, words.short_money(amount), "mid axis dark")


def _due_marks(canvas: Canvas, month: CashMonth, start: float, step: float) -> None:
    length = to_date(month.month_end).day
    for due in month.due_on:
        at = start + step * (to_date(due).day - 0.5) / length
        canvas.path([(at - 4, _BOTTOM + 24), (at + 4, _BOTTOM + 24), (at, _BOTTOM + 17)], "due-day", closed=True)
