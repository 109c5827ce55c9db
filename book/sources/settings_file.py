"""The settings file of a book, written in a fixed order."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from pathlib import Path

Value = str | int | float | bool | datetime | tuple[str, ...] | Mapping[str, int]


def write_settings(folder: Path, remark: str, settings: Mapping[str, Value]) -> None:
    """Write `book.toml`: plain keys first, then tables of whole numbers."""
    lines = [f"# {remark}"]
    plain = {name: value for name, value in settings.items() if not isinstance(value, Mapping)}
    lines += [f"{name} = {_text(value)}" for name, value in plain.items()]
    for name, value in settings.items():
        if isinstance(value, Mapping):
            lines += ["", f"[{name}]", *(f"{key} = {number}" for key, number in value.items())]
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "book.toml").write_text("\n".join(lines) + "\n", encoding="utf-8")


def _text(value: Value) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, tuple):
        return "[" + ", ".join(_text(item) for item in value) + "]"
    if isinstance(value, datetime):
        return value.isoformat()
    return str(value) if isinstance(value, int | float) else '"' + str(value) + '"'
