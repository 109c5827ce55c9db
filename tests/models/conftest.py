"""A small model on invented features, with everything a bundle holds."""

from __future__ import annotations

from types import SimpleNamespace

import lightgbm
import numpy as np
import pytest

from features.feature import EITHER, HIGHER, LOWER, Family, FeatureColumn
from features.units import DAYS, RATE, RATIO, SHARE
from models.bundle import Bundle, Golden
from models.calibration import Calibration
from models.predict import Model
from models.reference import population

ARREARS = Family("DPD", {"en": "Arrears", "zh": "逾期"})
AMOUNTS = Family("AMT", {"en": "Amounts paid", "zh": "还款金额"})
CONTRACT = Family("EXPO", {"en": "Contract", "zh": "合同"})


def column(name, family, unit, worse, en, zh, show=True) -> FeatureColumn:
    return FeatureColumn(
        name=name,
        family=family,
        unit=unit,
        worse=worse,
        label={"en": en, "zh": zh},
        bounds=(float("-inf"), float("inf")),
        tables=(),
        span=0,
        model_input=True,
        show_borrower=show,
        compute=lambda history: history,
    )


@pytest.fixture(scope="session")
def columns() -> tuple[FeatureColumn, ...]:
    return (
        column("dpd_now", ARREARS, DAYS, HIGHER, "Days past due now", "当前逾期天数"),
        column("late_rate_6m", ARREARS, SHARE, HIGHER, "Late instalments in 6 months", "近6个月逾期期数占比"),
        column("paid_ratio_3m", AMOUNTS, RATIO, LOWER, "Paid of what was due", "近3个月还款比例"),
        column("annual_rate", CONTRACT, RATE, HIGHER, "Interest rate", "年利率", show=False),
        column("mob", CONTRACT, RATIO, EITHER, "Months on book", "账龄"),
    )


@pytest.fixture(scope="session")
def catalogue(columns: tuple[FeatureColumn, ...]) -> SimpleNamespace:
    return SimpleNamespace(names=tuple(one.name for one in columns), fingerprint="f" * 16, columns=columns, own={})


@pytest.fixture(scope="session")
def x() -> np.ndarray:
    random = np.random.default_rng(3)
    values = random.normal(size=(800, 5)).astype(np.float32)
    values[:, 0] = np.maximum(0, np.round(values[:, 0] * 20))
    values[random.random(values.shape) < 0.1] = np.nan
    return values


@pytest.fixture(scope="session")
def bundle(x: np.ndarray, catalogue: SimpleNamespace) -> Bundle:
    random = np.random.default_rng(4)
    signal = np.nan_to_num(x) @ np.array([0.1, 0.5, -0.8, 0.4, 0.0]) - 2
    y = (random.random(len(x)) < 1 / (1 + np.exp(-signal))).astype(float)
    told = {
        "objective": "binary", "num_leaves": 7, "min_data_in_leaf": 20, "verbosity": -1, "seed": 1,
        "monotone_constraints": [1, 1, -1, 1, 0], "deterministic": True, "force_row_wise": True,
        "num_threads": 1,
    }  # fmt: skip
    text = lightgbm.train(told, lightgbm.Dataset(x, y), 30).model_to_string()
    golden = x[:8]
    raw = lightgbm.Booster(model_str=text).predict(golden.astype(np.float64), raw_score=True)
    calibration = Calibration("platt", slope=0.9, intercept=-0.1)
    draft = Bundle(
        target="default_12m",
        horizon=12,
        features=catalogue.names,
        fingerprint=catalogue.fingerprint,
        model_text=text,
        calibration=calibration,
        reference=population(x),
        expected=0.0,
        golden=Golden(golden, raw, calibration.apply(raw)),
        dates={"oot_last": "2024-06-30"},
        metrics={"overall": {"auc": 0.8}},
    )
    base = float(Model(draft).contributions(x[:1])[0, -1])
    return Bundle(**{**vars(draft), "expected": base})
