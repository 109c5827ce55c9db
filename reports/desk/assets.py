"""Style, script and mark of the desk: files of our own, named with a piece of their hash so that browsers keep them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from hashlib import sha256
from importlib import resources
from types import MappingProxyType

WHERE = "/desk/static"
_FILES = {
    "report.css": ("templates/style.css", "text/css; charset=utf-8"),
    "desk.css": ("desk/static/desk.css", "text/css; charset=utf-8"),
    "desk.js": ("desk/static/desk.js", "text/javascript; charset=utf-8"),
    "mark.svg": ("desk/static/mark.svg", "image/svg+xml"),
}


@dataclass(frozen=True)
class Asset:
    """A file as it is sent; `mark` changes with its content."""

    content: bytes
    media: str
    mark: str


@cache
def assets() -> Mapping[str, Asset]:
    """The files by name."""
    found = {}
    for name, (path, media) in _FILES.items():
        content = resources.files("reports").joinpath(path).read_bytes()
        found[name] = Asset(content, media, sha256(content).hexdigest()[:12])
    return MappingProxyType(found)


def address(name: str) -> str:
    """Where a file is, with the mark of its content. KeyError for one that is not there."""
    return f"{WHERE}/{name}?v={assets()[name].mark}"
