"""Our model and explainer in the application of the straw peer: what is left is the difference between the models."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path

import numpy as np
from fastapi import FastAPI
from pydantic import BaseModel

from models.opening import load_bundle
from models.predict import Model

TREES = Path(os.environ["PEER_MODEL"]).read_text(encoding="utf-8")
MODEL = Model(replace(load_bundle(Path(os.environ["PEER_BUNDLE"])), model_text=TREES), 1, "now")
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
    x = np.array([row.features], np.float32)
    return {"explained": [*MODEL.raw(x).tolist(), *MODEL.contributions(x)[0].tolist()]}
