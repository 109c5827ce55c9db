"""Documents cannot go stale: generated pages are compared, links lead somewhere, named commands exist."""

from __future__ import annotations

import json
import re
import shlex
from pathlib import Path

import pytest
from typer.testing import CliRunner

from loanwatch.main import app
from loanwatch.pages import NAMES
from loanwatch.pages import page as written_now

LINK = re.compile(r"(?<!!)\[[^\]]*\]\(([^)\s]+)\)")
FENCE = re.compile(r"^```(\w*)\n(.*?)^```", re.MULTILINE | re.DOTALL)


def _anchors(text: str) -> set[str]:
    titles = re.findall(r"^#+ (.+)$", FENCE.sub("", text), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-") for title in titles}


@pytest.mark.parametrize("name", NAMES)
def test_a_generated_page_is_as_it_would_be_written_now(name: str, root: Path) -> None:
    assert (root / "docs" / name).read_text(encoding="utf-8") == written_now(name), "run: make docs"


def test_every_link_between_the_documents_leads_somewhere(tracked: list[Path]) -> None:
    broken = []
    for page in (path for path in tracked if path.suffix == ".md"):
        text = page.read_text(encoding="utf-8")
        for target in LINK.findall(FENCE.sub("", text)):
            if re.match(r"[a-z]+:", target):
                continue
            place, _, anchor = target.partition("#")
            other = (page.parent / place) if place else page
            if not other.exists() or (anchor and anchor not in _anchors(other.read_text(encoding="utf-8"))):
                broken.append(f"{page.name}: {target}")
    assert broken == []


def test_every_page_of_the_docs_is_reached_from_the_index(root: Path) -> None:
    index = (root / "docs" / "index.md").read_text()
    pages = [path.relative_to(root / "docs").as_posix() for path in (root / "docs").rglob("*.md")]
    assert [page for page in pages if page != "index.md" and f"({page})" not in index] == []


def _shell_lines(text: str) -> list[str]:
    blocks = [body for language, body in FENCE.findall(text) if language in {"sh", "bash"}]
    return [line for body in blocks for line in body.replace("\\\n", " ").splitlines() if line.strip()]


def test_every_command_in_the_documents_exists_with_its_options(tracked: list[Path]) -> None:
    wrong = []
    for page in (path for path in tracked if path.suffix == ".md"):
        for line in _shell_lines(page.read_text(encoding="utf-8")):
            words = shlex.split(line, comments=True)
            if words[:1] != ["loanwatch"] or "--help" in words:
                continue
            command = [word for word in words[1:3] if re.fullmatch(r"[a-z][a-z-]*", word)]
            shown = CliRunner().invoke(app, [*command[:1], "--help"]).output
            if "Usage: " in shown and len(command) > 1 and "Commands:" in shown:
                shown = CliRunner().invoke(app, [*command, "--help"]).output
            missing = [word for word in words if word.startswith("--") and word.split("=")[0] not in shown]
            if missing or "Usage: " not in shown:
                wrong.append(f"{page.name}: {line} ({missing})")
    assert wrong == []


def test_notebooks_are_kept_without_their_outputs(root: Path) -> None:
    kept = []
    for notebook in (root / "notebooks").glob("*.ipynb"):
        for cell in json.loads(notebook.read_text(encoding="utf-8"))["cells"]:
            if cell.get("outputs") or cell.get("execution_count"):
                kept.append(f"{notebook.name}: {cell['id']}")
    assert kept == []


def test_every_target_of_make_that_the_documents_name_exists(tracked: list[Path], root: Path) -> None:
    targets = set(re.findall(r"^([a-z]+):.*##", (root / "Makefile").read_text(), re.MULTILINE))
    named = {
        match
        for page in tracked
        if page.suffix == ".md"
        for match in re.findall(r"(?:^|`)make ([a-z]+)\b", page.read_text(encoding="utf-8"), re.MULTILINE)
    }
    assert named <= targets
