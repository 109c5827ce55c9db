"""Why a PD is what it is: the families that weigh most, each with its leading feature, checked by what-if."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any, overload

import numpy as np
from numpy.typing import NDArray

from features.feature import FeatureColumn
from models.bundle import Bundle
from models.ranking import NONE, Families
from models.reference import Typical
from models.sentences import DOUBTS, LANGUAGES, Direction, Doubt, Language, Reader, frame, sentence

Floats = NDArray[np.float64]
Ask = Callable[[NDArray[np.float32]], Floats]

ADVERSE, PROTECTIVE = 4, 2  # most reasons of each direction
EFFECT = 1e-9  # log-odds: a what-if that moves the score less does not move it
_AT_ONCE = 20_000  # questions put to the model in one call
_NOT_OBSERVED, _NO_EFFECT = DOUBTS.index("not_observed"), DOUBTS.index("no_effect")


@dataclass(frozen=True)
class Reason:
    """One reason.

    `contribution` is the family's sum in log-odds against the training mean, above 0 where it raises the PD;
    `value` of the leading feature and `typical`, the median of the product in training, are in its unit, None where
    not observed. `doubt` says why a reason is weak: the lead is `not_observed`, and that is what weighs; or
    `no_effect`: with the whole family at its typical values the PD would not fall (rise, of a protective one).
    """

    column: FeatureColumn = field(repr=False)
    direction: Direction
    contribution: float
    value: float | None
    typical: float | None
    doubt: Doubt = ""

    @property
    def family(self) -> str:
        """The code of the family."""
        return self.column.family.code

    @property
    def family_label(self) -> Mapping[str, str]:
        """The family in words, by language."""
        return self.column.family.label

    @property
    def lead(self) -> str:
        """The name of the leading feature."""
        return self.column.name

    @property
    def weak(self) -> bool:
        """Whether there is a doubt."""
        return bool(self.doubt)

    @cached_property
    def text(self) -> Mapping[str, str]:
        """The sentence for the officer, by language."""
        return self._told("officer")

    @cached_property
    def borrower_text(self) -> Mapping[str, str]:
        """The sentence for the borrower, by language."""
        return self._told("borrower")

    def _told(self, reader: Reader) -> Mapping[str, str]:
        value, typical = (np.nan if one is None else one for one in (self.value, self.typical))
        said = (self.column, value, typical, self.doubt, self.direction, reader)
        return {language: sentence(*said, language) for language in LANGUAGES}


@dataclass(frozen=True)
class Reasons(Sequence[tuple[Reason, ...]]):
    """The reasons of n rows as arrays; item i gives those of row i as objects.

    All arrays but `by_family` (n, families) are (n, places): first the adverse places, then the protective ones, each
    strongest first; `lead` is `NONE` where there is no reason. `doubt` is a position in `DOUBTS`.
    """

    families: Families
    by_family: Floats
    lead: NDArray[np.int32]
    contribution: Floats
    value: Floats
    typical: Floats
    doubt: NDArray[np.int8]
    n_adverse: int

    def __len__(self) -> int:
        return len(self.lead)

    @overload
    def __getitem__(self, row: int) -> tuple[Reason, ...]: ...

    @overload
    def __getitem__(self, row: slice) -> tuple[tuple[Reason, ...], ...]: ...

    def __getitem__(self, row: int | slice) -> tuple[Reason, ...] | tuple[tuple[Reason, ...], ...]:
        if isinstance(row, slice):
            return tuple(self[one] for one in range(*row.indices(len(self))))
        return tuple(self._reason(row, place) for place in np.flatnonzero(self.lead[row] != NONE).tolist())

    def __iter__(self) -> Iterator[tuple[Reason, ...]]:
        return (self[row] for row in range(len(self)))

    def _reason(self, row: int, place: int) -> Reason:
        return Reason(
            column=self.families.columns[self.lead[row, place]],
            direction=self.direction(place),
            contribution=float(self.contribution[row, place]),
            value=_none(self.value[row, place]),
            typical=_none(self.typical[row, place]),
            doubt=DOUBTS[self.doubt[row, place]],
        )

    def direction(self, place: int) -> Direction:
        """The direction of a place."""
        return "adverse" if place < self.n_adverse else "protective"

    def spread(self, rows: NDArray[np.intp], n: int) -> Reasons:
        """These reasons as those of the rows `rows` of n; the others have none."""

        def wide(old: NDArray[Any], nothing: float) -> NDArray[Any]:
            new = np.full((n, old.shape[1]), nothing, old.dtype)
            new[rows] = old
            return new

        return replace(
            self,
            by_family=wide(self.by_family, np.nan),
            lead=wide(self.lead, NONE),
            contribution=wide(self.contribution, np.nan),
            value=wide(self.value, np.nan),
            typical=wide(self.typical, np.nan),
            doubt=wide(self.doubt, 0),
        )

    def texts(self, language: Language) -> list[str]:
        """The officer's sentences of all reasons, row by row."""
        frames: dict[tuple[int, float, int, bool], tuple[str, str]] = {}
        said = []
        at, place = np.nonzero(self.lead != NONE)
        told = (one[at, place].tolist() for one in (self.lead, self.value, self.typical, self.doubt))
        for lead, value, typical, doubt, adverse in zip(*told, (place < self.n_adverse).tolist(), strict=True):
            column = self.families.columns[lead]
            key = lead, typical if typical == typical else np.inf, doubt, adverse
            if key not in frames:
                direction: Direction = "adverse" if adverse else "protective"
                frames[key] = frame(column, typical, DOUBTS[doubt], direction, "officer", language)
            before, after = frames[key]
            said.append(before + column.unit.format(value, language) + after)
        return said


class Reasoner:
    """Tells the reasons of rows scored with one bundle; `columns` are its features in their order."""

    def __init__(self, bundle: Bundle, columns: Sequence[FeatureColumn]) -> None:
        if tuple(column.name for column in columns) != bundle.features:
            raise ValueError("columns are not the bundle's features in their order")
        self.families = Families(tuple(columns))
        self._typical = Typical.of(bundle)

    def tell(
        self,
        contributions: Floats,
        x: NDArray[np.float32],
        raw: Floats,
        products: Sequence[str],
        ask: Ask,
        places: tuple[int, int] = (ADVERSE, PROTECTIVE),
    ) -> Reasons:
        """Per row the strongest adverse, then the strongest protective families.

        `contributions` (n, k + 1) and `raw` (n,) as from `Model`, `x` (n, k), `products` (n,) the product of each
        loan; `ask` gives the raw scores of rows that are only a question (`Model.what_if`).
        """
        x = np.ascontiguousarray(x, np.float32)
        total, adverse, protective = self.families.rank(contributions, x, *places)
        family, lead, contribution, unseen = (
            np.concatenate([getattr(one, name) for one in (adverse, protective)], axis=1)
            for name in ("family", "lead", "contribution", "unseen")
        )
        usual = self._typical.rows(products)
        there, at = lead != NONE, np.arange(len(x))[:, None]
        doubt = np.where(unseen, _NOT_OBSERVED, 0).astype(np.int8)
        idle = self._idle(x, raw, family, usual, places[0], ask)
        doubt[idle & ~unseen] = _NO_EFFECT
        return Reasons(
            families=self.families,
            by_family=total,
            lead=lead,
            contribution=contribution,
            value=np.where(there, x[at, lead], np.nan).astype(np.float64),
            typical=np.where(there, self._typical.values[usual[:, None], lead], np.nan),
            doubt=doubt,
            n_adverse=places[0],
        )

    def _idle(
        self,
        x: NDArray[np.float32],
        raw: Floats,
        family: NDArray[np.int32],
        usual: NDArray[np.intp],
        n_adverse: int,
        ask: Ask,
    ) -> NDArray[np.bool_]:
        """Which reasons (n, places) do not hold: with the whole family as is typical, the PD does not move back."""
        idle = np.zeros(family.shape, np.bool_)
        rows, places = np.nonzero(family != NONE)
        typical = self._typical.values.astype(np.float32)
        for start in range(0, len(rows), _AT_ONCE):
            row, place = rows[start : start + _AT_ONCE], places[start : start + _AT_ONCE]
            asked = np.where(self.families.members[family[row, place]], typical[usual[row]], x[row])
            fall = raw[row] - ask(asked)
            idle[row, place] = np.where(place < n_adverse, fall, -fall) <= EFFECT
        return idle


def _none(value: float) -> float | None:
    return None if np.isnan(value) else float(value)
