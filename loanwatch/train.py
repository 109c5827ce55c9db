"""`loanwatch train`: a model from a book, tracked, exported and made the champion."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from loanwatch.console import demo_key, progress, say, table

if TYPE_CHECKING:
    from training.train import TrainResult


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("train")(train)


def train(
    book: Annotated[Path, typer.Argument(help="Folder of the book.")],
    target: Annotated[
        str, typer.Option(help="What is predicted: default_12m, default_6m or default_3m.")
    ] = "default_12m",
    horizon: Annotated[int | None, typer.Option(help="Months ahead (3, 6 or 12), in place of the target's.")] = None,
    out: Annotated[Path, typer.Option(help="Folder of bundles and of the pointer that serving reads.")] = Path(
        "out/models"
    ),
    seed: Annotated[int, typer.Option(help="Seed: the same book and seed give the same model.")] = 20260101,
    default_dpd: Annotated[
        int | None,
        typer.Option(help="Days past due over which a loan is in default, in place of the book's."),
    ] = None,
    threads: Annotated[int, typer.Option(help="Threads LightGBM may use.")] = 2,
    experiment: Annotated[str, typer.Option(help="MLflow experiment.")] = "loanwatch",
    mlflow_dir: Annotated[
        Path | None, typer.Option(help="Folder of the local MLflow store, in place of mlflow/.")
    ] = None,
    demo: Annotated[bool, typer.Option("--demo", help="Use the published demo key for ids.")] = False,
) -> None:
    """Train, calibrate and judge a model, keep it in MLflow and make it the champion."""
    from dataclasses import replace

    from book.load import open_book
    from monitoring.target import Target, horizon_of
    from training.config import Config
    from training.train import release
    from training.train import train as make

    if demo:
        demo_key()
    opened = open_book(book)
    wanted = Target.of(opened.settings, horizon or horizon_of(target))
    if default_dpd is not None:
        wanted = replace(wanted, dpd=default_dpd)
    with progress("Training") as step:
        result = make(opened, wanted, Config(seed=seed, threads=threads), lambda title: step)
    with progress("Registering in MLflow") as step:
        result = release(result, out, experiment, mlflow_dir)
        step(1, 1)
    show(result, out)


def show(result: TrainResult, out: Path) -> None:
    """Print the summary of a run."""
    report = result.report
    say(f"Target {report['target']['name']}; " + "; ".join(f"{name} {day}" for name, day in report["dates"].items()))
    _slices(report)
    _rates(report)
    _metrics(report["metrics"])
    holds = "holds" if report["certificate"]["holds"] else "is broken"
    say(f"{report['trees']} trees; monotone certificate {holds}")
    say(f"Model {result.bundle.id[:12]} is champion in {out}; {result.registered}")


def _slices(report: dict[str, Any] | Any) -> None:
    states = report["label_states"]
    names = list(next(iter(states.values())))
    rows = [
        [
            role,
            *(f"{report['slices'][role][k]:,}" for k in ("borrowers", "rows")),
            *(f"{states[role][n]:,}" for n in names),
        ]
        for role in states
    ]
    table("Rows by outcome", ["slice", "borrowers", "rows", *names], rows)
    left_out = ", ".join(f"{name} {count:,}" for name, count in report["excluded"].items())
    say(f"Left out: {left_out}; not yet mature: {report['not_yet_mature']:,}")


def _rates(report: dict[str, Any] | Any) -> None:
    rows = [
        [day, f"{one['rows']:,.0f}", f"{one['events']:,.0f}", f"{one['rate']:.2%}"]
        for day, one in report["label_rates"].items()
    ]
    table("Event rate by month", ["month end", "rows", "events", "rate"], rows)


def _metrics(metrics: dict[str, Any]) -> None:
    shown = {"overall": metrics["overall"], **{f"bucket {n}": f for n, f in metrics["by_bucket"].items()}}
    shown |= {"borrowers unseen in training": metrics["unseen"]}
    names = ("auc", "ks", "pr_auc", "brier", "ece", "oe", "slope", "capture_5")
    rows = [
        [name, f"{one['rows']:,.0f}", f"{one['events']:,.0f}", *(_figure(one[key]) for key in names)]
        for name, one in shown.items()
        if one["rows"]
    ]
    table(
        "Out of time",
        ["", "rows", "events", "AUC", "KS", "PR-AUC", "Brier", "ECE", "O/E", "slope", "top 5 %"],
        rows,
    )


def _figure(value: float | None) -> str:
    return "-" if value is None else f"{value:.3f}"
