"""Peers that serve the same booster with features that are ready: no decoding of tables, no journal, no policy."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from benchmarks.contenders import Contender, NotReady
from benchmarks.peer_models import Served

CODE = Path(__file__).parent / "peers"
OURS = {"our_model:app": "our model in that application", "our_lean:app": "our model without a framework"}
MLFLOW = {
    "shap_alone": "MLflow, shap's own algorithm",
    "shap": "MLflow, shap's TreeExplainer",
    "pred_contrib": "MLflow, pred_contrib",
}
"""What explains in a model of MLflow: the TreeExplainer of shap hands models of LightGBM to pred_contrib."""


@dataclass(frozen=True)
class Given:
    """What peers are given: the model and one row of its features, the workers each may have, a folder to work in.

    `python` is another interpreter, where packages are that the project does not have.
    """

    served: Served
    workers: int
    folder: Path
    python: str

    @property
    def environment(self) -> dict[str, str]:
        """Where peers find these."""
        found = os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", "")])  # MLflow calls uvicorn
        given = {
            "PEER_MODEL": str(self.served.model),
            "PEER_BUNDLE": str(self.served.bundle),
            "PEER_WORKERS": str(self.workers),
            "PYTHONPATH": str(CODE),
        }
        return given | {"PATH": found}


def peer_servers(given: Given) -> Iterator[tuple[str, Callable[[], Contender]]]:
    """The name of each peer, and what makes it; making one may raise NotReady."""
    for explainer, name in MLFLOW.items():
        yield name, partial(mlflow_server, given, explainer)
    yield "BentoML, pred_contrib", lambda: bentoml_server(given)
    yield "MLServer, pred_contrib", lambda: mlserver(given, explain=True)
    yield "MLServer, prediction only", lambda: mlserver(given, explain=False)
    yield "FastAPI, pred_contrib", lambda: plain_server(given, "fastapi_app:app", "FastAPI, pred_contrib")
    for app, name in OURS.items():
        yield name, partial(plain_server, given, app, name)


def plain_server(given: Given, app: str, name: str) -> Contender:
    """A plain application, as many would write it."""
    serve = [sys.executable, "-m", "uvicorn", app, "--workers", str(given.workers), "--no-access-log"]
    content = json.dumps({"features": list(given.served.features)}).encode()
    return Contender(
        name, lambda port: [*serve, "--port", str(port)], "/predict", [content], "/ready",
        given.environment, given.folder,
    )  # fmt: skip


def mlflow_server(given: Given, explainer: str) -> Contender:
    """`mlflow models serve` of a pyfunc that explains by the shap package or by LightGBM itself."""
    name, folder = MLFLOW[explainer], given.folder / f"mlflow-{explainer}"
    save = [sys.executable, str(CODE / "mlflow_save.py"), str(given.served.model), str(folder), explainer]
    _run(save, given)
    serve = [sys.executable, "-m", "mlflow", "models", "serve", "--model-uri", str(folder), "--env-manager", "local"]
    data = {"columns": list(given.served.names), "data": [list(given.served.features)]}
    return Contender(
        name, lambda port: [*serve, "--workers", str(given.workers), "--port", str(port)], "/invocations",
        [json.dumps({"dataframe_split": data}).encode()], "/ping", given.environment, given.folder,
    )  # fmt: skip


def bentoml_server(given: Given) -> Contender:
    """`bentoml serve`."""
    _has(given, "bentoml")
    serve = [given.python, "-m", "bentoml", "serve", "bento_service:Explained", "--working-dir", str(CODE)]
    content = json.dumps({"features": list(given.served.features)}).encode()
    quiet = {"BENTOML_HOME": str(given.folder / "bento"), "BENTOML_DO_NOT_TRACK": "True"}
    return Contender(
        "BentoML, pred_contrib", lambda port: [*serve, "--port", str(port)], "/predict", [content], "/readyz",
        given.environment | quiet, given.folder,
    )  # fmt: skip


def mlserver(given: Given, *, explain: bool) -> Contender:
    """`mlserver start` of a runtime of our own; its protocol has no missing numbers, so 0 is sent in their place."""
    _has(given, "mlserver")
    name = f"MLServer, {'pred_contrib' if explain else 'prediction only'}"
    folder = given.folder / f"mlserver-{explain}"
    folder.mkdir(exist_ok=True)
    model = {"name": "m", "implementation": "mlserver_runtime.Runtime"}
    (folder / "model-settings.json").write_text(json.dumps(model), encoding="utf-8")
    row = [0.0 if value is None else value for value in given.served.features]
    tensor = {"name": "x", "shape": [1, len(row)], "datatype": "FP64", "data": row}

    def command(port: int) -> list[str]:
        ports = {"http_port": port, "grpc_port": port + 1, "metrics_port": port + 2}
        more = {"host": "127.0.0.1", "parallel_workers": given.workers, "debug": False, "extensions": []}
        (folder / "settings.json").write_text(json.dumps(ports | more), encoding="utf-8")
        return [str(Path(given.python).with_name("mlserver")), "start", str(folder)]

    return Contender(
        name, command, "/v2/models/m/infer", [json.dumps({"inputs": [tensor]}).encode()], "/v2/models/m/ready",
        given.environment | ({"PEER_EXPLAIN": "1"} if explain else {}), given.folder,
    )  # fmt: skip


def _has(given: Given, package: str) -> None:
    """Raise NotReady where the other interpreter has not the package."""
    if not given.python:
        raise NotReady("no --peer-python given")
    _run([given.python, "-c", f"import {package}, lightgbm"], given)


def _run(command: Sequence[str], given: Given) -> None:
    done = subprocess.run(command, capture_output=True, text=True, cwd=given.folder, check=False)
    if done.returncode:
        raise NotReady((done.stderr.strip().splitlines() or ["it failed"])[-1][:200])
