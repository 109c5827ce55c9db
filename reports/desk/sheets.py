"""Tables to take away: CSV that spreadsheets open as it is meant, whatever borrowers are called."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence

MARK = "\ufeff"
"""Tells spreadsheets that the text is UTF-8, so that Chinese is read right."""
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")


def sheet(head: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """A CSV text. A text that a spreadsheet would take for a formula gets an apostrophe in front; numbers do not."""
    out = io.StringIO(newline="")
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow([plain(one) for one in head])
    for row in rows:
        writer.writerow([plain(one) for one in row])
    return MARK + out.getvalue()


def plain(value: object) -> object:
    """A cell that computes nothing."""
    if isinstance(value, str) and value.lstrip(" ").startswith(_FORMULA):
        return "'" + value
    return "" if value is None else value
