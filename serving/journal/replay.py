"""Computing a past score again, from what was kept of it, and saying whether the same bits come out."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import msgspec
import numpy as np

from book.errors import Refusal
from book.known import known
from book.settings import Settings
from book.store import Store, UnknownLoan
from book.tables import Tables
from features.catalogue import CATALOGUE, Catalogue
from features.context import Context
from models.opening import load_bundle
from policy.pack import Pack
from serving.journal.errors import Damaged
from serving.journal.from_scores import score_columns
from serving.journal.journal import Journal
from serving.journal.kinds import same_bits
from serving.journal.segments import Segments
from serving.journal.tables_payload import unpack_tables
from serving.scorer import Scorer
from serving.scores import Scores

COMPARED: Final = ("status", "pd", "raw", "feature_hash", "dpd", "exposure", "context_hash")
"""What must come out again, to the bit."""
JUDGED: Final = ("grade", "tier", "floor", "five_class", "stage", "action")
"""What the policy said; compared where it can be judged again."""


@dataclass(frozen=True)
class Told:
    """What was said of a loan, and from what: columns of the score, the state used, and where its data is."""

    score_id: str
    columns: dict[str, Any]
    data: dict[str, Any] | bytes | None
    state_used: dict[str, Any] | None


@dataclass(frozen=True)
class Differs:
    """One value that did not come out again."""

    name: str
    was: Any
    now: Any


@dataclass(frozen=True)
class Replayed:
    """The result: what was compared, what differs, and what is gone so that nothing could be computed."""

    score_id: str
    compared: tuple[str, ...]
    differs: tuple[Differs, ...]
    gone: tuple[str, ...]

    @property
    def same(self) -> bool:
        """Everything could be computed again and came out to the same bits."""
        return not self.gone and not self.differs


Judge = Callable[[Tables, int, Told, Scores], dict[str, Any]]
"""Given the tables, the position of the loan, what was told and the new scores: the columns of `JUDGED` again."""


@dataclass(frozen=True)
class Replayer:
    """Where what scores were made from is kept.

    `packs` are those at hand (found by hash), `context` the cohort figures, `settings` those of the service where they
    were not the bundle's, `judge` what applies the policy as the service does.
    """

    journal: Journal
    models_dir: Path
    packs: Sequence[Pack]
    segments: Segments | None = None
    store: Store | None = None
    context: Context | None = None
    settings: Settings | None = None
    catalogue: Catalogue = CATALOGUE
    judge: Judge | None = None

    def replay(self, score_id: str) -> Replayed:
        """Compute one score again. Raises Refusal where the journal does not know it."""
        told = self._told(score_id)
        gone: list[str] = []
        found = self._tables(told, gone)
        scorer = self._scorer(told, found[1] if found else None, gone)
        if found is None or scorer is None:
            return Replayed(score_id, (), (), tuple(gone))
        tables = found[0]
        at = np.flatnonzero(tables.loan_ids == told.columns["loan_id"])
        if not len(at):
            return Replayed(score_id, (), (), (f"loan {told.columns['loan_id']} is not in the data that was kept",))
        loan = np.array([at[0]], np.int32)
        as_of, cutoff = np.array([told.columns["as_of"]], np.int32), np.array([told.columns["cutoff"]], np.int64)
        scores = scorer.score(known(tables, loan, as_of, cutoff, scorer.settings))
        again = score_columns(scores, 0)
        compared = list(COMPARED)
        if self.judge is not None:
            again |= self.judge(tables, int(at[0]), told, scores)
            compared += [name for name in JUDGED if name in again]
        differs = [
            Differs(name, told.columns[name], again[name])
            for name in compared
            if name in told.columns and not same_bits(told.columns[name], again[name])
        ]
        return Replayed(score_id, tuple(name for name in compared if name in told.columns), tuple(differs), ())

    def _told(self, score_id: str) -> Told:
        kept = self.journal.score(score_id)
        if kept is not None:
            columns = {name: getattr(kept.entry, name) for name in kept.entry.__struct_fields__}
            state = self.journal.value(kept.entry.state_used)
            return Told(score_id, columns, self._data(kept.entry.data), state)
        return self._nightly(score_id)

    def _data(self, name: str) -> dict[str, Any] | bytes | None:
        try:
            content = self.journal.payload(name)
        except (Damaged, KeyError):
            return None
        if content is None or not content.startswith(b"{"):
            return content
        made: dict[str, Any] = msgspec.json.decode(content)
        return made

    def _nightly(self, score_id: str) -> Told:
        """A row of a nightly run: segment, part and row number."""
        name, _, rest = score_id.rpartition(".")[0].rpartition(".")
        row = score_id.rpartition(".")[2]
        segment = self.segments.get(name) if self.segments and name and row.isdecimal() else None
        if segment is None:
            raise Refusal(f"score {score_id}: the journal does not know it")
        try:
            columns = segment.row(rest, int(row))
        except LookupError as error:
            raise Refusal(f"score {score_id}: {error.args[0]}") from None
        facts = segment.entry
        columns |= {"as_of": facts.as_of, "cutoff": facts.cutoff, "bundle_id": facts.bundle_id}
        columns |= {"pack_hash": facts.pack_hash, "context_hash": facts.context_hash}
        state = columns.get("state_used")
        data = {"store": facts.store, "upto": 0, "borrower": columns["borrower_id"]}
        return Told(score_id, columns, data, msgspec.json.decode(state) if state else None)

    def _tables(self, told: Told, gone: list[str]) -> tuple[Tables, Settings | None] | None:
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
        try:
            generation = self.store.get(data["store"])
            tables = self.store.tables([data["borrower"]], data["upto"], data["store"])
        except (Refusal, UnknownLoan) as error:
            gone.append(f"the book as it was then: {error}")
            return None
        return tables, generation.settings

    def _scorer(self, told: Told, settings: Settings | None, gone: list[str]) -> Scorer | None:
        """A scorer of the bundle and the pack that were used then."""
        bundle_id, pack_hash = str(told.columns["bundle_id"]), str(told.columns["pack_hash"])
        pack = next((pack for pack in self.packs if pack.hash == pack_hash), None)
        if pack is None:
            gone.append(f"the policy pack {pack_hash[:12]}...: none of those given has this hash")
        folder = self.models_dir / "bundles" / bundle_id
        if not folder.is_dir():
            gone.append(f"the bundle {bundle_id[:12]}...: {folder} is not there")
        context = self.context
        if told.columns.get("context_hash") and (context is None or context.hash != told.columns["context_hash"]):
            gone.append(f"the cohort figures {told.columns['context_hash'][:12]}...: those given have another hash")
        if gone or pack is None:
            return None
        try:
            bundle = load_bundle(folder, self.catalogue)
        except Refusal as error:
            gone.append(f"the bundle {bundle_id[:12]}...: {error}")
            return None
        used = context if told.columns.get("context_hash") else None
        return Scorer(bundle, pack, settings, 1, self.catalogue, used)
