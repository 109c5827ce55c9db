"""Draws that are the same everywhere, and schedules that sum to the cent."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from book.sources.simulate.draws import Draws, grow
from book.sources.simulate.schedule import ANNUITY, BULLET, INTEREST_ONLY, amortise


def test_draws_depend_on_seed_part_and_purpose_only() -> None:
    first = Draws(7, 3, "income").uniform(5)
    Draws(7, 3, "other").uniform(100)
    assert np.array_equal(first, Draws(7, 3, "income").uniform(5))
    for other in (Draws(8, 3, "income"), Draws(7, 4, "income"), Draws(7, 3, "incomes")):
        assert not np.array_equal(first, other.uniform(5))


def test_bell_has_mean_zero_and_variance_one() -> None:
    values = Draws(1, 0, "bell").bell(200_000)
    assert abs(values.mean()) < 0.01
    assert abs(values.std() - 1.0) < 0.01


def test_pick_follows_the_shares() -> None:
    picked = Draws(1, 0, "pick").pick((0.2, 0.5, 0.3), 100_000)
    assert np.allclose(np.bincount(picked) / 100_000, (0.2, 0.5, 0.3), atol=0.01)


def test_grow_is_close_to_the_exponential() -> None:
    x = np.linspace(-2, 2, 41)
    assert np.allclose(grow(x), np.exp(x), rtol=0.01)


@given(
    principal=st.integers(1, 10**10),
    rate=st.integers(0, 3_600).map(lambda basis_points: basis_points / 1e4),
    terms=st.integers(1, 60),
    kind=st.integers(0, 3),
)
def test_every_schedule_sums_to_the_principal(principal: int, rate: float, terms: int, kind: int) -> None:
    part, interest = _amortise(principal, rate, terms, kind)
    assert part.sum() == principal
    assert part.min() >= 0
    assert interest.min() >= 0
    assert part[terms:].sum() == 0
    assert interest[terms:].sum() == 0


def test_an_annuity_by_hand() -> None:
    # 1,000.00 at 12 % a year over three months: A = 1000 x 0.01 / (1 - 1.01^-3) = 340.02
    part, interest = _amortise(100_000, 0.12, 3, ANNUITY)
    assert interest[:3].tolist() == [1_000, 670, 337]
    assert part[:3].tolist() == [33_002, 33_332, 33_666]


def test_interest_only_and_bullet_repay_at_the_end() -> None:
    part, interest = _amortise(100_000, 0.12, 3, INTEREST_ONLY)
    assert part[:3].tolist() == [0, 0, 100_000]
    assert interest[:3].tolist() == [1_000, 1_000, 1_000]
    part, interest = _amortise(100_000, 0.12, 3, BULLET)
    assert part[:3].tolist() == [0, 0, 100_000]
    assert interest[:3].tolist() == [0, 0, 3_000]


def _amortise(principal: int, rate: float, terms: int, kind: int) -> tuple[np.ndarray, np.ndarray]:
    one = [np.array([value]) for value in (principal, rate, terms, kind)]
    part, interest = amortise(*one, width=60)
    return part[0], interest[0]
