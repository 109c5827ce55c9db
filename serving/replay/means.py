"""What scores were made with, found again by hash: bundles, policy packs and the figures of cohorts."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Literal, TypeVar

from book.errors import Refusal
from book.settings import Settings
from features.catalogue import CATALOGUE, Catalogue
from features.context import Context
from features.context_file import read_context
from features.own import catalogue_with
from models.bundle import Bundle
from models.explain.explainer import BOOSTER
from models.opening import load_bundle
from policy.pack import Pack
from serving.archive.folder import Archive
from serving.archive.reading import kept_bundle, kept_context, kept_own, kept_pack, kept_settings, own_of, short
from serving.journal.entries import Means as Entry
from serving.scorer import Scorer

T = TypeVar("T")


@dataclass(frozen=True)
class Means:
    """Where bundles, packs and figures are kept.

    `packs` gives those at hand that may have held on a day; `contexts` are files of figures. `archive` is where they
    were kept when the score was made. All are found by hash. Features of the lender's own are programs: those of the
    archive are run where `run_own` allows it.
    """

    models_dir: Path
    packs: Callable[[int], Sequence[Pack]]
    contexts: Sequence[Path] = ()
    catalogue: Catalogue = CATALOGUE
    archive: Archive | None = None
    run_own: bool = False
    _made: dict[Any, Scorer] = field(default_factory=dict, repr=False, compare=False)
    _folders: list[TemporaryDirectory[str]] = field(default_factory=list, repr=False, compare=False)

    def scorer(
        self, columns: Mapping[str, Any], explainer: str, settings: Settings | None, made: Entry | None = None
    ) -> Scorer | list[str]:
        """The scorer that made a score with these columns, or everything of it that is gone.

        `made` is the entry that says with what: it has the settings where `settings` are not given. Contributions
        differ in their last bits with what makes them: the booster is asked where it was asked then.
        """
        gone: list[str] = []
        settings = settings or self._settings(made, gone)
        names = [str(columns[name]) for name in ("bundle_id", "pack_hash", "context_hash")]
        tables: Literal["never", "now"] = "never" if explainer == BOOSTER else "now"
        key = (*names, tables, None if settings is None else repr(settings))
        if key in self._made:
            return self._made[key]
        pack_id = made.pack if made else str(columns["pack"]).rpartition(" ")[0]
        found, pack = self._bundle(names[0], gone), self._pack(names[1], int(columns["as_of"]), pack_id, gone)
        context = self._context(names[2], gone) if names[2] else None
        if found is None or pack is None or gone:
            return gone
        self._made[key] = Scorer(found[0], pack, settings, 1, found[1], context, tables)
        return self._made[key]

    def _settings(self, made: Entry | None, gone: list[str]) -> Settings | None:
        if made is None or self.archive is None:
            return None
        return _first([partial(kept_settings, self.archive, made.settings_hash)], "the settings", gone)

    def _bundle(self, name: str, gone: list[str]) -> tuple[Bundle, Catalogue] | None:
        """The bundle, with the features it was trained on."""
        folder = self.models_dir / "bundles" / name
        ways: list[Callable[[], tuple[Bundle, Catalogue] | None]] = [
            lambda: (load_bundle(folder, self.catalogue), self.catalogue) if folder.is_dir() else None,
            lambda: (kept_bundle(self.archive, name, self.catalogue), self.catalogue) if self.archive else None,
        ]
        if self.run_own:
            ways.append(lambda: self._with_own(name))
        return _first(ways, f"the bundle {short(name)}: {folder} is not there", gone)

    def _with_own(self, name: str) -> tuple[Bundle, Catalogue] | None:
        """The bundle with the features of the lender's own that were kept with it, which are imported here."""
        if self.archive is None:
            return None
        folder = TemporaryDirectory()  # the sources stay readable while their functions may be called
        self._folders.append(folder)
        catalogue = catalogue_with(kept_own(self.archive, own_of(self.archive, name), Path(folder.name)))
        return kept_bundle(self.archive, name, catalogue), catalogue

    def _pack(self, wanted: str, as_of: int, id_: str, gone: list[str]) -> Pack | None:
        ways: list[Callable[[], Pack | None]] = [
            lambda: next((pack for pack in self.packs(as_of) if pack.hash == wanted), None),
            lambda: kept_pack(self.archive, wanted, id_) if self.archive else None,
        ]
        return _first(ways, f"the policy pack {short(wanted)}: none of those given has this hash", gone)

    def _context(self, wanted: str, gone: list[str]) -> Context | None:
        ways: list[Callable[[], Context | None]] = [
            lambda: kept_context(self.archive, wanted) if self.archive else None,
            lambda: next(_with_hash(self.contexts, wanted), None),
        ]
        return _first(ways, f"the cohort figures {short(wanted)}: none of those kept has this hash", gone)


def _with_hash(paths: Iterable[Path], wanted: str) -> Iterator[Context]:
    for path in paths:
        try:
            context = read_context(path)
        except Refusal:
            continue
        if context.hash == wanted:
            yield context


def _first(ways: Iterable[Callable[[], T | None]], absent: str, gone: list[str]) -> T | None:
    """What the first way finds that finds anything; else why none did goes to `gone`."""
    told = []
    for way in ways:
        try:
            found = way()
        except Refusal as refused:
            told.append(str(refused))
            continue
        if found is not None:
            return found
    gone.append("; ".join(dict.fromkeys(told)) or absent)
    return None
