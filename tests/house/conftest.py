"""The files that the house rules are checked on."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest


@pytest.fixture(scope="session")
def tracked(root: Path) -> list[Path]:
    """Every file that git tracks and that still stands; outside a checkout every file that is not hidden."""
    asked = subprocess.run(["git", "ls-files", "-z"], cwd=root, capture_output=True, text=True)
    if asked.returncode == 0 and asked.stdout:
        files = [root / name for name in asked.stdout.split("\0") if name]
    else:
        files = [path for path in root.rglob("*") if not any(part.startswith(".") for part in path.parts)]
    return [path for path in files if path.is_file()]
