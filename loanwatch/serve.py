"""`loanwatch serve`: the API."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from loanwatch.console import DemoKey, OwnFeatures, demo_key, say
from loanwatch.journal import ArchiveFolder

if TYPE_CHECKING:
    from serving.wiring import Wiring


PATIENCE = 60
"""Seconds that a worker may be silent, as on a machine with much else to do, before another takes its place."""


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("serve")(serve)


def serve(
    models: Annotated[Path, typer.Option(help="Models folder; its champion is followed.")] = Path("out/models"),
    host: Annotated[str, typer.Option(help="Address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(help="Port to listen on.", min=1, max=65535)] = 8000,
    workers: Annotated[int, typer.Option(help="Worker processes.", min=1, max=64)] = 1,
    pack: Annotated[str, typer.Option(help="Policy pack: a name, or the path of a TOML file or folder.")] = "grades",
    book: Annotated[Path | None, typer.Option(help="Folder with the book.toml to read requests by.")] = None,
    own: OwnFeatures = None,
    journal: Annotated[
        str,
        typer.Option(envvar="LOANWATCH_JOURNAL", help="URL of the journal; none keeps nothing (with --demo only)."),
    ] = "sqlite:///out/journal.db",
    store: Annotated[
        Path | None,
        typer.Option(envvar="LOANWATCH_STORE", help="Store of the book, as `nightly` writes it: for events."),
    ] = None,
    segments: Annotated[
        Path | None, typer.Option(envvar="LOANWATCH_SEGMENTS", help="Folder of nightly runs: for policy's states.")
    ] = None,
    capacity: Annotated[int, typer.Option(help="How many loans people can look at.", min=1)] = 200,
    portfolio: Annotated[
        Path | None, typer.Option(envvar="LOANWATCH_PORTFOLIO", help="Folder that `portfolio` wrote: for the desk.")
    ] = None,
    monitor: Annotated[
        Path | None, typer.Option(envvar="LOANWATCH_MONITOR", help="Folder that `monitor` wrote: for the desk.")
    ] = None,
    webhooks: Annotated[
        Path | None,
        typer.Option(envvar="LOANWATCH_WEBHOOKS", help="TOML file of endpoints that hear of alerts and tiers by day."),
    ] = None,
    archive: ArchiveFolder = None,
    demo: DemoKey = False,
) -> None:
    """Answer scores over HTTP until stopped: the officer's desk is at /desk, the description of the API at /docs.

    Outside --demo it needs API keys (`loanwatch keys add`) or an identity provider, and LOANWATCH_SESSION_SECRET.
    """
    from serving.lean import few_arenas, import_lightgbm, one_thread

    if demo:
        demo_key()
    few_arenas()
    one_thread()
    import_lightgbm()  # before the imports below, which bring it in
    from serving.champion import POINTER
    from serving.desk.desk import DeskOptions
    from serving.wiring import Wiring
    from serving.workers import beside

    desk = DeskOptions(capacity, portfolio, monitor)
    wiring = Wiring(models, pack, book, tuple(own or ()), journal, store, segments, desk, webhooks, archive)
    if workers == 1:
        _check(wiring)
    else:
        beside(_check, wiring)
    if not (models / POINTER).is_file():
        say(f"No champion yet: {models / POINTER} is not there, scores answer 503 until it is.")
    _run(wiring, host, port, workers)


def _check(wiring: Wiring) -> None:
    """Refuse, before any worker starts, a door, journal, store, pack or settings that no worker could use."""
    wiring.backing().close()
    wiring.service()


def _run(wiring: Wiring, host: str, port: int, workers: int) -> None:
    """Answer until stopped."""
    import os

    from uvicorn import Config

    from serving.workers import run

    os.environ.update(wiring.environment())
    say(f"The desk is at http://{host}:{port}/desk (API at /docs, state at /readyz)")
    run(
        Config(
            "serving.worker:app",
            factory=True,
            host=host,
            port=port,
            workers=workers,
            access_log=False,
            log_config=_logging(),
            timeout_graceful_shutdown=30,
            timeout_worker_healthcheck=PATIENCE,
            server_header=False,
        )
    )


def _logging() -> dict[str, Any]:
    """Uvicorn's own logging, with the messages of the service beside it; LOANWATCH_LOGS=json makes lines of JSON."""
    import os

    from uvicorn.config import LOGGING_CONFIG

    lines = os.environ.get("LOANWATCH_LOGS") == "json"
    own = {"handlers": ["default"], "level": "INFO", "propagate": False}
    requests = own | {"level": "INFO" if lines else "WARNING"}
    made = {"()": "serving.logs.JsonLines"}
    formatters = dict.fromkeys(LOGGING_CONFIG["formatters"], made) if lines else LOGGING_CONFIG["formatters"]
    loggers = {**LOGGING_CONFIG["loggers"], "loanwatch": own, "loanwatch.requests": requests}
    return {**LOGGING_CONFIG, "formatters": formatters, "loggers": loggers}
