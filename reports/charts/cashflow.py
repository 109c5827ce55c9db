"""Account money in and out by month, with the loan's due dates."""

from __future__ import annotations

from collections.abc import Sequence

from markupsafe import Markup

from reports.charts.canvas import Canvas, nice_ceiling
from reports.formats import to_date
from reports.view import CashMonth
from reports.wording import Wording

_LEFT, _TOP, _BOTTOM, _HEIGHT = 46.0, 24.0, 178.0, 226.0


def cashflow(months: Sequence[CashMonth], words: Wording, width: float) -> Markup:
    """Bars up for money in, down for money out; triangles mark due dates inside their month."""
    first, last = words.month(months[0].month_end), words.month(months[-1].month_end)
    canvas = Canvas(width, _HEIGHT, words("cash.label", first=first, last=last), f"chart w{width:.0f}")
    step = (width - _LEFT - 8) / len(months)
    most = nice_ceiling(max(max(m.inflow, m.outflow) for m in months))
    middle, unit = (_TOP + _BOTTOM) / 2, (_BOTTOM - _TOP) / 2 / most
    canvas.text(0, 12, words("cash.amounts", currency=words.currency_name), "axis head")
    for part in (-1.0, -0.5, 0.0, 0.5, 1.0):
        y = middle - part * most * unit
        canvas.line(_LEFT, y, width, y, "grid" if part else "grid zero")
        canvas.text(_LEFT - 6, y + 4, words.short_money(abs(part) * most), "end axis")
    for k, month in enumerate(months):
        x, wide = _LEFT + (k + 0.5) * step, min(step * 0.6, 34)
        canvas.rect(x - wide / 2, middle - month.inflow * unit, wide, month.inflow * unit, "inflow")
        canvas.rect(x - wide / 2, middle, wide, month.outflow * unit, "outflow")
        _due_marks(canvas, month, _LEFT + k * step, step)
        _dates(canvas, words, months, k, x, step)
    return canvas.markup()


def _due_marks(canvas: Canvas, month: CashMonth, start: float, step: float) -> None:
    length = to_date(month.month_end).day
    for due in month.due_on:
        at = start + step * (to_date(due).day - 0.5) / length
        canvas.path(
            [(at - 4, _BOTTOM + 12), (at + 4, _BOTTOM + 12), (at, _BOTTOM + 5)], "due-day", closed=True
        )


def _dates(
    canvas: Canvas, words: Wording, months: Sequence[CashMonth], k: int, x: float, step: float
) -> None:
    when = to_date(months[k].month_end)
    if step >= 28 or (len(months) - 1 - k) % 2 == 0:
        canvas.text(x, _BOTTOM + 28, words.short_month(months[k].month_end), "mid axis")
    if k == 0 or when.month == 1:
        canvas.text(x, _BOTTOM + 42, str(when.year), "mid axis")
