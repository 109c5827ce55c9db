"""The swap set: who changes tier, and what came of them; worked by hand."""

from __future__ import annotations

import numpy as np
import pytest

from book.errors import Refusal
from policy.pack import load_pack
from training.compare import compare

# Tiers by PD: T1 below 0.7 %, T2 below 3 %, T3 below 12 %, T4 below 25 % or 50 %, T5 beyond.
WAS = np.array([0.001, 0.001, 0.001, 0.02, 0.02, 0.02, 0.02, 0.60, np.nan])
NOW = np.array([0.001, 0.020, 0.020, 0.02, 0.001, 0.001, 0.02, 0.90, 0.5])
CAME = np.array([0.0, 1.0, 0.0, 0.0, 0.0, 0.0, 0.0, 1.0, 1.0])
WHO = np.arange(9)


def test_loans_that_change_tier_are_told_with_their_outcomes() -> None:
    found = compare(CAME, WAS, NOW, WHO, load_pack())
    assert (found.rows, found.events, found.same) == (8, 2, 4)
    worse, better = found.swaps
    assert (worse.champion, worse.challenger, worse.rows, worse.events) == ("T1", "T2", 2, 1)
    assert (better.champion, better.challenger, better.rows, better.events) == ("T2", "T1", 2, 0)
    assert (worse.rate, worse.champion_pd, worse.challenger_pd) == pytest.approx((0.5, 0.001, 0.02))
    assert (found.worse.rows, found.better.rows) == (2, 2)


def test_the_gap_is_that_of_the_same_rows() -> None:
    found = compare(CAME, WAS, NOW, WHO, load_pack())
    assert found.gap.value == pytest.approx(found.challenger["auc"].value - found.champion["auc"].value)
    assert found.gap.value > 0


def test_equal_models_swap_nobody() -> None:
    found = compare(CAME[:8], WAS[:8], WAS[:8], WHO[:8], load_pack())
    assert found.swaps == ()
    assert (found.same, found.worse.rows, found.gap.high) == (8, 0, 0.0)
    assert np.isnan(found.worse.rate)


def test_without_a_row_that_both_have_scored_nothing_is_compared() -> None:
    with pytest.raises(Refusal, match="no loan has a score of both models"):
        compare(CAME, np.full(9, np.nan), NOW, WHO, load_pack())
