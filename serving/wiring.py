"""How the parts of the service are put together, and where a worker process finds what it needs."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from pathlib import Path

import msgspec

from book.errors import Refusal
from book.pseudonym import pseudonyms_from_environment
from book.request import decode, example
from book.settings import Settings
from features.catalogue import CATALOGUE, Catalogue
from features.context_file import CONTEXT, read_context
from features.own import catalogue_with
from models.opening import load_bundle
from policy.pack import PACKS, STANDARD, Pack, load_pack
from serving.access.door import door_from_environment
from serving.archive import Archive, Keeper, archive_folder
from serving.backing import Backing, BookStore
from serving.champion import Champion, Keep
from serving.desk.desk import CAPACITY, DeskOptions
from serving.incoming import Incoming
from serving.journal import Journal
from serving.lean import import_arrow
from serving.memory import NOTHING, Memory, Runs
from serving.render import score_outs
from serving.ruling import rule
from serving.scorer import Scorer
from serving.service import Limits, Service, dossiers_of
from serving.webhooks.announcing import NOBODY, Messages
from serving.webhooks.endpoints import read_endpoints

NO_OPTIONS = DeskOptions()
NONE, JOURNAL = "none", "sqlite:///out/journal.db"


@dataclass(frozen=True)
class Wiring:
    """Where the service finds its champion, its policy pack, features of the lender's own, and book settings
    if they are not the champion's; the journal's URL ("none": nothing is kept, for demonstrations), the folder of the
    store of the book and that of nightly runs; what the desk shows; the file of systems that hear of alerts; and the
    archive of what scores are made with, if it is not beside the journal.
    """

    models_dir: Path
    pack: str = "grades"
    book: Path | None = None
    own: tuple[Path, ...] = ()
    journal: str = NONE
    store: Path | None = None
    segments: Path | None = None
    desk: DeskOptions = NO_OPTIONS
    webhooks: Path | None = None
    archive: Path | None = None

    def environment(self) -> dict[str, str]:
        """As variables that a worker process inherits."""
        found = {"LOANWATCH_MODELS": str(self.models_dir), "LOANWATCH_PACK": self.pack}
        found |= {"LOANWATCH_OWN_FEATURES": os.pathsep.join(str(path) for path in self.own)} if self.own else {}
        paths = {"LOANWATCH_BOOK": self.book, "LOANWATCH_STORE": self.store, "LOANWATCH_SEGMENTS": self.segments}
        paths |= {"LOANWATCH_PORTFOLIO": self.desk.portfolio, "LOANWATCH_MONITOR": self.desk.monitor}
        paths |= {"LOANWATCH_WEBHOOKS": self.webhooks, "LOANWATCH_ARCHIVE": self.archive}
        found |= {name: str(path) for name, path in paths.items() if path}
        found |= {"LOANWATCH_CAPACITY": str(self.desk.capacity)}
        return found | {"LOANWATCH_JOURNAL": self.journal}

    @classmethod
    def read(cls, environment: Mapping[str, str] = os.environ) -> Wiring:
        """From the variables that `environment()` sets."""
        return cls(
            Path(environment.get("LOANWATCH_MODELS", "out/models")),
            environment.get("LOANWATCH_PACK", "grades"),
            _path(environment, "LOANWATCH_BOOK"),
            tuple(Path(path) for path in environment.get("LOANWATCH_OWN_FEATURES", "").split(os.pathsep) if path),
            environment.get("LOANWATCH_JOURNAL", JOURNAL),
            _path(environment, "LOANWATCH_STORE"),
            _path(environment, "LOANWATCH_SEGMENTS"),
            DeskOptions(
                int(environment.get("LOANWATCH_CAPACITY") or CAPACITY),
                _path(environment, "LOANWATCH_PORTFOLIO"),
                _path(environment, "LOANWATCH_MONITOR"),
            ),
            _path(environment, "LOANWATCH_WEBHOOKS"),
            _path(environment, "LOANWATCH_ARCHIVE"),
        )

    def backing(self) -> Backing:
        """The door, the journal and the store; close it when done.

        Raises Refusal where nobody could be let in, nothing would be kept outside demo mode, or one cannot be opened.
        """
        door = door_from_environment()
        if self.journal == NONE:
            if not door.demo:
                raise Refusal("--journal: got none; allowed outside --demo: the URL of a journal, every answer is kept")
            return Backing(door)
        journal = Journal.open(self.journal)
        try:
            incoming = Incoming(journal)
            store = open_store(self.store, incoming) if self.store else None
            runs = open_runs(self.segments, journal) if self.segments else None
        except BaseException:
            journal.close()
            raise
        return Backing(door, journal, store, Memory(journal, runs), incoming)

    def keeper(self, journal: Journal | None) -> Keep:
        """What keeps that from which a scorer is made; nothing is kept without a journal."""
        if journal is None:
            return lambda _: None
        return Keeper(Archive(archive_folder(self.journal, self.archive)), journal, "api", self.own).keep

    def service(self, limits: Limits | None = None, memory: Memory = NOTHING, keep: Keep = lambda _: None) -> Service:
        """The service, its champion not read yet; `keep` as `keeper` gives it.

        Raises Refusal where the pack, the settings or the endpoints cannot be used, or there is no key for pseudonyms.
        """
        pseudonyms_from_environment()
        messages = Messages(read_endpoints(self.webhooks)) if self.webhooks else NOBODY
        load_pack(named_pack(self.pack), _today())  # its faults are told before anything is loaded
        settings = _settings(self.book) if self.book else None
        catalogue = catalogue_with(self.own)

        def build(folder: Path) -> Scorer:
            return warm_scorer(folder, load_pack(named_pack(self.pack), _today()), settings, catalogue)

        champion = Champion(self.models_dir, build, keep, _today)
        return Service(champion, limits or Limits(), memory, messages)


def open_store(folder: Path, events: Incoming) -> BookStore:
    """The store in a folder, with the events that came since."""
    import_arrow()  # a server without a store never needs it
    from book.store import Store

    return Store.open(folder, events=events)


def open_runs(folder: Path, journal: Journal) -> Runs:
    """The nightly runs in a folder."""
    import_arrow()
    from serving.nights import Nights

    return Nights(folder, journal)


def _path(environment: Mapping[str, str], name: str) -> Path | None:
    value = environment.get(name)
    return Path(value) if value else None


def _settings(book: Path) -> Settings:
    """The settings in a folder's book.toml, but not when its extract was taken: requests are newer."""
    from book.load import (
        read_settings,
    )  # brings in polars, which a server without a book of its own never needs

    return replace(read_settings(book), received_at=None)


def named_pack(name: str) -> str | Path:
    """A pack by its name, or the file or folder where the name is a path to one."""
    shipped = name == STANDARD or (PACKS / f"{name}.toml").is_file()
    return Path(name) if name.endswith(".toml") or os.sep in name or (not shipped and Path(name).is_dir()) else name


def _today() -> int:
    """The day by the clock of the server, since 1970-01-01: policy changes with it."""
    return (datetime.now().astimezone().date() - date(1970, 1, 1)).days


def warm_scorer(folder: Path, pack: Pack, settings: Settings | None, catalogue: Catalogue = CATALOGUE) -> Scorer:
    """The scorer of a bundle folder, after it has scored the worked example: compiled, and known to work."""
    context = folder.parent.parent / CONTEXT
    cohorts = read_context(context) if context.is_file() else None
    scorer = Scorer(load_bundle(folder, catalogue), pack, settings, 1, catalogue, cohorts, "background")
    request = decode(example_body(), scorer.settings)
    score_outs(rule(dossiers_of([request], scorer), scorer, NOTHING))
    return scorer


def example_body() -> bytes:
    """The worked example of a request, as a client sends it."""
    return msgspec.json.encode(example())
