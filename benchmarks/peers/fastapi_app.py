"""The straw peer: a plain FastAPI application around the booster."""

from __future__ import annotations

import numpy as np
from booster import explained
from fastapi import FastAPI
from pydantic import BaseModel

app = FastAPI()


class Row(BaseModel):
    """Features of one loan, null = not observed."""

    features: list[float | None]


@app.get("/ready")
async def ready() -> dict[str, str]:
    """Say that the model is loaded."""
    return {"status": "ready"}


@app.post("/predict")
async def predict(row: Row) -> dict[str, list[float]]:
    """Log-odds and contributions."""
    return {"explained": explained(np.array([row.features], np.float64))[0].tolist()}
