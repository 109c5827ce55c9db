"""The options of `loanwatch train`, each with its help."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

BookFolder = Annotated[Path, typer.Argument(help="Folder of the book.")]
Target = Annotated[
    str,
    typer.Option(help="What is predicted: default_12m, _6m or _3m, deteriorate_6m or _3m, roll_1m."),
]
Horizon = Annotated[int | None, typer.Option(help="Months ahead, in place of the target's.")]
Out = Annotated[Path, typer.Option(help="Folder of bundles and of the pointer that serving reads.")]
Model = Annotated[str, typer.Option(help="The model to register: gbm, or scorecard for a points card.")]
Seed = Annotated[int, typer.Option(help="The same book and seed give the same model.")]
Trials = Annotated[int, typer.Option(min=0, help="Trials of a search for settings of the booster.")]
Seconds = Annotated[float | None, typer.Option(min=0, help="Most seconds of that search.")]
CentralTendency = Annotated[
    str, typer.Option(help="Level of the PDs: latest (of the calibration slice), long_run, or a rate.")
]
SetAside = Annotated[
    str | None, typer.Option(help="Also report figures without events of a window, such as 2020-03:2020-08.")
]
Again = Annotated[
    Path | None, typer.Option(help="A manifest.json: make its bundle again, or say what is not the same.")
]
DefaultDpd = Annotated[int | None, typer.Option(help="Default over so many days past due, in place of the book's.")]
Threads = Annotated[int, typer.Option(help="Threads to train with.")]
Experiment = Annotated[str, typer.Option(help="Experiment in MLflow.")]
MlflowDir = Annotated[Path | None, typer.Option(help="Folder of the local MLflow store, in place of mlflow/.")]
Gates = Annotated[str, typer.Option(help="Gates: a name, or a path ending in .toml.")]
Crown = Annotated[bool, typer.Option("--promote", help="Make the model the champion at once where the gates allow it.")]
Approver = Annotated[str, typer.Option(help="With --promote: who answers for gates that are open.")]
Reason = Annotated[str, typer.Option(help="With --promote: why.")]
Panel = Annotated[
    Path | None, typer.Option(help="A panel of `loanwatch features` to read the features from, for large books.")
]
Demo = Annotated[bool, typer.Option("--demo", help="Use the published demo key for ids.")]
