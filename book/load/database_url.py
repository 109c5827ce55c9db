"""How a book in a database is named."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Final

_URL: Final = re.compile(r"(postgresql(?:\+psycopg)?|postgres|sqlite):/+(.*)", re.DOTALL)


def is_database(place: Path | str) -> bool:
    """Whether a book is named by the URL of a database."""
    return _URL.fullmatch(str(place)) is not None


def database_url(place: Path | str) -> str:
    """The URL as SQLAlchemy takes it. One that went through a path has lost slashes, which are put back."""
    found = _URL.fullmatch(str(place))
    if found is None:
        raise ValueError(f"not the URL of a database: {place}")
    kind, rest = found[1], found[2]
    if kind != "sqlite":
        return f"postgresql+psycopg://{rest}"
    absolute = str(place).startswith("sqlite:////") or Path(f"/{rest}").exists()
    return f"sqlite:///{'/' if absolute else ''}{rest}"
