"""What is wrong with a form, field by field, in the reader's words."""

from __future__ import annotations

from typing import Final, NamedTuple

from reports.formats import count
from reports.wording import Wording

MOST: Final = 2_000
"""Most characters of a reason, as in `case_answers.Words`."""


class Faulty(NamedTuple):
    """A field and what to do about it."""

    field: str
    text: str


def long(field: str, text: str, words: Wording, most: int = MOST) -> list[Faulty]:
    """The fault of a text that is too long, if it is."""
    return [Faulty(field, words("desk.fault_long", most=count(most)))] if len(text) > most else []
