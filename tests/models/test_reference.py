"""What is usual in the training population."""

import numpy as np
import pytest

from models.reference import Usual, population, usual


def test_figures_describe_the_observed_rows_and_count_the_missing() -> None:
    found = usual(np.array([1, 2, 3, np.nan], np.float32))
    assert (found.median, found.mean, found.missing) == (2, 2, 0.25)
    assert found.p05 == pytest.approx(1.1)
    assert found.p95 == pytest.approx(2.9)


def test_a_feature_never_observed_has_no_figures() -> None:
    assert usual(np.full(2, np.nan, np.float32)) == Usual(None, None, None, None, 1.0)


def test_every_column_gets_its_own() -> None:
    assert [one.median for one in population(np.array([[1, 5], [3, 7]], np.float32))] == [2, 6]
