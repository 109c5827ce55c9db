"""SHAP pictures of a model on a sample of out-of-time loans: beeswarm, and dependence of the strongest features."""

from __future__ import annotations

import io
import re
import warnings
from collections.abc import Iterable, Mapping, Sequence
from html import escape
from typing import Any

import numpy as np

from features.feature import FeatureColumn
from models.bundle import Bundle
from models.predict import Model
from reports.formats import LANGS, Lang
from reports.model.view import Picture
from reports.model.words import model_wording
from training.case import Sample

LOANS = 1500
FEATURES = 12
DEPENDENCE = 4
_LETTERS = {"en": 74, "zh": 40}  # of a feature's name beside its dots
_STYLE = {"font.size": 9, "font.family": "DejaVu Sans", "svg.fonttype": "none", "svg.hashsalt": "loanwatch"}
_FONTS = "'DejaVu Sans', 'Noto Sans CJK SC', 'PingFang SC', 'Microsoft YaHei', sans-serif"
_DPI = 130  # of the dots; words and axes are drawn as such


def pictures(bundle: Bundle, sample: Sample, columns: Iterable[FeatureColumn]) -> tuple[Picture, ...]:
    """Pictures as SVG in every language; `columns` are those of the sample, in its order."""
    plt, shap = _drawers()
    told = tuple(columns)
    x = sample.x[np.unique(np.linspace(0, len(sample.x) - 1, LOANS).astype(int))].astype(np.float64)
    contributions = Model(bundle).contributions(x)
    values, base = contributions[:, :-1], contributions[:, -1]
    names = [f"feature {number}" for number in range(len(told))]
    explained = shap.Explanation(values=values, base_values=base, data=x, feature_names=names)
    with plt.rc_context(_STYLE):
        drawn = _beeswarm(plt, shap, explained)
        found = [Picture("beeswarm", "", {lang: _worded(drawn, told, lang) for lang in LANGS}, len(x))]
        for column in np.argsort(-np.abs(values).mean(axis=0), kind="stable")[:DEPENDENCE].tolist():
            figure = _dependence(plt, shap, explained[:, column])
            found.append(Picture("dependence", told[column].name, dict.fromkeys(LANGS, figure), len(x)))
    return tuple(found)


def _beeswarm(plt: Any, shap: Any, explained: Any) -> bytes:
    shap.plots.beeswarm(explained, max_display=FEATURES + 1, show=False, plot_size=(10.2, 4.9), color_bar=True)
    figure = plt.gcf()
    for axes in figure.axes:
        axes.tick_params(labelsize=8.5)
        axes.yaxis.label.set_size(9)
        axes.set_rasterization_zorder(-10)
    figure.axes[0].set_xlabel("contribution", fontsize=9)
    figure.subplots_adjust(left=0.45, right=0.97, top=0.99, bottom=0.11)
    return _svg(plt)


def _dependence(plt: Any, shap: Any, explained: Any) -> bytes:
    """A feature's contribution against its value; its name and axes are told beside the picture."""
    _, axes = plt.subplots(figsize=(4.4, 2.7))
    shap.plots.scatter(explained, ax=axes, show=False, color="#2b6ca3", alpha=0.5, dot_size=9, hist=True)
    axes.set_xlabel("")
    axes.set_ylabel("")
    axes.axhline(0, color="#6b7783", linewidth=0.8, linestyle="--")
    axes.tick_params(labelsize=8.5)
    for dots in axes.collections:
        dots.set_rasterized(True)
    plt.gcf().subplots_adjust(left=0.12, right=0.98, top=0.97, bottom=0.12)
    return _svg(plt)


def _worded(drawn: bytes, columns: Sequence[FeatureColumn], lang: Lang) -> bytes:
    """The picture with the words of a language in the places of its marks."""
    words = model_wording(lang)
    texts = {
        "contribution": words("model.picture_axis"),
        "High": words("model.picture_high"),
        "Low": words("model.picture_low"),
        "Feature value": words("model.picture_value"),
    }
    texts |= {f"feature {number}": _short(column.label, lang) for number, column in enumerate(columns)}

    def word(found: re.Match[str]) -> str:
        rest = re.fullmatch(r"Sum of (\d+) other features", found.group(1))
        text = words("model.picture_rest", n=rest.group(1)) if rest else texts.get(found.group(1), found.group(1))
        return f">{escape(text)}</text>"

    return re.sub(r">([^<>]*)</text>", word, drawn.decode("utf-8")).encode("utf-8")


def _drawers() -> tuple[Any, Any]:
    """Matplotlib and shap, imported where pictures are made: it takes seconds, and shap warns of its own colours."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import matplotlib.pyplot as plt
        import shap
    return plt, shap


def _short(label: Mapping[str, str], lang: Lang) -> str:
    text, most = label[lang], _LETTERS[lang]
    return text if len(text) <= most else text[: most - 1].rstrip() + "…"


def _svg(plt: Any) -> bytes:
    """The current figure, closed: words stay words, so that any font may write them; dots are pixels."""
    held = io.StringIO()
    figure = plt.gcf()
    figure.savefig(held, format="svg", dpi=_DPI, metadata={"Date": None})
    plt.close(figure)
    return held.getvalue().replace("'DejaVu Sans'", _FONTS).encode("utf-8")
