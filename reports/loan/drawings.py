"""The charts of a loan's report in one language, each drawn wide and narrow: the style sheet shows one of the two."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from markupsafe import Markup

from reports.blocks import Chart
from reports.charts.bars import effect_bar
from reports.charts.cashflow import cashflow
from reports.charts.liquidity import liquidity
from reports.charts.tiers import pd_path, tier_scale
from reports.charts.timeline import timeline
from reports.loan.view import LoanView
from reports.wording import Wording

WIDE, HALF, NARROW = 920, 440, 340
_INSTALMENTS = {WIDE: 30, NARROW: 12}
_MONTHS = {WIDE: 24, NARROW: 12}
_DUES = {WIDE: 12, NARROW: 8}
_WIDTHS = (WIDE, NARROW)
_LATE = ("late-0", "late-1", "late-8", "late-31", "late-61")


@dataclass(frozen=True)
class Drawings:
    """The charts there are; None where there is nothing to draw."""

    scale: Chart | None
    path: Chart | None
    timeline: Chart | None
    cashflow: Chart | None
    liquidity: Chart | None
    largest: float
    words: Wording

    def effect(self, contribution: float) -> Markup:
        """The bar of one reason, on the scale of the largest reason of the page."""
        return effect_bar(contribution, self.largest, self.words.times(contribution))


def drawings(view: LoanView, w: Wording) -> Drawings:
    """The charts of a view in one language."""
    return Drawings(
        scale=_scale(view, w),
        path=_path(view, w),
        timeline=_timeline(view, w),
        cashflow=_cashflow(view, w),
        liquidity=_liquidity(view, w),
        largest=max((abs(reason.contribution) for reason in view.reasons), default=0.0),
        words=w,
    )


def _scale(view: LoanView, w: Wording) -> Chart | None:
    pd = view.card.pd
    return None if pd is None else _both(lambda width: tier_scale(pd, view.cuts, w, width), (HALF, NARROW))


def _path(view: LoanView, w: Wording) -> Chart | None:
    if view.card.pd is None or sum(point.pd is not None for point in view.points) < 2:
        return None
    return _both(lambda width: pd_path(view.points, view.cuts, w, width), (HALF, NARROW))


def _timeline(view: LoanView, w: Wording) -> Chart | None:
    if not view.instalments:
        return None
    key = [("due", w("legend.due")), ("paid", w("legend.paid"))]
    key += [(name, w(f"legend.{'on_time' if name == 'late-0' else name.replace('-', '_')}")) for name in _LATE]
    key.append(("none running", w("legend.running")))
    return _both(lambda width: timeline(view.instalments[-_INSTALMENTS[width] :], w, width), _WIDTHS, tuple(key))


def _cashflow(view: LoanView, w: Wording) -> Chart | None:
    cash = view.cash
    if not cash:
        return None
    key = [(name, w(f"legend.{name.replace('-', '_')}")) for name in ("inflow", "income", "outflow", "due-day")]
    return _both(lambda width: cashflow(cash[-_MONTHS[width] :], w, width), _WIDTHS, tuple(key))


def _liquidity(view: LoanView, w: Wording) -> Chart | None:
    rows = [row for row in (view.liquidity.rows if view.liquidity else ()) if row[3] is not None]
    if not rows:
        return None
    oldest_first = [(int(str(row[0])), float(str(row[3]))) for row in reversed(rows)]
    key = (("enough", w("legend.enough")), ("short", w("legend.short")))
    return _both(lambda width: liquidity(oldest_first[-_DUES[width] :], w, width), _WIDTHS, key)


def _both(draw: Callable[[int], Markup], widths: tuple[int, int], key: tuple[tuple[str, str], ...] = ()) -> Chart:
    return Chart(draw(widths[0]), draw(widths[1]), key)
