"""`docs/cli.md`: the help text of every command."""

from __future__ import annotations

from collections.abc import Iterator

import typer
from typer.core import TyperGroup
from typer.testing import CliRunner

_WIDTH = {"COLUMNS": "100", "TERMINAL_WIDTH": "100"}


def commands_page(app: typer.Typer) -> str:
    """The page; one section per command, in the order of the application."""
    parts = ["# Commands", "", "What `loanwatch --help` and `loanwatch COMMAND --help` say."]
    for words in _commands(typer.main.get_command(app)):
        shown = CliRunner(env=_WIDTH).invoke(app, [*words, "--help"], prog_name="loanwatch")
        parts += ["", f"## {' '.join(['loanwatch', *words])}", "", "```text", shown.output.strip(), "```"]
    return "\n".join(parts)


def _commands(command: object) -> Iterator[tuple[str, ...]]:
    yield ()
    if isinstance(command, TyperGroup):
        for name in command.list_commands(typer.Context(command)):
            for words in _commands(command.commands[name]):
                yield (name, *words)
