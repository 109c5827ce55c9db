"""PD and its exact contributions from a bundle: one code path for one loan and for a million."""

from __future__ import annotations

from typing import Literal

import numpy as np
from numpy.typing import NDArray

from models.booster import Booster
from models.bundle import Bundle
from models.explain.explainer import Explainer
from models.scorecard import Scorecard

Floats = NDArray[np.float64]
When = Literal["never", "now", "background"]
CARD = "points of the card"


class Model:
    """The model of a bundle, boosted trees or a points card, ready to score.

    Inputs `x` are feature matrices (n, k) in the order of `bundle.features`, NaN = not observed. Results do
    not depend on how rows are grouped into calls. `threads` is the number that one call may use (0: all
    cores). `tables` says when the tables of the explainer are built; log-odds come from the booster, always.
    """

    def __init__(self, bundle: Bundle, threads: int = 1, tables: When = "never") -> None:
        self.bundle = bundle
        self._form = _form(bundle, threads)
        self.explainer: Explainer | None = None
        if isinstance(self._form, Booster):
            self.explainer = Explainer(bundle.model_text, self._form, bundle.golden.x, threads)
            if tables == "now":
                self.explainer.build()
            elif tables == "background":
                self.explainer.build_in_background()

    def raw(self, x: NDArray[np.floating]) -> Floats:
        """Log-odds before calibration, shape (n,)."""
        return self._form.raw(self._checked(x))

    def pd(self, x: NDArray[np.floating]) -> Floats:
        """Calibrated PD, shape (n,)."""
        return self.calibrate(self.raw(x))

    def calibrate(self, raw: Floats) -> Floats:
        """PD of the model's log-odds, shape (n,)."""
        return self.bundle.calibration.apply(raw)

    def contributions(self, x: NDArray[np.floating]) -> Floats:
        """Exact contributions in log-odds, shape (n, k + 1).

        The last column is the base, the mean of training; a row sums to `raw`.
        """
        return self.explained(x)[0]

    def explained(self, x: NDArray[np.floating]) -> tuple[Floats, str]:
        """As `contributions`, and what made them."""
        self._checked(x)
        return (self._form.contributions(x), CARD) if self.explainer is None else self.explainer.contributions(x)

    @property
    def explained_by(self) -> str:
        """What makes contributions at this moment."""
        return CARD if self.explainer is None else self.explainer.name

    def what_if(self, x: NDArray[np.floating]) -> Floats:
        """As `raw`, and the same numbers, for rows that are a question and no loan: fast once tables are built."""
        found = self.explainer.log_odds(self._checked(x)) if self.explainer else None
        return self.raw(x) if found is None else found

    def thresholds(self) -> dict[int, Floats]:
        """The values at which the model's answer may step, ascending, by column that it reads."""
        return self._form.thresholds()

    def _checked(self, x: NDArray[np.floating]) -> NDArray[np.floating]:
        if x.ndim != 2 or x.shape[1] != len(self.bundle.features):
            raise ValueError(f"features have shape {x.shape}, must be (n, {len(self.bundle.features)})")
        return x


def _form(bundle: Bundle, threads: int) -> Booster | Scorecard:
    """The model itself; ValueError where it does not read the features the bundle names."""
    if bundle.kind == "scorecard":
        card = Scorecard.read(bundle.model_text)
        if card.features != bundle.features:
            raise ValueError("the scorecard does not read the features the bundle names")
        return card
    booster = Booster(bundle.model_text, threads)
    if booster.width != len(bundle.features):
        raise ValueError(f"the booster takes {booster.width} features, the bundle names {len(bundle.features)}")
    return booster
