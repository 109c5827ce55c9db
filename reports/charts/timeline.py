"""Instalments over time: what was due and paid, and how late it came."""

from __future__ import annotations

from collections.abc import Sequence

from markupsafe import Markup

from reports.charts.canvas import Canvas, nice_ceiling
from reports.charts.dates import date_label
from reports.loan.view import InstalmentView
from reports.wording import Wording

_LEFT, _AMOUNTS, _LATE, _HEIGHT = 46.0, (22.0, 122.0), (158.0, 228.0), 262.0


def timeline(instalments: Sequence[InstalmentView], words: Wording, width: float) -> Markup:
    """Two panels on one axis: due and paid per instalment above, days late below; newest on the right."""
    first, last = words.month(instalments[0].due_on), words.month(instalments[-1].due_on)
    canvas = Canvas(width, _HEIGHT, words("timeline.label", first=first, last=last), f"chart w{width:.0f}")
    step = (width - _LEFT - 8) / max(len(instalments), 6)
    most = nice_ceiling(max(max(i.due, i.paid) for i in instalments))
    latest = nice_ceiling(max(30, *(i.days_late or 0 for i in instalments)))
    _axes(canvas, words, width, most, latest)
    days = [instalment.due_on for instalment in instalments]
    for k, instalment in enumerate(instalments):
        x = _LEFT + (k + 0.5) * step
        _amounts(canvas, instalment, x, step, most)
        _lateness(canvas, instalment, x, step, latest)
        date_label(canvas, words, days, k, x, _LATE[1] + 15, step)
    return canvas.markup()


def late_class(instalment: InstalmentView) -> str:
    """The colour class of an instalment's lateness; the limits are those of the early-warning rules."""
    days = instalment.days_late
    if days is None:
        return "late-unknown"
    limits = ((0, "late-0"), (7, "late-1"), (30, "late-8"), (60, "late-31"))
    return next((name for limit, name in limits if days <= limit), "late-61")


def _axes(canvas: Canvas, words: Wording, width: float, most: float, latest: float) -> None:
    canvas.text(0, 12, words("timeline.amounts", currency=words.currency_name), "axis head")
    canvas.text(0, _LATE[0] - 10, words("timeline.lateness"), "axis head")
    for part in (0.0, 0.5, 1.0):
        y = _AMOUNTS[1] - part * (_AMOUNTS[1] - _AMOUNTS[0])
        canvas.line(_LEFT, y, width, y, "grid")
        canvas.text(_LEFT - 6, y + 4, words.short_money(part * most), "end axis")
        y = _LATE[1] - part * (_LATE[1] - _LATE[0])
        canvas.line(_LEFT, y, width, y, "grid")
        canvas.text(_LEFT - 6, y + 4, f"{part * latest:.0f}", "end axis")


def _amounts(canvas: Canvas, instalment: InstalmentView, x: float, step: float, most: float) -> None:
    unit = (_AMOUNTS[1] - _AMOUNTS[0]) / most
    wide, thin = min(step * 0.72, 34), min(step * 0.42, 20)
    canvas.rect(x - wide / 2, _AMOUNTS[1] - instalment.due * unit, wide, instalment.due * unit, "due")
    canvas.rect(x - thin / 2, _AMOUNTS[1] - instalment.paid * unit, thin, instalment.paid * unit, "paid")


def _lateness(canvas: Canvas, instalment: InstalmentView, x: float, step: float, latest: float) -> None:
    days = instalment.days_late
    if days is None:
        return
    if days <= 0:
        canvas.dot(x, _LATE[1] - 3, 3, "late-0")
        return
    height = days * (_LATE[1] - _LATE[0]) / latest
    thin = min(step * 0.42, 20)
    running = " running" if instalment.settled_on is None else ""
    canvas.rect(x - thin / 2, _LATE[1] - height, thin, height, late_class(instalment) + running)
    if step >= 17:
        canvas.text(x, _LATE[1] - height - 4, str(days), "mid axis dark")
