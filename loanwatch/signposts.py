"""Where the demo left everything, and what to run next: for the screen and for the start page."""

from __future__ import annotations

import os
import shlex
import shutil
import sys
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from loanwatch.console import say

_ADDRESS = "http://127.0.0.1:8000/v1/scores"
_TITLES = {
    "serve": "Start the scoring service and the desk (http://127.0.0.1:8000/desk)",
    "curl": "Ask it for a score, in a second terminal",
    "report": "A report on any loan",
    "own": "The same on your own tables (docs/contract.md says what they hold)",
}


@dataclass(frozen=True)
class Signposts:
    """Of the demo in the folder `out`, scored as of `as_of` (days since 1970-01-01).

    `book` is the lender's own, None where one was simulated; `loan` is an id to name in examples;
    `request` says whether an example request was written.
    """

    out: Path
    book: Path | None
    as_of: int
    loan: str
    request: bool

    def files(self) -> dict[str, str]:
        """What lies where, by text key of the start page."""
        places = {"book": str(self.book or self.out / "book")}
        places |= {key: str(self.out / key) for key in ("check", "models", "scores", "reports")}
        return places | ({"request": str(self.out / "request.json")} if self.request else {})

    def commands(self) -> dict[str, str]:
        """What to type, by text key of the start page."""
        loanwatch, day = _program(), np.datetime64(self.as_of, "D")
        book, models = shlex.quote(self.files()["book"]), shlex.quote(str(self.out / "models"))
        found = {"serve": f"{loanwatch} serve --models {models} {self._desk()} --demo"}
        if self.request:
            body = shlex.quote(f"@{self.out / 'request.json'}")
            found["curl"] = f"curl -s -H 'content-type: application/json' -d {body} {_ADDRESS}"
        loan = shlex.quote(self.loan)
        found["report"] = f"{loanwatch} report {loan} --book {book} --as-of {day} --models {models} --demo"
        found["own"] = f"{loanwatch} demo --book FOLDER --out my-book"
        return found

    def _desk(self) -> str:
        """What the service shows on its desk: the journal, the store, the night and the pages of the demo."""
        journal = f"sqlite:///{self.out / 'journal.db'}"
        given = {"journal": journal} | {name: self.out / name for name in ("store", "segments", "portfolio", "monitor")}
        return " ".join(f"--{name} {shlex.quote(str(value))}" for name, value in given.items())

    def tell(self, seconds: float) -> None:
        """Print all of it."""
        say(f"\nDone in {seconds:.0f} s. Open {self.out / 'index.html'} in a browser.\n")
        for key, place in self.files().items():
            say(f"  {key:<9}{place}")
        say("\nWhat to run next")
        for key, command in self.commands().items():
            say(f"  {_TITLES[key]}:\n    {command}")


def _program() -> str:
    """How to call loanwatch here: its name where the shell finds it, else the path beside this Python."""
    if shutil.which("loanwatch"):
        return "loanwatch"
    path = Path(sys.executable).parent / "loanwatch"
    return shlex.quote(os.path.relpath(path)) if path.is_relative_to(Path.cwd()) else shlex.quote(str(path))
