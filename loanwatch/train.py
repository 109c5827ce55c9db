"""`loanwatch train`: a model from a book, tracked, exported and made the champion."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Annotated

import typer

from loanwatch.console import OwnFeatures, Step, demo_key, progress, say


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("train")(train)


def train(
    book: Annotated[Path, typer.Argument(help="Folder of the book.")],
    target: Annotated[
        str,
        typer.Option(help="What is predicted: default_12m, _6m or _3m, deteriorate_6m or _3m, roll_1m."),
    ] = "default_12m",
    horizon: Annotated[int | None, typer.Option(help="Months ahead, in place of the target's.")] = None,
    out: Annotated[Path, typer.Option(help="Folder of bundles and of the pointer that serving reads.")] = Path(
        "out/models"
    ),
    model: Annotated[str, typer.Option(help="The model to register: gbm, or scorecard for a points card.")] = "gbm",
    seed: Annotated[int, typer.Option(help="The same book and seed give the same model.")] = 20260101,
    trials: Annotated[int, typer.Option(min=0, help="Trials of a search for settings of the booster.")] = 0,
    seconds: Annotated[float | None, typer.Option(min=0, help="Most seconds of that search.")] = None,
    central_tendency: Annotated[
        str, typer.Option(help="Level of the PDs: latest (of the calibration slice), long_run, or a rate.")
    ] = "latest",
    set_aside: Annotated[
        str | None, typer.Option(help="Also report figures without events of a window, such as 2020-03:2020-08.")
    ] = None,
    again: Annotated[
        Path | None, typer.Option(help="A manifest.json: make its bundle again, or say what is not the same.")
    ] = None,
    default_dpd: Annotated[
        int | None, typer.Option(help="Default over so many days past due, in place of the book's.")
    ] = None,
    threads: Annotated[int, typer.Option(help="Threads to train with.")] = 2,
    experiment: Annotated[str, typer.Option(help="Experiment in MLflow.")] = "loanwatch",
    mlflow_dir: Annotated[
        Path | None, typer.Option(help="Folder of the local MLflow store, in place of mlflow/.")
    ] = None,
    gates: Annotated[str, typer.Option(help="Gates: a name, or a path ending in .toml.")] = "standard",
    crown: Annotated[
        bool, typer.Option("--promote", help="Make the model the champion at once where the gates allow it.")
    ] = False,
    approver: Annotated[str, typer.Option(help="With --promote: who answers for gates that are open.")] = "",
    reason: Annotated[str, typer.Option(help="With --promote: why.")] = "",
    panel: Annotated[
        Path | None, typer.Option(help="A panel of `loanwatch features` to read the features from, for large books.")
    ] = None,
    own: OwnFeatures = None,
    demo: Annotated[bool, typer.Option("--demo", help="Use the published demo key for ids.")] = False,
) -> None:
    """Train, calibrate and judge a model, keep it in MLflow and register it as challenger."""
    from book.load import open_book
    from features.own import catalogue_with
    from loanwatch.comparison import show_gates
    from loanwatch.promote import moment_and_user, told
    from loanwatch.train_summary import show
    from monitoring.target import Target
    from training.config import Config
    from training.gates.pack import named_gates
    from training.manifest import read_manifest, same_bundle
    from training.promote import promote
    from training.release import release
    from training.tendency import read_rule
    from training.train import train as make
    from training.validate import validate
    from training.windows import window_of

    if demo:
        demo_key()
    opened, catalogue = open_book(book), catalogue_with(own or ())
    wanted = Target.named(target, opened.settings, horizon, default_dpd)
    config = Config(
        model=model, seed=seed, threads=threads, trials=trials, seconds=seconds,
        central_tendency=read_rule(central_tendency), set_aside=window_of(set_aside) if set_aside else None,
    )  # fmt: skip
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
    if crown:
        told(promote(out, result.bundle.id, *moment_and_user(), approver, reason, catalogue), out)
    else:
        say(f"Not serving yet: loanwatch promote {result.bundle.id[:12]} --models {out}")


@contextmanager
def stages() -> Iterator[Callable[[str], Step]]:
    """Progress bars one after the other: `stage(title)` ends the one before and starts the next."""
    with ExitStack() as stack:

        def stage(title: str) -> Step:
            stack.close()
            return stack.enter_context(progress(title))

        yield stage
