"""SHAP pictures of a model on a sample of out-of-time loans: beeswarm, and dependence of the strongest features."""

from __future__ import annotations

import io
import warnings
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from models.bundle import Bundle
from models.predict import Model
from reports.model.view import Picture
from training.case import Sample

LOANS = 1500
FEATURES = 12
DEPENDENCE = 4
_DPI = 110
_WIDE = 46  # letters of a feature's name


def pictures(bundle: Bundle, sample: Sample, names: Sequence[str], labels: Mapping[str, str]) -> tuple[Picture, ...]:
    """Pictures as PNG; `labels` are the names of features to write on them."""
    plt, shap = _drawers()
    x = sample.x[np.unique(np.linspace(0, len(sample.x) - 1, LOANS).astype(int))].astype(np.float64)
    contributions = Model(bundle).contributions(x)
    values, base = contributions[:, :-1], contributions[:, -1]
    told = [_short(labels.get(name, name)) for name in names]
    explained = shap.Explanation(values=values, base_values=base, data=x, feature_names=told)
    found = []
    with plt.rc_context({"font.size": 9, "font.family": "DejaVu Sans"}):
        shap.plots.beeswarm(explained, max_display=FEATURES + 1, show=False, plot_size=(8.2, 4.9), color_bar=True)
        plt.gca().set_xlabel("contribution to log-odds (right: higher risk)")
        found.append(Picture("beeswarm", "", _png(plt)))
        for column in np.argsort(-np.abs(values).mean(axis=0), kind="stable")[:DEPENDENCE]:
            _, axes = plt.subplots(figsize=(4.3, 2.9))
            one = explained[:, int(column)]
            shap.plots.scatter(one, ax=axes, show=False, color="#2b6ca3", alpha=0.5, dot_size=9, hist=True)
            axes.set_ylabel("contribution")
            found.append(Picture("dependence", names[int(column)], _png(plt)))
    return tuple(found)


def _drawers() -> tuple[Any, Any]:
    """Matplotlib and shap, imported where pictures are made: it takes seconds, and shap warns of its own colours."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import matplotlib.pyplot as plt
        import shap
    return plt, shap


def _short(label: str) -> str:
    return label if len(label) <= _WIDE else label[: _WIDE - 1].rstrip() + "…"


def _png(plt: Any) -> bytes:
    """The current figure, closed."""
    held = io.BytesIO()
    figure = plt.gcf()
    figure.savefig(held, format="png", dpi=_DPI, bbox_inches="tight")
    plt.close(figure)
    return held.getvalue()
