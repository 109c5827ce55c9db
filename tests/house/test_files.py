"""House rules that can be seen in a file: its size, its words, its clock."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOMS = ("book", "features", "models", "policy", "monitoring", "reports", "training", "serving", "loanwatch")
TIMELESS = ("book", "features", "models", "policy", "monitoring", "reports")
# Written in two halves, so that this file does not hold the words it looks for.
UNDONE = re.compile("TO" + "DO|FIX" + "ME|XX" + "X|NotImplemented" + "Error|place" + "holder")
MACHINE = re.compile(r"(?<![\w.:/])/(?:ro" + "ot|ho" + "me|wo" + r"rk|opt|Users)/[\w.]")
PICKLES = re.compile(r"\b(?:cloud)?" + "pick" + r"le\b|\bjob" + r"lib\b")
ROOMY_NAMES = {"utils", "common", "core", "helpers", "misc"}
TEXTS = {".py", ".md", ".toml", ".html", ".ipynb", ".yml", ".yaml", ".sh", ".css", ".js", ".jinja", ""}


def _lines(paths: list[Path], pattern: re.Pattern[str]) -> list[str]:
    found = []
    for path in paths:
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
            if pattern.search(line):
                found.append(f"{path.name}:{number}: {line.strip()[:120]}")
    return found


def _sources(tracked: list[Path], root: Path, rooms: tuple[str, ...] = ROOMS) -> list[Path]:
    return [path for path in tracked if path.suffix == ".py" and path.relative_to(root).parts[0] in rooms]


def test_no_code_file_is_longer_than_300_lines(tracked: list[Path]) -> None:
    sizes = {path.name: len(path.read_text().splitlines()) for path in tracked if path.suffix == ".py"}
    assert {name: size for name, size in sizes.items() if size > 300} == {}


def test_no_function_is_longer_than_60_lines(tracked: list[Path], root: Path) -> None:
    sizes = {
        f"{path.relative_to(root)}: {node.name}": 1 + (node.end_lineno or 0) - node.lineno
        for path in _sources(tracked, root)
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    }
    assert {name: size for name, size in sizes.items() if size > 60} == {}


def test_no_tracked_file_is_larger_than_a_mebibyte(tracked: list[Path]) -> None:
    assert [path.name for path in tracked if path.stat().st_size > 1 << 20] == []


def test_no_module_has_a_name_that_says_nothing(tracked: list[Path], root: Path) -> None:
    assert [path for path in _sources(tracked, root) if ROOMY_NAMES & {path.stem, path.parent.name}] == []


@pytest.mark.parametrize(("what", "pattern"), [("undone work", UNDONE), ("paths of one machine", MACHINE)])
def test_no_text_speaks_of(what: str, pattern: re.Pattern[str], tracked: list[Path]) -> None:
    texts = [path for path in tracked if path.suffix in TEXTS and path.name != "LICENSE"]
    assert _lines(texts, pattern) == [], what


def test_the_product_holds_no_pickles(tracked: list[Path], root: Path) -> None:
    assert _lines(_sources(tracked, root), PICKLES) == []


def _clock_reads(tree: ast.AST) -> Iterator[int]:
    for node in ast.walk(tree):
        called = node.func if isinstance(node, ast.Call) else None
        if isinstance(called, ast.Attribute) and called.attr in {"now", "today", "utcnow", "time_ns"}:
            yield called.lineno


def test_time_is_an_argument_below_the_routes_and_the_command_line(tracked: list[Path], root: Path) -> None:
    reads = [
        f"{path.relative_to(root)}:{line}"
        for path in _sources(tracked, root, TIMELESS)
        for line in _clock_reads(ast.parse(path.read_text()))
    ]
    assert reads == []


def test_no_input_is_checked_by_assert(tracked: list[Path], root: Path) -> None:
    asserts = [
        f"{path.relative_to(root)}:{node.lineno}"
        for path in _sources(tracked, root)
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Assert)
    ]
    assert asserts == []


def test_tests_are_plain_folders_that_mirror_the_rooms(root: Path) -> None:
    folders = {path.name for path in (root / "tests").iterdir() if path.is_dir() and path.name[0] not in "._"}
    assert folders <= {*ROOMS, "benchmarks", "house"}
    assert list((root / "tests").rglob("__init__.py")) == []
