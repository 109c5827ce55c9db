"""The `loanwatch` command: every group of commands on one application, refusals turned into exit codes."""

from __future__ import annotations

from typing import Annotated, Any

import typer
from typer.core import TyperGroup

from book.errors import Refusal
from loanwatch import (
    check,
    demo,
    features,
    importing,
    journal,
    keys,
    monitor,
    nightly,
    portfolio,
    promote,
    report,
    score,
    serve,
    simulate,
    train,
    webhooks,
)
from loanwatch.console import fail

WAY = (
    *("simulate", "import", "check", "features", "train", "compare", "promote", "rollback", "pull"),
    *("score", "nightly", "webhooks", "serve", "keys", "journal", "replay", "report", "portfolio", "monitor", "demo"),
)


class _InOrder(TyperGroup):
    """Lists the commands in the order in which a newcomer meets them."""

    def list_commands(self, ctx: Any) -> list[str]:
        return sorted(self.commands, key=WAY.index)


app = typer.Typer(
    name="loanwatch",
    cls=_InOrder,
    context_settings={"max_content_width": 100},
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)


def _version(wanted: bool) -> None:
    if wanted:
        from loanwatch import __version__

        typer.echo(f"loanwatch {__version__}")
        raise typer.Exit


@app.callback()
def root(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Show the version and stop.")
    ] = False,
) -> None:
    """Score the loans of a book: how likely is default, why, and what follows.

    The way: simulate or import a book, check it, look at its features, train a model,
    compare and promote it, score a day, serve the API, report one loan. `demo` walks all of it.
    """


for _group in (
    simulate,
    importing,
    check,
    features,
    train,
    promote,
    score,
    nightly,
    webhooks,
    serve,
    keys,
    journal,
    report,
    portfolio,
    monitor,
    demo,
):
    _group.register(app)


def main() -> None:
    """Run the command line; a refused input ends with its faults on stderr and exit code 2."""
    try:
        app()
    except Refusal as refusal:
        fail(refusal)
