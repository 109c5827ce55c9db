"""What `loanwatch train` prints: slices, outcomes, event rates, figures out of time."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from loanwatch.console import say, table

if TYPE_CHECKING:
    from training.result import TrainResult

Report = Mapping[str, Any]

_FIGURES = ("auc", "ks", "brier", "ece", "oe", "capture_5")
_NAMES = {"gbm": "boosted trees", "scorecard": "points card", "roll_table": "roll table"}
_HEADS = ("AUC", "KS", "Brier", "ECE", "O/E", "top 5 %")


def show(result: TrainResult, out: Path) -> None:
    """Print the summary of a run."""
    report = result.report
    say()
    _slices(report)
    _rates(report)
    _figures(report)
    say("C, M1, M2, M3: bucket on the day. unseen: borrowers not in training.")
    say("top 5 %: share of all events among the 5 % of loans with the highest PD.")
    holds = "holds" if report["certificate"]["holds"] else "is broken"
    say(f"{report['trees']} trees; monotone certificate {holds}.")
    say(f"Champion in {out}: {result.bundle.id[:12]}")
    say(f"MLflow: {result.registered}")


def _slices(report: Report) -> None:
    dates, slices, states = report["dates"], report["slices"], report["label_states"]
    held_out = (dates["calibration_first"], dates["calibration_last"])
    windows = {"train": (dates["train_first"], dates["train_last"]), "stop": held_out, "calibrate": held_out}
    windows["oot"] = (dates["oot_first"], dates["oot_last"])
    rows: list[list[str]] = [
        [label, *(windows[name][end] for name in slices)] for end, label in enumerate(("from", "to"))
    ]
    rows += [[name, *(f"{one[name]:,}" for one in slices.values())] for name in ("borrowers", "rows")]
    rows += [[state, *(f"{states[name][state]:,}" for name in slices)] for state in states["oot"]]
    table(f"{report['target']['name']}: rows by outcome", ["", *slices], rows)
    left_out = ", ".join(f"{name} {count:,}" for name, count in report["excluded"].items() if count)
    say(f"Left out: {left_out or 'none'}. Not yet mature: {report['not_yet_mature']:,}.")


def _rates(report: Report) -> None:
    rows = [
        [day, f"{one['rows']:,.0f}", f"{one['events']:,.0f}", f"{one['rate']:.2%}"]
        for day, one in report["label_rates"].items()
    ]
    table("Event rate by month end (training rows are thinned)", ["month end", "rows", "events", "rate"], rows)


def _figures(report: Report) -> None:
    metrics = report["metrics"]
    shown = {"all": metrics["overall"], **metrics["by_bucket"], "unseen": metrics["unseen"]}
    for name, one in report["baselines"].items():
        shown |= {f"{_NAMES[name]}: all": one["overall"], f"{_NAMES[name]}: C": one["by_bucket"].get("C", {"rows": 0})}
    rows = [
        [name, f"{one['rows']:,.0f}", f"{one['events']:,.0f}", *(_figure(one[key]) for key in _FIGURES)]
        for name, one in shown.items()
        if one["rows"]
    ]
    table("Out of time, and the models to beat", ["", "rows", "events", *_HEADS], rows)


def _figure(value: float | None) -> str:
    return "-" if value is None else f"{value:.3f}"
