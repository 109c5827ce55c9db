"""The rooms import downwards only, and each library stays where it belongs."""

import os
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path


def test_the_import_contracts_hold(root: Path) -> None:
    command = Path(sys.executable).with_name("lint-imports")
    done = subprocess.run(
        [command, "--no-logo"], cwd=root, capture_output=True, text=True, env={**os.environ, "NO_COLOR": "1"}
    )
    assert done.returncode == 0, done.stdout + done.stderr


def test_every_room_is_under_the_import_rule(root: Path) -> None:
    import tomllib

    project = tomllib.loads((root / "pyproject.toml").read_text())
    rooms = {folder.parent.name for folder in root.glob("*/py.typed")}
    assert rooms == set(project["tool"]["importlinter"]["root_packages"])
    assert rooms == set(project["tool"]["hatch"]["build"]["targets"]["wheel"]["packages"])
    assert rooms == set(project["tool"]["mypy"]["packages"])


def test_the_mlflow_folder_does_not_hide_the_mlflow_package(root: Path) -> None:
    assert not list((root / "mlflow").rglob("*.py"))
    found = find_spec("mlflow")
    assert found is not None
    assert found.origin is not None
    assert "site-packages" in Path(found.origin).parts


def test_the_command_line_starts_without_the_heavy_libraries() -> None:
    heavy = ["numpy", "polars", "pyarrow", "lightgbm", "numba", "mlflow", "shap", "fastapi", "sqlalchemy"]
    code = f"import sys, loanwatch.main; print([name for name in {heavy} if name in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
