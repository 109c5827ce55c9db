"""A picture of memory over time, as SVG that reads well on light and on dark pages."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from benchmarks.soak_memory import BEFORE, Memory

WIDE, HIGH, LEFT, BOTTOM, TOP, RIGHT = 760, 300, 56, 36, 18, 190
COLOURS = ("#2b6cb0", "#2f855a", "#805ad5", "#b7791f")
GREY = "#718096"
Scale = Callable[[float], float]


def picture(memory: Memory) -> str:
    """Own memory of each process, and what the largest maps from files, over minutes; reloads are ticks at the foot."""
    lines = [("process " + str(k + 1), list(values)) for k, values in enumerate(zip(*memory.own, strict=False))]
    top = _round(max([*memory.files, *(max(values) for _, values in lines)]))
    across, up = _scale(memory.at[-1], LEFT, WIDE - RIGHT), _scale(top, HIGH - BOTTOM, TOP)
    parts = [_text(LEFT, 12, "MB", "start"), *_grid(top, up), *_minutes(memory.at[-1], across)]
    half = across(BEFORE * memory.at[-1])
    parts.append(f'<rect x="{half:.1f}" y="{TOP}" width="{WIDE - RIGHT - half:.1f}" height="{HIGH - BOTTOM - TOP}" '
                 f'fill="{GREY}" fill-opacity="0.08"/>')  # fmt: skip
    parts += [f'<path d="M{across(at):.1f} {HIGH - BOTTOM}v-5" stroke="{GREY}"/>' for at in memory.reloads]
    named = [(name, values, COLOURS[k % len(COLOURS)], "") for k, (name, values) in enumerate(lines)]
    named.append(("mapped from files", memory.files, GREY, ' stroke-dasharray="4 3"'))
    for _, values, colour, dashes in named:
        points = " ".join(f"{across(x):.1f},{up(y):.1f}" for x, y in zip(memory.at, values, strict=False))
        parts.append(f'<polyline points="{points}" fill="none" stroke="{colour}" stroke-width="1.5"{dashes}/>')
    parts += _names([(name, up(values[-1]), colour) for name, values, colour, _ in named])
    head = (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDE} {HIGH}" font-family="sans-serif" font-size="11"'
    )
    return "\n".join([f'{head} role="img" aria-label="Memory over time">', *parts, "</svg>\n"])


def _scale(most: float, begin: float, end: float) -> Scale:
    return lambda value: begin + (end - begin) * value / (most or 1.0)


def _round(value: float) -> float:
    return float(-(-value // 50) * 50) or 50.0


def _grid(top: float, up: Scale) -> list[str]:
    step = 50 if top <= 300 else 100
    found = []
    for value in range(0, int(top) + 1, step):
        y = up(value)
        found.append(f'<path d="M{LEFT} {y:.1f}H{WIDE - RIGHT}" stroke="{GREY}" stroke-opacity="0.25"/>')
        found.append(_text(LEFT - 6, y + 4, str(value), "end"))
    return found


def _minutes(seconds: float, across: Scale) -> list[str]:
    step = max(1, round(seconds / 60 / 6))
    ticks = range(0, int(seconds // 60) + 1, step)
    return [_text(across(60 * minute), HIGH - 16, f"{minute} min", "middle") for minute in ticks]


def _names(ends: Sequence[tuple[str, float, str]]) -> list[str]:
    """Names beside the ends of the lines, moved apart where they would meet."""
    found, last = [], -100.0
    for name, y, colour in sorted(ends, key=lambda one: one[1]):
        last = max(y + 4, last + 13)
        found.append(_text(WIDE - RIGHT + 6, last, name, "start", colour))
    return found


def _text(x: float, y: float, words: str, anchor: str, colour: str = GREY) -> str:
    return f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" fill="{colour}">{words}</text>'
