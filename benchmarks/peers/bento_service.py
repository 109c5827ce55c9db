"""The model as BentoML serves it."""

from __future__ import annotations

import os

import bentoml
import numpy as np


@bentoml.service(
    workers=int(os.environ["PEER_WORKERS"]), traffic={"timeout": 60}, logging={"access": {"enabled": False}}
)
class Explained:
    """Log-odds and contributions of one loan."""

    def __init__(self) -> None:
        from booster import explained

        self._explained = explained

    @bentoml.api
    async def predict(self, features: list[float | None]) -> list[float]:
        """The log-odds, then the contributions."""
        return self._explained(np.array([features], np.float64))[0].tolist()
