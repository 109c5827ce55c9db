"""Pages that commands wrote to a folder (`portfolio`, `monitor`), taken into the frame of the desk."""

from __future__ import annotations

import re
from pathlib import Path

from markupsafe import Markup

from reports.formats import Lang

PAGE = "index.html"
_BODY = re.compile(
    r'<main class="(?:in in-(?P<lang>en|zh)|only)" lang="(?P<tag>[a-zA-Z-]+)">\n(?P<body>.*?)\n</main>', re.S
)
_FILE = re.compile(r"(?:rows/)?[a-z0-9_]{1,80}\.csv")


def written_body(folder: Path, lang: Lang) -> Markup | None:
    """The body in a language of the page that a command wrote, of another where it has only that; None: no page.

    `reports.pages.page` wrote it: everything in it that came from data was escaped then.
    """
    try:
        text = (folder / PAGE).read_text("utf-8")
    except (FileNotFoundError, NotADirectoryError):
        return None
    bodies = {("zh" if one["tag"].startswith("zh") else "en"): one["body"] for one in _BODY.finditer(text)}
    found = bodies.get(lang) or next(iter(bodies.values()), None)
    return None if found is None else Markup(found)


def written_file(folder: Path, name: str) -> Path | None:
    """The CSV file of that name beside the page, None where there is none or the name means anything else."""
    path = folder / name
    return path if _FILE.fullmatch(name) and path.is_file() and not path.is_symlink() else None
