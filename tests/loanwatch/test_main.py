"""The command line as a stranger meets it."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner

from loanwatch import __version__, main

THE_WAY = ["simulate", "import", "check", "features", "train", "score", "serve", "report"]


def test_help_shows_the_way_in_its_order() -> None:
    shown = CliRunner().invoke(main.app, ["--help"]).output
    listed = re.findall(r"^  ([a-z-]+)  ", shown.partition("Commands:")[2], re.MULTILINE)
    assert [name for name in listed if name in THE_WAY] == THE_WAY
    assert "demo" in listed


@pytest.mark.parametrize("command", [*THE_WAY, "demo"])
def test_every_command_explains_itself(command: str) -> None:
    done = CliRunner().invoke(main.app, [command, "--help"])
    assert done.exit_code == 0
    assert len(done.output.splitlines()) > 4


def test_the_version_is_that_of_the_package() -> None:
    assert CliRunner().invoke(main.app, ["--version"]).output == f"loanwatch {__version__}\n"


def test_a_book_that_is_not_there_is_refused_without_a_traceback(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "loanwatch", "check", str(tmp_path / "nowhere")]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 2
    assert "Traceback" not in done.stderr
    assert "nowhere" in done.stderr
