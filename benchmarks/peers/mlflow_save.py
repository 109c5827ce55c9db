"""Save the model for `mlflow models serve`: python mlflow_save.py MODEL.txt FOLDER EXPLAINER."""

from __future__ import annotations

import sys
from pathlib import Path

import mlflow

model, folder, explainer = sys.argv[1:]
mlflow.pyfunc.save_model(
    folder,
    python_model=str(Path(__file__).with_name("mlflow_model.py")),
    artifacts={"model": model},
    model_config={"explainer": explainer},
    pip_requirements=[],
)
