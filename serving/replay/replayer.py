"""From the id of a past score to whether it comes out again."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import cast

import numpy as np

from book.errors import Refusal
from book.settings import Settings
from book.store import Store, UnknownLoan
from book.tables import Tables
from features.catalogue import CATALOGUE, Catalogue
from policy.pack import Pack
from serving.archive.code import code_hash, program
from serving.archive.folder import Archive
from serving.archive.reading import short
from serving.journal.entries import Means as Made
from serving.journal.journal import Journal
from serving.journal.segments import Segments
from serving.journal.tables_payload import unpack_tables
from serving.replay.again import say_again
from serving.replay.comparing import Replayed, compared
from serving.replay.means import Means
from serving.replay.told import Told, made_with, told_of

Found = tuple[Tables, Settings | None]


@dataclass(frozen=True)
class Replayer:
    """Where what scores were made from is kept; `settings` are those of the service where not those of the bundle."""

    journal: Journal
    means: Means
    segments: Segments | None = None
    store: Store | None = None
    settings: Settings | None = None

    @classmethod
    def of(
        cls,
        journal: Journal,
        models_dir: Path,
        packs: Sequence[Pack],
        segments: Segments | None = None,
        store: Store | None = None,
        contexts: Sequence[Path] = (),
        catalogue: Catalogue = CATALOGUE,
        archive: Archive | None = None,
    ) -> Replayer:
        """A replayer with the packs at hand."""
        return cls(journal, Means(models_dir, lambda _: packs, contexts, catalogue, archive), segments, store)

    def replay(self, score_id: str) -> Replayed:
        """Judge a loan again, with the borrower's others. Raises Refusal where the journal does not know the score."""
        told = told_of(self.journal, self.segments, score_id)
        made = made_with(self.journal, told)
        return replace(self._again(told, made), program=_program(made))

    def _again(self, told: Told, made: Made | None) -> Replayed:
        score_id, gone = told.score_id, list[str]()
        found = self._tables(told, gone)
        scorer = self.means.scorer(told.columns, str(told.said.get("explainer")), found[1] if found else None, made)
        if found is None or isinstance(scorer, list):
            return Replayed(score_id, (), (), (*gone, *(scorer if isinstance(scorer, list) else ())))
        tables, loan_id = found[0], told.columns["loan_id"]
        at = np.flatnonzero(tables.loan_ids == loan_id)
        if not len(at):
            return Replayed(score_id, (), (), (f"loan {loan_id} is not in the data that was kept",))
        return compared(score_id, told.said, say_again(told, tables, int(at[0]), scorer))

    def _tables(self, told: Told, gone: list[str]) -> Found | None:
        """What the score was computed from, and the settings that belong to it."""
        data = told.data
        if data is None:
            gone.append("the data of the request: it was erased or damaged")
            return None
        if isinstance(data, bytes):
            return unpack_tables(data), self.settings
        if self.store is None or not data["store"]:
            gone.append("the store of the book: it was not given" if data["store"] else "the store: none was written")
            return None
        return self._stored(self.store, data, gone)

    def _stored(self, store: Store, data: Mapping[str, object], gone: list[str]) -> Found | None:
        name, upto = str(data["store"]), cast(int, data["upto"])
        try:
            return store.tables([str(data["borrower"])], upto, name), store.get(name).settings
        except (Refusal, UnknownLoan) as error:
            gone.append(f"the book as it was then: {error}")
            return None


def _program(made: Made | None) -> str:
    """Which program made a score, beside this one."""
    if made is None:
        return ""
    this = "this one" if made.code_hash == code_hash() else f"not this one: {program()}, code {short(code_hash())}"
    return f"made by Loanwatch {made.version}, code {short(made.code_hash)} ({this}), {made.libraries}"
