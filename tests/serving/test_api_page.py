"""The commands of docs/api.md run as they stand against a live service, and it answers what the page shows."""

from __future__ import annotations

import csv
import json
import os
import re
import shlex
import shutil
import subprocess
import threading
import time
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import uvicorn

from book.clock import end_of_day
from book.load import load, open_book
from book.store_write import StoreWriter
from serving.access.door import Door
from serving.access.keys import WatchedKeys, add_key
from serving.access.limits import Rate, RateLimit
from serving.access.sessions import Sessions
from serving.app import create_app
from serving.backing import Backing
from serving.incoming import Incoming
from serving.journal import Journal
from serving.memory import Memory
from serving.wiring import Wiring, open_store

KEYS = {"KEY": "monitor", "OFFICER": "officer", "APPROVER": "approver", "AUDITOR": "auditor"}


@pytest.fixture(scope="module")
def page(root: Path) -> str:
    return (root / "docs" / "api.md").read_text("utf-8")


@pytest.fixture(scope="module")
def folder(page: str, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with request.json, as the page shows it, and its tables as a book."""
    made = tmp_path_factory.mktemp("page")
    text = re.search(r"`request.json` holds.*?```json\n(.*?)```", page, re.DOTALL)
    assert text
    (made / "request.json").write_text(text[1])
    (made / "book").mkdir()
    for name, rows in json.loads(text[1])["tables"].items():
        with (made / "book" / f"{name}.csv").open("w", newline="") as file:
            writer = csv.DictWriter(file, list(rows[0]))
            writer.writeheader()
            writer.writerows(rows)
    return made


def stored(folder: Path) -> Path:
    """The book as a night left it in a store."""
    book = open_book(folder / "book")
    day = (date(2024, 6, 30) - date(1970, 1, 1)).days
    cutoff = int(end_of_day(np.array([day]), book.settings.timezone)[0])
    writer = StoreWriter.begin(folder / "store", "night", settings=book.settings, as_of=day, cutoff=cutoff)
    for part in book.parts:
        writer.add(part.name, load(part, book.settings))
    writer.finish()
    return folder / "store"


@pytest.fixture(scope="module")
def shell(folder: Path, models_dir: Path) -> Iterator[dict[str, str]]:
    """The variables of a shell before a live service; `SERVICE` is its address."""
    if shutil.which("curl") is None:
        pytest.skip("needs curl")
    path, today = folder / "keys.json", date(2026, 1, 1)
    held = {name: add_key(path, f"{role} desk", [role], today) for name, role in KEYS.items()}
    door = Door(WatchedKeys(path), None, Sessions("s" * 40), RateLimit(Rate(1_000, 1_000)))
    journal = Journal.open(folder / "journal.db")
    incoming = Incoming(journal)
    backing = Backing(door, journal, open_store(stored(folder), incoming), Memory(journal), incoming)
    app = create_app(Wiring(models_dir).service(memory=backing.memory), 60, backing)
    server = uvicorn.Server(uvicorn.Config(app, port=0, log_level="warning"))
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    while not server.started:
        assert thread.is_alive()
        time.sleep(0.01)
    port = server.servers[0].sockets[0].getsockname()[1]
    yield {**os.environ, **held, "SERVICE": f"localhost:{port}"}
    server.should_exit = True
    thread.join(30)


def commands(page: str) -> list[tuple[str, str]]:
    """Each command of the page's console blocks, with what it shows as the answer."""
    found: list[tuple[str, str]] = []
    for block in re.findall(r"```console\n(.*?)```", page, re.DOTALL):
        for text in re.split(r"^\$ ", block, flags=re.MULTILINE)[1:]:
            lines = text.rstrip("\n").split("\n")
            n = 1
            while not whole("\n".join(lines[:n])):
                n += 1
            found.append(("\n".join(lines[:n]), "\n".join(lines[n:])))
    return found


def whole(command: str) -> bool:
    """Whether a command ends here: no quote is open, no line goes on."""
    try:
        shlex.split(command)
    except ValueError:
        return False
    return not command.endswith("\\")


def shown(answer: str, expected: str) -> bool:
    """Whether an answer is as shown; `...` stands for anything."""
    return re.fullmatch(".*".join(map(re.escape, expected.split("..."))), answer, re.DOTALL) is not None


def test_every_command_is_answered_as_shown(page: str, folder: Path, shell: dict[str, str]) -> None:
    script, expected = ["set -e"], []
    for number, (command, answer) in enumerate(commands(page)):
        script.append(f"exec > out-{number}\n{command.replace('localhost:8000', '$SERVICE')}")
        expected.append((command, answer))
    subprocess.run(["bash", "-c", "\n".join(script)], cwd=folder, env=shell, check=True, timeout=120)
    told = [(folder / f"out-{number}").read_text().strip() for number in range(len(expected))]
    wrong = [
        f"{command}\nshown: {answer}\ntold: {one[:800]} ... {one[-200:]}"
        for one, (command, answer) in zip(told, expected, strict=True)
        if not shown(one, answer)
    ]
    assert not wrong, "\n\n".join(wrong)
    assert sum("curl" in command for command, _ in expected) > 20


def test_every_endpoint_has_a_command(page: str) -> None:
    text = "\n".join(command for command, _ in commands(page))
    paths = re.findall(r"^\| `(?:GET|POST) (/v1[^?`]*)` \|", page, re.MULTILINE)
    assert len(paths) > 10
    for path in paths:
        pattern = re.sub(r"\\\{\w+\\\}", r"[\\w$-]+", re.escape(f"localhost:8000{path}"))
        assert re.search(rf"{pattern}(?=[\s\"?])", text), path


def test_the_problem_that_is_shown_is_the_one_that_comes(page: str, folder: Path, shell: dict[str, str]) -> None:
    blocks = [json.loads(block) for block in re.findall(r"```json\n(.*?)```", page, re.DOTALL)]
    (problem,) = [block for block in blocks if "type" in block]
    wrong: dict[str, Any] = json.loads((folder / "request.json").read_text())
    wrong["tables"]["payments"][0]["paid_on"] = problem["faults"][0]["got"]
    command = ["curl", "-s", f"{shell['SERVICE']}/v1/scores", "-H", f"x-api-key: {shell['KEY']}",
               "-H", "content-type: application/json", "-d", json.dumps(wrong)]  # fmt: skip
    told = subprocess.run(command, capture_output=True, check=True, timeout=60)
    assert json.loads(told.stdout) == problem
