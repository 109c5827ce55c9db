"""What scores were made with, found again by hash: bundles, policy packs and the figures of cohorts."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from book.errors import Refusal
from book.settings import Settings
from features.catalogue import CATALOGUE, Catalogue
from features.context import Context
from features.context_file import read_context
from models.bundle import Bundle
from models.explain.explainer import BOOSTER
from models.opening import load_bundle
from policy.pack import Pack
from serving.scorer import Scorer


@dataclass(frozen=True)
class Means:
    """Where bundles, packs and figures are kept.

    `packs` gives those at hand that may have held on a day; `contexts` are files of figures. Both are found by hash.
    """

    models_dir: Path
    packs: Callable[[int], Sequence[Pack]]
    contexts: Sequence[Path] = ()
    catalogue: Catalogue = CATALOGUE
    _made: dict[Any, Scorer] = field(default_factory=dict, repr=False, compare=False)

    def scorer(self, columns: Mapping[str, Any], explainer: str, settings: Settings | None) -> Scorer | list[str]:
        """The scorer that made a score with these columns, or everything of it that is gone.

        Contributions differ in their last bits with what makes them: the booster is asked where it was asked then.
        """
        names = [str(columns[name]) for name in ("bundle_id", "pack_hash", "context_hash")]
        tables: Literal["never", "now"] = "never" if explainer == BOOSTER else "now"
        key = (*names, tables, None if settings is None else repr(settings))
        if key in self._made:
            return self._made[key]
        gone: list[str] = []
        bundle, pack = self._bundle(names[0], gone), self._pack(names[1], int(columns["as_of"]), gone)
        context = self._context(names[2], gone) if names[2] else None
        if bundle is None or pack is None or gone:
            return gone
        self._made[key] = Scorer(bundle, pack, settings, 1, self.catalogue, context, tables)
        return self._made[key]

    def _bundle(self, name: str, gone: list[str]) -> Bundle | None:
        folder = self.models_dir / "bundles" / name
        if not folder.is_dir():
            gone.append(f"the bundle {name[:12]}...: {folder} is not there")
            return None
        try:
            return load_bundle(folder, self.catalogue)
        except Refusal as error:
            gone.append(f"the bundle {name[:12]}...: {error}")
            return None

    def _pack(self, wanted: str, as_of: int, gone: list[str]) -> Pack | None:
        found = next((pack for pack in self.packs(as_of) if pack.hash == wanted), None)
        if found is None:
            gone.append(f"the policy pack {wanted[:12]}...: none of those given has this hash")
        return found

    def _context(self, wanted: str, gone: list[str]) -> Context | None:
        for path in self.contexts:
            try:
                context = read_context(path)
            except Refusal:
                continue
            if context.hash == wanted:
                return context
        gone.append(f"the cohort figures {wanted[:12]}...: none of those kept has this hash")
        return None
