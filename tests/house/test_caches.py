"""What is remembered has an end: a function remembers without bound only what the code itself can ask it."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

ROOMS = {"book", "features", "models", "policy", "monitoring", "reports", "serving"}
BY_CODE = {
    ("book/check/identifiers.py", "_worded"): "tables of the contract",
    ("book/check/rows.py", "bounded"): "tables of the contract",
    ("reports/loan/evidence/behind.py", "declared"): "features and their tables",
    ("reports/model/words.py", "model_texts"): "languages",
    ("reports/wording.py", "texts"): "languages",
    ("serving/fair.py", "_counted"): "protocols of the server that runs",
    ("serving/together.py", "_declared"): "tables of the contract",
}
"""Functions with parameters that remember every answer, and what they can be asked about."""


def remembering(path: Path) -> Iterator[tuple[ast.FunctionDef, ast.expr]]:
    """Functions of a file with `cache` or `lru_cache`, and how it is written."""
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        for mark in node.decorator_list if isinstance(node, ast.FunctionDef) else ():
            called = mark.func if isinstance(mark, ast.Call) else mark
            name = called.attr if isinstance(called, ast.Attribute) else getattr(called, "id", "")
            if name in ("cache", "lru_cache") and isinstance(node, ast.FunctionDef):
                yield node, mark


def bounded(mark: ast.expr) -> bool:
    """Whether a size is given, and is no `None`."""
    sizes = [word.value for word in mark.keywords if word.arg == "maxsize"] if isinstance(mark, ast.Call) else []
    return any(not (isinstance(size, ast.Constant) and size.value is None) for size in sizes)


def test_what_anybody_may_ask_is_remembered_up_to_a_stated_number(tracked: list[Path], root: Path) -> None:
    wrong, used = [], set()
    for path in tracked:
        where = path.relative_to(root)
        if path.suffix != ".py" or where.parts[0] not in ROOMS:
            continue
        for function, mark in remembering(path):
            arguments = function.args
            asked = [*arguments.args, *arguments.kwonlyargs, *filter(None, [arguments.vararg, arguments.kwarg])]
            known = (str(where), function.name)
            if asked and not bounded(mark) and known not in BY_CODE:
                wrong.append(known)
            used.add(known)
    assert wrong == []
    assert set(BY_CODE) <= used
