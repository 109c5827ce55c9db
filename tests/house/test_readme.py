"""The README's first screen and its commands, tried as a reader would."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

RUNS = re.compile(r"^<!-- runs -->\n```sh\n(.*?)^```", re.MULTILINE | re.DOTALL)


def test_the_first_screen_names_the_two_commands(root: Path) -> None:
    first_screen = (root / "README.md").read_text(encoding="utf-8").splitlines()[:24]
    assert any(line.startswith("make demo") for line in first_screen)
    assert any(line.startswith("make test") for line in first_screen)


def test_the_commands_of_the_readme_run_as_written(root: Path, tmp_path: Path) -> None:
    blocks = RUNS.findall((root / "README.md").read_text(encoding="utf-8"))
    assert blocks
    environment = {name: value for name, value in os.environ.items() if not name.startswith("LOANWATCH_")}
    environment["PATH"] = f"{Path(sys.executable).parent}{os.pathsep}{environment['PATH']}"
    environment["MLFLOW_TRACKING_URI"] = f"sqlite:///{tmp_path / 'mlflow.db'}"
    script = "set -eu\n" + "".join(blocks)
    done = subprocess.run(["sh", "-c", script], cwd=tmp_path, env=environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
