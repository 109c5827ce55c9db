"""The scorer in force: follows the `champion` pointer of a models folder, keeps the last one that works."""

from __future__ import annotations

import gc
import logging
import threading
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

from book.errors import Refusal
from features.context_file import CONTEXT
from serving.errors import NoChampion
from serving.journal import JournalDown
from serving.lean import give_back
from serving.scorer import Scorer

log = logging.getLogger("loanwatch.champion")
POINTER = "champion"
Look = tuple[str, int | None, int | None, int]
"""What the pointer says; when the bundle it names and the figures of cohorts beside it were last written; the day."""
Keep = Callable[[Scorer], None]


@dataclass(frozen=True)
class State:
    """What is answering: the scorer (None: nobody), and why the bundle pointed at is not, where it is not."""

    scorer: Scorer | None = None
    refused: str | None = None


class Champion:
    """Reads `models_dir/champion` (a bundle id) and builds the scorer of `models_dir/bundles/<id>`.

    A scorer is built anew when the bundle, the figures of cohorts or the day (`today`: policy is dated) change. `keep`
    takes what it is made of to the archive before it answers; while that fails, the scorer before it stays.
    A pointer to a bundle that cannot be loaded leaves the old scorer in force; `state.refused` says why.
    Safe to read from any thread; loading happens in the thread that calls `refresh`.
    """

    def __init__(
        self,
        models_dir: Path,
        build: Callable[[Path], Scorer],
        keep: Keep = lambda _: None,
        today: Callable[[], int] = lambda: 0,
    ) -> None:
        self.pointer = models_dir / POINTER
        self._bundles = models_dir / "bundles"
        self._context = models_dir / CONTEXT
        self._build, self._keep, self._today = build, keep, today
        self._built: Scorer | None = None
        self._look: Look | None = None
        self._state = State(refused=f"{self.pointer} has not been read yet")
        self._lock = threading.Lock()

    @property
    def state(self) -> State:
        """The state at this moment."""
        return self._state

    def scorer(self) -> Scorer:
        """The scorer in force; NoChampion where there is none."""
        state = self._state
        if state.scorer is None:
            raise NoChampion(state.refused or f"{self.pointer} names no model")
        return state.scorer

    def refresh(self) -> State:
        """Read the pointer; load what is named where it or the bundle changed since the last look."""
        with self._lock:
            try:
                wanted = self.pointer.read_text(encoding="utf-8").strip()
            except FileNotFoundError:
                self._lose(f"there is no file {self.pointer}; `loanwatch train` writes it")
            except (OSError, UnicodeDecodeError) as error:
                self._lose(f"{self.pointer} cannot be read: {error}")
            else:
                self._follow(wanted)
            return self._state

    def _follow(self, wanted: str) -> None:
        folder = self._bundles / wanted
        look = wanted, _written(folder / "bundle.json"), _written(self._context), self._today()
        if look != self._look:
            self._look, self._built = look, None
            self._load(wanted, folder, look)
        if self._built is not None:
            self._take(self._built)

    def _load(self, wanted: str, folder: Path, look: Look) -> None:
        if not wanted or Path(wanted).name != wanted or look[1] is None:
            self._refuse(f"{self.pointer} names bundle {wanted!r}, and {folder} holds none")
            return
        try:
            self._built = self._build(folder)
        except Exception as error:  # noqa: BLE001  whatever is wrong with it must not take the old one down
            told = " ".join(str(error).split())
            self._refuse(told if isinstance(error, Refusal) else f"bundle {wanted} was refused: {told}")

    def _take(self, scorer: Scorer) -> None:
        """Let a scorer answer as soon as what it is made of is kept; the next look tries again where it cannot be."""
        try:
            self._keep(scorer)
        except (Refusal, OSError, JournalDown) as error:
            self._refuse(f"bundle {scorer.bundle.id} answers when it is kept for later proof: {error}")
            return
        self._state, self._built = State(scorer), None
        log.info("champion is bundle %s", scorer.bundle.id)

    def _lose(self, why: str) -> None:
        self._look = None
        self._refuse(why)

    def _refuse(self, why: str) -> None:
        if why != self._state.refused:
            held = self._state.scorer
            log.error("%s; answering with %s", why, f"bundle {held.bundle.id}" if held else "503")
        self._state = replace(self._state, refused=why)

    def watch(self, stop: threading.Event, every: float = 1.0) -> None:
        """Refresh every `every` seconds until `stop` is set; runs in a thread of its own.

        What a scorer held that was replaced goes back to the system, a little later: requests may still use it.
        """
        held = self._state.scorer
        while not stop.wait(every):
            now = self.refresh().scorer
            if now is not held and not stop.wait(every):
                held = now
                gc.collect()
                give_back()


def _written(path: Path) -> int | None:
    """When a file was last written (ns); None where it is not there."""
    try:
        return path.stat().st_mtime_ns
    except (OSError, ValueError):
        return None
