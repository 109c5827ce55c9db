"""From what was known of loans to their scores: one code path for the API, batch files and notebooks."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields, replace
from hashlib import sha256
from types import MappingProxyType
from typing import Any

import numpy as np
from numpy.typing import NDArray

from book.dossiers import Dossiers
from book.settings import Settings
from features.catalogue import CATALOGUE, Catalogue
from features.context import Context
from features.history import History
from features.standing import STATUSES, standing
from models.bundle import Bundle
from models.predict import Model, When
from models.reasons import Reasoner, Reasons
from policy.pack import Pack
from policy.tiers import SCORED, State, grade, tier
from serving.notes import assumed_share, notes, spans
from serving.scores import Floats, Scores, Strings

ALREADY_LATE = "already_late"
"""The status, in place of `scored`, of a loan past due that a model of current loans cannot be asked about."""


@dataclass(frozen=True)
class _Judged:
    """What the model says of each observation; NaN and empty where it is not asked."""

    raw: Floats
    pd: Floats
    contributions: Floats
    reasons: Reasons
    explainer: str


class Scorer:
    """Scores observations with one bundle and one policy pack.

    `settings` are those of the book to score; by default those the bundle was trained with. `threads` is what
    one call may use; results do not depend on it, nor on how observations are grouped into calls.
    `catalogue` is the one the bundle was trained on, `context` the dated figures of cohorts. `tables` says when
    the tables that explain fast are built: "now", in the "background" while LightGBM explains, or "never".
    """

    def __init__(
        self,
        bundle: Bundle,
        pack: Pack,
        settings: Settings | None = None,
        threads: int = 1,
        catalogue: Catalogue = CATALOGUE,
        context: Context | None = None,
        tables: When = "now",
    ) -> None:
        self.bundle = bundle
        self.pack = pack
        self.catalogue = catalogue
        self.context = context
        self.settings = settings or settings_of(bundle)
        self._model = Model(bundle, threads, tables)
        self._reasoner = Reasoner(bundle, catalogue.columns)
        self._named: dict[str, Any] = {
            "grades": tuple(step.code for step in pack.grades),
            "tiers": (*(step.code for step in pack.tiers), pack.state_d.code),
            "floors": tuple(floor.id for floor in pack.floors),
            "families": self._reasoner.families.codes,
            "base": bundle.expected,
            "calibration": bundle.calibration.kind,
            "bundle_id": bundle.id,
            "pack_id": pack.id,
            "pack_version": pack.version,
            "pack_hash": pack.hash,
            "context_hash": context.hash if context else "",
        }

    @property
    def statuses(self) -> Strings:
        """The names of the status codes; a model trained on current loans alone has one more."""
        return (*STATUSES, ALREADY_LATE) if self._current_only else STATUSES

    @property
    def _current_only(self) -> bool:
        return self.bundle.target.startswith("deteriorate_")

    @property
    def explained_by(self) -> str:
        """What explains scores at this moment."""
        return self._model.explained_by

    def contributions(self, x: NDArray[np.float32]) -> Floats:
        """Contributions (n, k) of rows of features, log-odds: to say why a score moved."""
        return self._model.explained(np.ascontiguousarray(x, np.float32))[0][:, :-1]

    def score(self, dossiers: Dossiers, previous: State | None = None) -> Scores:
        """The scores of every observation of `dossiers`, in its order.

        `previous` is the policy state after the last scoring of the same loans, (n,); None = never scored.
        """
        return self.score_history(History(dossiers, self.settings, self.context), previous)

    def score_history(self, h: History, previous: State | None = None) -> Scores:
        """As `score`, for a history that is at hand (reports show it beside the score)."""
        told = self.score_without_tiers(h)
        tiering = tier(told.pd, told.dpd, told.status, self.pack, as_of=told.as_of, previous=previous)
        return replace(
            told,
            grade=grade(told.pd, self.pack),
            tier=tiering.tier,
            floor=tiering.floor,
            held=tiering.held,
            state=tiering.state,
        )

    def score_without_tiers(self, h: History) -> Scores:
        """As `score_history`; grades, tiers, floors and states are none: policy decides on them with more facts."""
        x = np.ascontiguousarray(self.catalogue.matrix(h), np.float32)
        status = standing(h)
        as_of, dpd = h.as_of.astype(np.int32), h.dpd_now.astype(np.int64)
        if self._current_only:
            status = np.where((status == SCORED) & (dpd > 0), len(STATUSES), status).astype(np.int8)
        judged = self._judge(x, status == SCORED, h.of_loan("product"))
        none = np.full(h.n, -1, np.int8)
        seen = spans(h.dossiers)
        assumed = assumed_share(h.dossiers, seen)
        return Scores(
            loan_id=_strings(h.loan_ids),
            borrower_id=_strings(h.borrower_ids),
            as_of=as_of,
            cutoff=h.dossiers.cutoff[h.dossiers.moment],
            status=status,
            pd=judged.pd,
            raw=judged.raw,
            grade=none,
            tier=none,
            floor=none,
            held=np.zeros(h.n, np.bool_),
            state=State.none(h.n),
            dpd=dpd,
            principal_outstanding=np.round(h.principal_outstanding),
            features=x,
            feature_hash=feature_hashes(x),
            contributions=judged.contributions[:, :-1],
            by_family=judged.reasons.by_family,
            reasons=judged.reasons,
            notes=notes(h.dossiers, seen, assumed),
            assumed=assumed,
            statuses=self.statuses,
            explainer=judged.explainer,
            **self._named,
        )

    def _judge(self, x: NDArray[np.float32], asked: NDArray[np.bool_], products: NDArray[Any]) -> _Judged:
        """Ask the model about the rows of `x` that are `asked` for."""
        if asked.all():
            raw = self._model.raw(x)
            contributions, explainer = self._model.explained(x)
            told = self._reasoner.tell(contributions, x, raw, products.tolist(), self._model.what_if)
            return _Judged(raw, self._model.calibrate(raw), contributions, told, explainer)
        rows = np.flatnonzero(asked)
        raw, pd = np.full(len(x), np.nan), np.full(len(x), np.nan)
        contributions = np.full((len(x), x.shape[1] + 1), np.nan)
        chosen, model = x[rows], self._model
        raw[rows] = model.raw(chosen)
        pd[rows] = model.calibrate(raw[rows])
        contributions[rows], explainer = model.explained(chosen)
        told = self._reasoner.tell(contributions[rows], chosen, raw[rows], products[rows].tolist(), model.what_if)
        return _Judged(raw, pd, contributions, told.spread(rows, len(x)), explainer)


def settings_of(bundle: Bundle) -> Settings:
    """The book settings that a bundle was trained with; the defaults where it does not say.

    When the training extract was taken says nothing about later requests, so `received_at` is left out.
    """
    known = {field.name for field in fields(Settings)} - {"received_at"}
    data: dict[str, Any] = {name: value for name, value in bundle.settings.items() if name in known}
    for name, value in data.items():
        if isinstance(value, list):
            data[name] = tuple(value)
        elif isinstance(value, Mapping):
            data[name] = MappingProxyType(dict(value))
    return Settings(**data)


def _strings(values: Iterable[Any]) -> Strings:
    return tuple(str(value) for value in values)


def feature_hashes(x: NDArray[np.float32]) -> Strings:
    """SHA-256 of the bytes of each row: little-endian float32, one NaN, one zero."""
    canonical = np.where(np.isnan(x), np.float32(np.nan), x + np.float32(0.0)).astype("<f4")
    return tuple(sha256(row.tobytes()).hexdigest() for row in canonical)
