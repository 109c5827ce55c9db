"""Rows of a training run drawn at random: some features carry the risk, the rest is noise."""

from __future__ import annotations

import numpy as np
import pytest

from features.catalogue import CATALOGUE
from monitoring.target import EVENT, GOOD_FULL
from training.data import Panel, Rows
from training.split import Split, draws, last_day, roles

SPLIT = Split(600, 611, 624, 629)


def drawn(seed: int = 5, loans: int = 900) -> Panel:
    """Every loan in every month; the risk rises with the first constrained features, in their direction."""
    random = np.random.default_rng(seed)
    loan, month = (one.reshape(-1) for one in np.meshgrid(np.arange(loans), SPLIT.months, indexing="ij"))
    share = draws([f"B{n}" for n in range(loans)], 1)
    role = roles(loan, loan, month, share[::-1].copy(), share, SPLIT, (0.2, 0.25))
    kept = role >= 0
    x = random.normal(size=(int(kept.sum()), len(CATALOGUE.names))).astype(np.float32)
    signs = np.array(CATALOGUE.monotone, float)
    signs[np.cumsum(signs != 0) > 6] = 0
    risk = 1 / (1 + np.exp(2.2 - x @ signs * 0.6))
    x[random.random(x.shape) < 0.03] = np.nan
    y = (random.random(len(x)) < risk).astype(float)
    days = np.array([last_day(one) for one in month[kept]], np.int32)
    rows = Rows(
        x=x,
        y=y,
        state=np.where(y == 1, EVENT, GOOD_FULL).astype(np.int8),
        event_on=days,
        role=role[kept],
        as_of=days,
        dpd=np.where(random.random(len(x)) < 0.8, 0.0, 20.0),
        bullet=np.zeros(len(x), bool),
        borrower=loan[kept].astype(np.int64),
        loan=loan[kept].astype(np.int64),
        product=(loan[kept] % 2).astype(np.int32),
    )
    return Panel(rows, {"in_default": 3}, 7, products=("car loan", "cash loan"))


@pytest.fixture(scope="session")
def panel() -> Panel:
    return drawn()


@pytest.fixture(scope="session")
def split() -> Split:
    return SPLIT
