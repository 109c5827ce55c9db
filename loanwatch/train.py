"""`loanwatch train`: a model from a book, tracked, exported and made the champion."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import typer

from loanwatch.console import OwnFeatures, Step, demo_key, progress
from loanwatch.train_options import (
    Again,
    Approver,
    BookFolder,
    CentralTendency,
    Crown,
    DefaultDpd,
    Demo,
    Experiment,
    Gates,
    Horizon,
    MlflowDir,
    Model,
    Out,
    Panel,
    Reason,
    Seconds,
    Seed,
    SetAside,
    Target,
    Threads,
    Trials,
)

EXAMPLES = """
Examples:

  loanwatch train out/book

  loanwatch train out/book --target deteriorate_6m --trials 30 --seconds 600

  loanwatch train out/book --model scorecard --promote --approver "Li Wei" --reason "a card is required"

  loanwatch train out/book --again out/models/evidence/6106b292421b/manifest.json
"""


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("train", epilog=EXAMPLES)(train)


def train(
    book: BookFolder,
    target: Target = "default_12m",
    horizon: Horizon = None,
    out: Out = Path("out/models"),
    model: Model = "gbm",
    seed: Seed = 20260101,
    trials: Trials = 0,
    seconds: Seconds = None,
    central_tendency: CentralTendency = "latest",
    set_aside: SetAside = None,
    again: Again = None,
    default_dpd: DefaultDpd = None,
    threads: Threads = 2,
    experiment: Experiment = "loanwatch",
    mlflow_dir: MlflowDir = None,
    gates: Gates = "standard",
    crown: Crown = False,
    approver: Approver = "",
    reason: Reason = "",
    panel: Panel = None,
    own: OwnFeatures = None,
    demo: Demo = False,
) -> None:
    """Train, calibrate and judge a model, keep it in MLflow and register it as challenger."""
    from book.load import open_book
    from features.own import catalogue_with
    from loanwatch.comparison import show_gates
    from loanwatch.promote import crowned
    from loanwatch.train_summary import show
    from monitoring.target import Target
    from training.config import Config
    from training.gates.pack import named_gates
    from training.manifest import read_manifest, same_bundle
    from training.release import release
    from training.tendency import read_rule
    from training.train import train as make
    from training.validate import validate
    from training.windows import window_of

    if demo:
        demo_key()
    opened, catalogue = open_book(book), catalogue_with(own or ())
    wanted = Target.named(target, opened.settings, horizon, default_dpd)
    aside, level = window_of(set_aside) if set_aside else None, read_rule(central_tendency)
    config = Config(
        model=model, seed=seed, threads=threads, trials=trials, seconds=seconds, central_tendency=level, set_aside=aside
    )
    expected = None
    if again:
        wanted, config, expected = read_manifest(again, opened.hash(), catalogue.fingerprint)
    with stages() as stage:
        result = make(opened, wanted, config, stage, catalogue, panel)
        same_bundle(expected, result.bundle.id)
        checked = validate(result, opened, out, named_gates(gates), catalogue=catalogue, steps=stage)
        stage("Registering in MLflow")
        result = release(result, out, experiment, mlflow_dir, catalogue, checked)
    show(result, out)
    show_gates(checked.data)
    crowned(crown, out, result.bundle.id, approver, reason, catalogue)


@contextmanager
def stages() -> Iterator[Callable[[str], Step]]:
    """Progress bars one after the other: `stage(title)` ends the one before and starts the next."""
    with ExitStack() as stack:

        def stage(title: str) -> Step:
            stack.close()
            return stack.enter_context(progress(title))

        yield stage
