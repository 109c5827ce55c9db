"""Horizontal bars: what moves a loan's risk, and shares of a book."""

from __future__ import annotations

from markupsafe import Markup

from reports.charts.canvas import Canvas


def effect_bar(contribution: float, largest: float, label: str) -> Markup:
    """A bar from the middle: right raises the risk, left lowers it; `largest` fills half the width."""
    canvas = Canvas(200, 14, label, "bar")
    length = 96 * min(abs(contribution) / largest, 1.0) if largest > 0 else 0.0
    canvas.rect(4, 6, 192, 2, "rail")
    if contribution >= 0:
        canvas.rect(100, 1, max(length, 1), 12, "adverse")
    else:
        canvas.rect(100 - max(length, 1), 1, max(length, 1), 12, "protective")
    canvas.rect(99.5, 0, 1, 14, "zero")
    return canvas.markup()


def share_bar(share: float, largest: float, classes: str, label: str) -> Markup:
    """A bar from the left; `largest` fills the width."""
    canvas = Canvas(200, 10, label, "bar")
    canvas.rect(0, 1, 200 * min(share / largest, 1.0) if largest > 0 else 0.0, 8, classes)
    return canvas.markup()
