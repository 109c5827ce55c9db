"""What limits a model, read off its own evidence."""

from __future__ import annotations

from reports.formats import count
from reports.model.view import ModelView
from reports.wording import Wording

FEW = 100  # events below which figures are thin
WIDE = 0.1  # width of an AUC interval above which it says little
UNSEEN = 0.5  # share of loans without a feature that is worth saying


def limits(view: ModelView, words: Wording) -> list[str]:
    """Sentences for the reader, each true of this model; never empty."""
    found, report = view.validation, view.report
    said = [words("model.limit_horizon", horizon=view.bundle["horizon"])]
    events = int(report["slices"]["oot"]["events"])
    if events < FEW:
        said.append(words("model.limit_few", events=count(events)))
    auc = found["overall"]["auc"]
    if auc["low"] is not None and auc["high"] - auc["low"] > WIDE:
        said.append(words("model.limit_wide", low=f"{auc['low']:.2f}", high=f"{auc['high']:.2f}"))
    if not found["champion"]:
        said.append(words("model.limit_first"))
    moved = [one for one in found["drift"]["months"] if one["trips"]]
    if moved:
        said.append(words("model.limit_drift", months=count(len(moved)), all=count(len(found["drift"]["months"]))))
    empty = [one for one in found["drift"]["features"] if one["used"] and one["missing_now"] > UNSEEN]
    if empty:
        said.append(_many(words, "model.limit_missing", len(empty), share=f"{UNSEEN:.0%}"))
    shifted = [one for one in found["drift"]["features"] if one["used"] and one["trips"]]
    if shifted:
        said.append(_many(words, "model.limit_shifted", len(shifted)))
    lowers = report["certificate"].get("missing_lowers", [])
    if lowers:
        said.append(_many(words, "model.limit_lowers", len(lowers)))
    censored = sum(states.get("censored", 0) for states in report["label_states"].values())
    if censored:
        said.append(words("model.limit_censored", rows=count(censored)))
    if all(one["status"] == "not_applicable" for one in view.gates if one["measure"].startswith("group_")):
        said.append(words("model.limit_groups"))
    said.append(words("model.limit_treatment"))
    return said


def _many(words: Wording, key: str, features: int, **values: str) -> str:
    """A sentence about features: English has another where there is one alone."""
    return words(f"{key}_one" if features == 1 else key, features=count(features), **values)
