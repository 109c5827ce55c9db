"""`docs/cli.md`: the help text of every command."""

from __future__ import annotations

from collections.abc import Iterator

import typer
from typer.testing import CliRunner

_WIDTH = {"COLUMNS": "100", "TERMINAL_WIDTH": "100"}


def commands_page(app: typer.Typer) -> str:
    """The page; one section per command, in the order of the application."""
    parts = ["# Commands", "", "What `loanwatch --help` and `loanwatch COMMAND --help` say."]
    for words in _commands(app):
        shown = CliRunner(env=_WIDTH).invoke(app, [*words, "--help"], prog_name="loanwatch")
        parts += ["", f"## {' '.join(['loanwatch', *words])}", "", "```text", shown.output.strip(), "```"]
    return "\n".join(parts)


def _commands(app: typer.Typer) -> Iterator[tuple[str, ...]]:
    yield ()
    for command in app.registered_commands:
        yield (command.name or getattr(command.callback, "__name__", "").replace("_", "-"),)
    for group in app.registered_groups:
        if group.typer_instance is not None:
            for words in _commands(group.typer_instance):
                yield (str(group.name), *words)
