"""The notebooks are the tutorial: public functions only, in order, each named in the index of the documentation."""

from __future__ import annotations

import ast
import json
from pathlib import Path

import pytest

NAMES = (
    "01_the_book_and_its_faults",
    "02_features_and_your_own",
    "03_retrain_compare_promote",
    "04_validate_and_explain",
)


def code_of(notebook: Path) -> ast.Module:
    cells = json.loads(notebook.read_text(encoding="utf-8"))["cells"]
    return ast.parse("\n".join("".join(cell["source"]) for cell in cells if cell["cell_type"] == "code"))


def test_the_tutorial_has_four_parts_that_the_index_names(root: Path) -> None:
    assert sorted(path.stem for path in (root / "notebooks").glob("*.ipynb")) == list(NAMES)
    index = (root / "docs" / "index.md").read_text(encoding="utf-8")
    assert [name for name in NAMES if f"../notebooks/{name}.ipynb" not in index] == []


@pytest.mark.parametrize("name", NAMES)
def test_a_notebook_uses_public_names_only(root: Path, name: str) -> None:
    tree = code_of(root / "notebooks" / f"{name}.ipynb")
    imported = [
        part
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom)
        for part in (*(node.module or "").split("."), *(alias.name for alias in node.names))
    ]
    read = [node.attr for node in ast.walk(tree) if isinstance(node, ast.Attribute)]
    assert [one for one in (*imported, *read) if one.startswith("_")] == []


@pytest.mark.parametrize("name", NAMES)
def test_a_notebook_is_thin(root: Path, name: str) -> None:
    """It shows what the rooms do and does little itself: no cell of code is longer than a page of a screen."""
    cells = json.loads((root / "notebooks" / f"{name}.ipynb").read_text(encoding="utf-8"))["cells"]
    assert [cell["id"] for cell in cells if cell["cell_type"] == "code" and len(cell["source"]) > 30] == []
