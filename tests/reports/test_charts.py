"""Charts: well-formed SVG, honest scales, nothing that a name could break out of."""

from __future__ import annotations

import math
from dataclasses import replace
from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reports.charts.bars import effect_bar
from reports.charts.canvas import Canvas, nice_ceiling
from reports.charts.cashflow import cashflow, has_cut
from reports.charts.liquidity import liquidity
from reports.charts.tiers import pd_path, scale_position, tier_scale
from reports.charts.timeline import timeline
from reports.loan.view import InstalmentView, PastScore
from reports.wording import wording

CUTS = (0.007, 0.03, 0.12, 0.5)
WORDS = wording("en", "CNY", "Asia/Shanghai")


def test_text_and_label_are_escaped() -> None:
    canvas = Canvas(10, 10, '"><script>', "chart")
    canvas.text(1, 1, "<b>&", "axis")
    drawn = canvas.markup()
    assert "<script>" not in drawn
    assert "<b>" not in drawn
    ElementTree.fromstring(drawn)


@given(st.floats(1e-6, 1e15))
def test_an_axis_ends_at_or_just_above_the_largest_value(value: float) -> None:
    top = nice_ceiling(value)
    assert value * (1 - 1e-9) <= top <= value * 1.7


@given(st.floats(0, 1), st.floats(0, 1))
def test_a_higher_probability_never_stands_further_left(a: float, b: float) -> None:
    low, high = sorted((a, b))
    assert 0 <= scale_position(low, CUTS) <= scale_position(high, CUTS) <= 5


@pytest.mark.parametrize(("pd", "tier"), [(0.0069, 0), (0.007, 1), (0.03, 2), (0.12, 3), (0.5, 4), (1.0, 5)])
def test_a_limit_belongs_to_the_worse_tier(pd: float, tier: int) -> None:
    assert math.floor(scale_position(pd, CUTS)) == tier


def test_all_charts_are_well_formed(make_view) -> None:  # type: ignore[no-untyped-def]
    view = make_view()
    for width in (440, 340):
        for drawn in (
            tier_scale(view.card.pd, CUTS, WORDS, width),
            pd_path(view.card.past, CUTS, WORDS, width),
            timeline(view.instalments, WORDS, width),
            cashflow(view.cash, WORDS, width),
            effect_bar(0.4, 0.8, "x"),
        ):
            ElementTree.fromstring(drawn)
            assert "nan" not in drawn


def test_months_without_a_score_leave_a_gap_in_the_line() -> None:
    pds = (0.01, 0.02, None, 0.03, 0.04)
    points = [PastScore(19700 + 30 * k, "scored", pd, None) for k, pd in enumerate(pds)]
    drawn = pd_path(points, CUTS, WORDS, 440)
    assert drawn.count('class="trend"') == 2
    assert drawn.count("<circle") == 4


def test_one_huge_month_is_cut_off_and_says_its_amount(make_view) -> None:  # type: ignore[no-untyped-def]
    months = list(make_view().cash)
    assert not has_cut(months)
    months[4] = replace(months[4], inflow=160_000_000)
    assert has_cut(months)
    drawn = cashflow(months, WORDS, 920)
    assert drawn.count('class="cut"') == 1
    assert ">1.6m</text>" in drawn


def test_a_day_late_that_is_not_known_is_not_drawn_as_on_time() -> None:
    drawn = timeline([InstalmentView(1, 19700, 100, 100, None, None)], WORDS, 440)
    assert "<circle" not in drawn


@pytest.mark.parametrize("width", [920, 340])
def test_liquidity_marks_what_was_short_and_cuts_what_would_dwarf_the_rest(width: float) -> None:
    words = wording("en", "CNY", "Asia/Shanghai")
    drawn = str(liquidity([(19_000, 0.4), (19_031, -0.2), (19_061, 1.0), (19_092, 73.5)], words, width))
    assert drawn.count('class="short"') == 2
    assert drawn.count('class="enough"') == 2
    assert drawn.count('class="cut"') == 1
    assert "73.5" in drawn
    assert "Balance on the eve of each due date" in drawn
