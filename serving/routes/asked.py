"""Parameters of addresses: ids, numbers and words, refused by their names like the fields of a body."""

from __future__ import annotations

import re
from collections.abc import Sequence

from starlette.requests import Request

from book.errors import Fault, RequestRefused, nearest
from serving.errors import NotHeld

MOST = 1_000
_TEXT = re.compile(r"[^\x00-\x1f\x7f\ud800-\udfff]{1,200}")


class Asked:
    """The query of a request. `whole` raises RequestRefused with all its faults; call it after the last question."""

    def __init__(self, request: Request, *names: str) -> None:
        self._query = request.query_params
        self._faults = [
            Fault("unknown_field", "there is no such parameter", path=f"query.{name[:50]}", allowed=", ".join(names),
                  nearest=nearest(name, names) or "")
            for name in self._query
            if name not in names
        ]  # fmt: skip

    def number(self, name: str, default: int | None, least: int, most: int) -> int | None:
        """A whole number."""
        text = self._query.get(name)
        if text is None:
            return default
        if not (text.isascii() and text.isdecimal() and len(text) < 19 and least <= int(text) <= most):
            self._refuse(name, text, f"a whole number from {least:,} to {most:,}")
            return default
        return int(text)

    def text(self, name: str, choices: Sequence[str] = ()) -> str | None:
        """A text, one of `choices` where there are some."""
        text = self._query.get(name)
        if text is not None and (not _TEXT.fullmatch(text) or (choices and text not in choices)):
            self._refuse(name, text, ", ".join(choices) or "1 to 200 printable characters")
            return None
        return text

    def whole(self) -> None:
        """Raise what was found."""
        if self._faults:
            raise RequestRefused(self._faults)

    def _refuse(self, name: str, text: str, allowed: str) -> None:
        got = repr(text[:50])
        self._faults.append(
            Fault("not_allowed", "the parameter cannot be used", path=f"query.{name}", got=got, allowed=allowed)
        )


def id_of(text: str, what: str) -> str:
    """An id out of an address. Raises NotHeld for what cannot be one."""
    if not _TEXT.fullmatch(text):
        raise NotHeld(f"{what}: got {text[:50]!r}, which is no id")
    return text
