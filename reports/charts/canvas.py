"""A sheet of SVG: shapes in, one escaped `<svg>` element out."""

from __future__ import annotations

import math

from markupsafe import Markup, escape


class Canvas:
    """Collects shapes in user units. Texts are escaped; no inline styles, no ids, no scripts."""

    def __init__(self, width: float, height: float, label: str, classes: str) -> None:
        self._shapes: list[str] = []
        box = f"0 0 {_n(width)} {_n(height)}"
        self._head = f'<svg viewBox="{box}" class="{classes}" role="img" aria-label="{escape(label)}">'

    def rect(self, x: float, y: float, width: float, height: float, classes: str, radius: float = 0) -> None:
        corner = f' rx="{_n(radius)}"' if radius else ""
        size = f'width="{_n(max(width, 0))}" height="{_n(max(height, 0))}"'
        self._shapes.append(f'<rect x="{_n(x)}" y="{_n(y)}" {size}{corner} class="{classes}"/>')

    def line(self, x1: float, y1: float, x2: float, y2: float, classes: str) -> None:
        self._shapes.append(f'<path d="M{_n(x1)} {_n(y1)}L{_n(x2)} {_n(y2)}" class="{classes}"/>')

    def path(self, points: list[tuple[float, float]], classes: str, closed: bool = False) -> None:
        d = "M" + "L".join(f"{_n(x)} {_n(y)}" for x, y in points) + ("Z" if closed else "")
        self._shapes.append(f'<path d="{d}" class="{classes}"/>')

    def dot(self, x: float, y: float, radius: float, classes: str) -> None:
        self._shapes.append(f'<circle cx="{_n(x)}" cy="{_n(y)}" r="{_n(radius)}" class="{classes}"/>')

    def text(self, x: float, y: float, content: str, classes: str) -> None:
        self._shapes.append(f'<text x="{_n(x)}" y="{_n(y)}" class="{classes}">{escape(content)}</text>')

    def markup(self) -> Markup:
        """The finished element, safe to place in a page."""
        return Markup(self._head + "".join(self._shapes) + "</svg>")


def nice_ceiling(value: float) -> float:
    """The smallest of 1, 1.5, 2, 3, 4, 5, 6, 8 times a power of ten that is at least `value` (1 for none)."""
    if value <= 0:
        return 1.0
    power = 10.0 ** math.floor(math.log10(value))
    return next(step * power for step in (1, 1.5, 2, 3, 4, 5, 6, 8, 10) if step * power >= value * (1 - 1e-12))


def _n(value: float) -> str:
    text = f"{value:.1f}"
    return text[:-2] if text.endswith(".0") else text
