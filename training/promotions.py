"""The promotions file: who made which model the champion, when, and on what grounds. Lines are only ever added."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Literal

from book.errors import Refusal

FILE = "promotions.jsonl"
Action = Literal["promote", "rollback", "pull"]


@dataclass(frozen=True)
class Promotion:
    """One change of the champion.

    `bundle` took the place of `before` ("" where there was none) at `at` (ISO, with time zone); `gates` gives the
    status of every gate; `approver` and `reason` are set where a person answered for it, and `proof` says how that
    person showed it: "key" or "token" of their own, "name" where it was only given.
    """

    action: Action
    at: str
    by: str
    bundle: str
    before: str
    status: str = ""
    gates: Mapping[str, str] = field(default_factory=dict)
    approver: str = ""
    reason: str = ""
    proof: str = ""


def append(promotion: Promotion, models_dir: Path) -> None:
    """Add a line, on disk when this returns."""
    line = json.dumps(asdict(promotion), ensure_ascii=False, allow_nan=False) + "\n"
    handle = os.open(models_dir / FILE, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o644)
    try:
        os.write(handle, line.encode("utf-8"))
        os.fsync(handle)
    finally:
        os.close(handle)


def promotions(models_dir: Path) -> list[Promotion]:
    """All changes, oldest first; Refusal naming the line that cannot be read."""
    path = models_dir / FILE
    if not path.is_file():
        return []
    found = []
    for number, line in enumerate(path.read_text("utf-8").splitlines(), 1):
        try:
            found.append(Promotion(**json.loads(line)))
        except (TypeError, ValueError) as error:
            raise Refusal(f"{path}, line {number}: is not a promotion: {error}") from error
    return found


def before_last(models_dir: Path) -> str | None:
    """The champion before the present one: promotions and rollbacks played through; None where there was none."""
    held: list[str] = []
    for one in promotions(models_dir):
        if one.action == "rollback":
            held = held[:-1]
        else:
            held = [*(held or ([one.before] if one.before else [])), one.bundle]
    return held[-2] if len(held) > 1 else None
