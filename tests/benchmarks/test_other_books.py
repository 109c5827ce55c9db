"""Other real books become tables of the contract: a few rows of each load and give finite features."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from benchmarks import berka, taiwan
from benchmarks.berka_book import read_berka
from benchmarks.plain_models import folded
from benchmarks.taiwan_book import ladder, read_taiwan
from features.catalogue import MODULES, Catalogue


def test_a_few_loans_of_berka_give_account_features_on_the_day_of_the_grant(real_data: Path) -> None:
    if not (real_data / "berka_train").is_dir():
        pytest.skip("needs the real data: berka_train")
    grants = read_berka(real_data / "berka_train", most=30)
    rows = berka.features(grants)
    assert len(grants.y) == 30
    assert {"income_mean_3m_to_instalment", "liquid_months", "pti"} <= set(rows.names)
    assert np.isfinite(rows.x[:, rows.names.index("pti")]).all()
    assert not np.isinf(rows.x).any()


def test_a_few_cards_of_taiwan_give_arrears_and_utilisation(real_data: Path) -> None:
    if not (real_data / "taiwan_dev").is_dir():
        pytest.skip("needs the real data: taiwan_dev")
    cards = read_taiwan(real_data / "taiwan_dev", most=200)
    rows = taiwan.features(cards, Catalogue.of((*MODULES, taiwan.taiwan_features)))
    held = {name: rows.x[:, rows.names.index(name)] for name in ("dpd_now", "utilisation_now", "paid_a_month_3m")}
    assert len(cards.y) == 200
    assert all(np.isfinite(one).all() for one in held.values())
    assert held["dpd_now"].max() > 30


def test_a_delay_of_k_months_leaves_the_k_latest_units_unmet() -> None:
    owed, met = ladder(np.array([[0, 0, 0, 0, 0, 2], [-1, 1, 2, 0, -2, 0], [3, 4, 5, 6, 7, 8]]))
    assert owed.tolist() == [0, 0, 2]
    assert met.tolist() == [[1, 1, 1, 1, 0, 0], [1, 0, 0, 3, 1, 1], [0, 0, 0, 0, 0, 0]]


def test_every_row_is_judged_once_by_a_model_that_has_not_seen_it() -> None:
    y = np.repeat([0.0, 1.0], [40, 10])
    seen: list[int] = []

    def fit(train: np.ndarray, judged: np.ndarray) -> np.ndarray:
        assert not set(train) & set(judged)
        assert y[judged].sum() == 2
        seen.extend(judged.tolist())
        return judged.astype(float)

    assert folded(fit, y, 5).tolist() == list(range(50))
    assert sorted(seen) == list(range(50))
