"""Keeping what a scorer is made of, before anything is said with it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from book.settings import Settings
from features.context import Context
from features.context_file import context_text
from models.bundle import Bundle, files
from policy.pack import Pack
from serving.archive import names
from serving.archive.code import code_hash, libraries, program
from serving.archive.folder import Archive, Unkept
from serving.journal.chain import canonical, digest
from serving.journal.entries import Means
from serving.journal.journal import Journal
from serving.scorer import Scorer


@dataclass
class Keeper:
    """Writes the files of a scorer to the archive, and then the entry of the journal that names them.

    `own` are the files with features of the lender's own, in their order. One entry for each change of what a process
    scores with; the entries of its chain from there on were made with it.
    """

    archive: Archive
    journal: Journal
    actor: str = "api"
    own: Sequence[Path] = ()
    _last: Means | None = field(default=None, init=False)

    def keep(self, scorer: Scorer) -> None:
        """Keep what a scorer is made of, as `keep_all`."""
        self.keep_all(scorer.bundle, scorer.pack, scorer.settings, scorer.context)

    def keep_all(
        self, bundle: Bundle, pack: Pack, settings_: Settings, context: Context | None, file: Path | None = None
    ) -> None:
        """Keep all of it; returns after the commit, with everything on disk.

        `file` holds the figures of cohorts and is written to by nobody. Raises OSError, Unkept, JournalDown: then
        nothing may be said with it.
        """
        for name, content in files(bundle).items():
            self.archive.put(names.of_bundle(bundle.id, name), content)
        self._pack(pack)
        if context is not None:
            self._context(context, file)
        settings = names.settings_text(settings_)
        self.archive.put(names.of_settings(digest(settings)), settings)
        self._own(bundle.own)
        self._write(
            Means(
                bundle_id=bundle.id,
                pack=pack.id,
                pack_hash=pack.hash,
                context_hash=context.hash if context else "",
                settings_hash=digest(settings),
                version=program(),
                code_hash=code_hash(),
                libraries=libraries(),
                actor=self.actor,
            )
        )

    def _pack(self, pack: Pack) -> None:
        for part in pack.parts:
            content = part.text.encode("utf-8")
            if digest(content) != part.hash:
                raise Unkept(f"the policy pack {part.id}: its text is not the one it was read from")
            self.archive.put(names.of_part(part.hash), content)
        self.archive.put(names.of_pack(pack.hash), canonical(sorted(part.hash for part in pack.parts)))

    def _context(self, context: Context, file: Path | None) -> None:
        name = names.of_context(context.hash)
        if file is not None:
            self.archive.link(name, file)
        elif not self.archive.has(name):
            self.archive.put(name, context_text(context))

    def _own(self, own: Mapping[str, str]) -> None:
        """The lender's own files, which may have been changed since they were imported."""
        at = {path.name: path for path in self.own}
        for name, wanted in own.items():
            kept = names.of_own(wanted)
            if self.archive.has(kept):
                continue
            content = at[name].read_bytes() if name in at else b""
            if digest(content) != wanted:
                raise Unkept(f"own features {name} ({wanted[:12]}...): the file was changed since it was read")
            self.archive.put(kept, content)

    def _write(self, means: Means) -> None:
        if means != self._last:
            self.journal.write(means).result()
            self._last = means
