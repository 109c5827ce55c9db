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
    seed: Annotated[int, typer.Option(help="The same book and seed give the same model.")] = 20260101,
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
    from training.promote import promote
    from training.release import release
    from training.train import train as make
    from training.validate import validate

    if demo:
        demo_key()
    opened, catalogue = open_book(book), catalogue_with(own or ())
    wanted = Target.named(target, opened.settings, horizon, default_dpd)
    with stages() as stage:
        result = make(opened, wanted, Config(seed=seed, threads=threads), stage, catalogue)
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
