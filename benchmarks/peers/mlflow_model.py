"""The model as MLflow serves it: a pyfunc that also explains, by LightGBM's pred_contrib or by the shap package.

shap's TreeExplainer hands a model of LightGBM to pred_contrib; as "shap_alone" it works by its own algorithm.
"""

from __future__ import annotations

from typing import Any

import mlflow
import numpy as np
import pandas as pd
from mlflow.pyfunc import PythonModel


class Explained(PythonModel):
    """Log-odds and contributions of each row."""

    def load_context(self, context: Any) -> None:
        """Read the booster."""
        import lightgbm

        self._booster = lightgbm.Booster(model_file=context.artifacts["model"])
        self._shap = None
        explainer = context.model_config.get("explainer")
        if explainer in ("shap", "shap_alone"):
            import shap

            self._shap = shap.TreeExplainer(self._booster)
            if explainer == "shap_alone":
                self._shap.model.model_type = "internal"

    def predict(self, context: Any, model_input: pd.DataFrame, params: Any = None) -> list[list[float]]:
        """One list a loan: the log-odds, then the contributions."""
        x = np.ascontiguousarray(model_input.to_numpy(np.float64))
        raw = self._booster.predict(x, raw_score=True, num_threads=1)
        if self._shap is None:
            parts = self._booster.predict(x, pred_contrib=True, num_threads=1)
        else:
            parts = self._shap.shap_values(x)
        return np.column_stack([raw, parts]).tolist()


mlflow.models.set_model(Explained())
