"""Writing one section of a page of figures, the others as they are."""

from __future__ import annotations

import re
from pathlib import Path

HEAD = "# Performance\n\nEvery section is written by its command; none by hand.\n\n"


def replace_section(page: Path, title: str, text: str) -> None:
    """Put `text` (it starts with its heading) in the place of section `title` of a page, or at its end."""
    whole = page.read_text(encoding="utf-8") if page.exists() else HEAD
    section = re.compile(rf"^## {re.escape(title)}\n.*?(?=^## |\Z)", re.DOTALL | re.MULTILINE)
    if section.search(whole):
        whole = section.sub(lambda _: text.rstrip() + "\n\n", whole)
    else:
        whole = whole.rstrip() + "\n\n" + text
    page.write_text(whole.rstrip() + "\n", encoding="utf-8")
