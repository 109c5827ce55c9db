"""Making the context: one pass over a book, counting loans by cohort, region and guarantor at each month end."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from book.clock import month_of
from book.known import known
from book.load import Book, Part, load
from book.settings import Settings
from book.tables import Tables
from book.workers import run
from features.context import EDGES, Context, quarter_of
from features.families.amount import paid_ratio
from features.families.cohort import LATE_MONTHS, PAID_MONTHS, hundredths
from features.families.dpd import fpd_flag, late_rate
from features.history import MONTHS, History
from features.measures import Values
from features.proceeds import borrower_numbers
from features.standing import closed, in_default
from features.tally import Tally

Int = NDArray[np.int64]
Days = NDArray[np.int32]
LEAST_LOANS = 200
_NAMED = ("loans", "instalments", "payments", "guarantees")  # no part is read without the first three
_COUNTED = (*_NAMED, "charges", "loan_events", "balances", "findings")
"""Tables that anything counted here asks."""
CHUNK = 40_000
MANY_PARTS = 12
"""Parts from which on it pays to begin other processes."""
_BINS = 151  # paid ratio in hundredths, 0 to 150


@dataclass(frozen=True)
class Counts:
    """What is counted at the month ends `days`. Means hold loans and sums; `dpd` holds the worst DPD + 1."""

    days: Days
    guarantors: Int
    late: Tally
    paid: Tally
    first: Tally
    roll: Tally
    dpd: Tally

    @classmethod
    def of(cls, days: Days, guarantors: Int) -> Counts:
        """Nothing counted yet. `guarantors` are the persons whose DPD is wanted."""
        m = len(days)
        return cls(days, guarantors, Tally(m, 2), Tally(m, _BINS), Tally(m, 2), Tally(m, 2), Tally(m, 1))

    def plus(self, other: Counts) -> Counts:
        """Add the counts of other borrowers."""
        for mine, theirs in (
            (self.late, other.late),
            (self.paid, other.paid),
            (self.first, other.first),
            (self.roll, other.roll),
        ):
            mine.plus(theirs)
        for person, worst in other.dpd.by_key.items():
            self.dpd.by_key[person] = np.maximum(self.dpd.by_key.get(person, 0), worst)
        return self


def build_context(
    book: Book,
    days: Days,
    progress: Callable[[int, int], None] | None = None,
    least: int = LEAST_LOANS,
    tables: Callable[[Part], Tables] | None = None,
    workers: int = 1,
) -> Context:
    """The context of `book` at the month ends `days` (m,), consecutive and ascending, each from rows known then.

    Figures of fewer than `least` loans are absent. One part is in memory at a time, in each of the `workers` of a large
    book; `tables` reads it, in this process. Who is a guarantor is read before: one may be a borrower of another part.
    """
    days = days.astype(np.int32)
    settings = replace(book.settings, posting_lag_days=dict(book.settings.posting_lag_days))
    secured = [_of(part, _NAMED) for part in book.parts if "guarantees" in part.files]
    workers = workers if len(book.parts) >= MANY_PARTS and tables is None else 1
    named = run(_named, [(part, settings) for part in secured], workers)
    counts = Counts.of(days, np.unique(np.concatenate([np.empty(0, np.int64), *named])))
    if workers <= 1:
        done: Iterable[Counts] = (
            _counted(counts, tables(part) if tables else _read(part, settings), settings) for part in book.parts
        )
    else:
        pieces = [(_of(part, _COUNTED), Counts.of(days, counts.guarantors), settings) for part in book.parts]
        done = (counts.plus(some) for some in run(_count_part, pieces, workers))
    for number, _ in enumerate(done, 1):
        if progress:
            progress(number, len(book.parts))
    return context_of(counts, least)


def _of(part: Part, names: tuple[str, ...]) -> Part:
    """A part with some of its tables, which can be sent to another process."""
    return replace(part, files={name: part.files[name] for name in names if name in part.files})


def _read(part: Part, settings: Settings) -> Tables:
    return load(_of(part, _COUNTED), settings).tables


def _named(piece: tuple[Part, Settings]) -> Int:
    """The guarantors of a part, sorted."""
    return np.unique(load(*piece).tables["guarantees"]["guarantor_id"])


def _count_part(piece: tuple[Part, Counts, Settings]) -> Counts:
    part, counts, settings = piece
    return _counted(counts, load(part, settings).tables, settings)


def _counted(counts: Counts, tables: Tables, settings: Settings) -> Counts:
    count(counts, tables, settings)
    return counts


def count(counts: Counts, tables: Tables, settings: Settings) -> None:
    """Add the loans of some borrowers, whole borrowers only, at every month end."""
    loan, month = np.nonzero(counts.days[None, :] >= tables["loans"]["disbursed_on"][:, None])
    for start in range(0, len(loan), CHUNK):
        piece = slice(start, start + CHUNK)
        h = History(known(tables, loan[piece].astype(np.int32), counts.days[month[piece]], settings=settings), settings)
        _count_piece(counts, h, month[piece])


def _count_piece(counts: Counts, h: History, month: Int) -> None:
    """Add the observations of `h`, at the month ends `month` (n,)."""
    d = h.dossiers
    seen, shut = d.loans["posted_at"][d.loan] <= d.cutoff[d.moment], closed(h)
    running = seen & ~shut & ~in_default(h)[0]
    cohorts, at = _cohorts(h)
    counts.late.add_mean(cohorts, at, month, np.where(running, late_rate(h, LATE_MONTHS), np.nan))
    counts.first.add_mean(cohorts, at, month, np.where(seen, fpd_flag(h), np.nan))
    paid = hundredths(paid_ratio(h, PAID_MONTHS))
    some = running & ~np.isnan(paid)
    counts.paid.add(cohorts, at[some], month[some], paid[some].astype(np.int64), np.ones(some.sum(), np.int64))
    regions, where = np.unique(_text(h.of_loan("region")), return_inverse=True)
    rolled = np.where(h.dpd_end.values[:, MONTHS - 1] == 0, (h.dpd_now > 0).astype(float), np.nan)
    counts.roll.add_mean(regions.tolist(), where, month, np.where(running, rolled, np.nan))
    _note_dpd(counts, h, month, seen & ~shut)


def _text(texts: NDArray[np.object_]) -> NDArray[np.str_]:
    """Texts as text; the empty one where none is given."""
    return np.where(texts == None, "", texts).astype(str)  # noqa: E711


def _cohorts(h: History) -> tuple[list[tuple[str, int]], Int]:
    """The cohorts (product, quarter) of `h`, and which of them each observation belongs to, (n,)."""
    products, product = np.unique(_text(h.of_loan("product")), return_inverse=True)
    quarter = quarter_of(h.of_loan("disbursed_on"))
    keys, at = np.unique(np.stack([product, quarter]), axis=1, return_inverse=True)
    return [(str(products[p]), int(q)) for p, q in keys.T], at.reshape(-1)


def _note_dpd(counts: Counts, h: History, month: Int, here: NDArray[np.bool_]) -> None:
    """Keep the worst DPD of the guarantors among the borrowers."""
    person = borrower_numbers(h)
    wanted = here & np.isin(person, counts.guarantors)
    persons, at = np.unique(person[wanted], return_inverse=True)
    worst = np.zeros((len(persons), counts.dpd.months), np.int64)
    np.maximum.at(worst, (at, month[wanted]), h.dpd_now[wanted].astype(np.int64) + 1)
    none = np.zeros((counts.dpd.months, 1), np.int64)
    for number, row in zip(persons.tolist(), worst, strict=True):
        counts.dpd.by_key[number] = np.maximum(counts.dpd.by_key.get(number, none), row[:, None])


def context_of(counts: Counts, least: int = LEAST_LOANS) -> Context:
    """The figures of what was counted; NaN where there are fewer than `least` loans."""
    cohorts = sorted({*counts.late.keys, *counts.first.keys, *counts.paid.keys})
    regions = [region for region in counts.roll.keys if region]
    dpd = counts.dpd.stacked(counts.dpd.keys)[..., 0]
    return Context(
        months=month_of(counts.days).astype(np.int64),
        products=tuple(product for product, _ in cohorts),
        quarters=np.array([quarter for _, quarter in cohorts], np.int64),
        late_rate=_means(counts.late, cohorts, least),
        fpd_rate=_means(counts.first, cohorts, least),
        paid_edges=_percentiles(counts.paid.stacked(cohorts), least),
        regions=tuple(regions),
        roll_rate=_means(counts.roll, regions, least),
        persons=np.array(counts.dpd.keys, np.int64),
        dpd=np.where(dpd > 0, dpd - 1.0, np.nan),
    )


def _means(tally: Tally, keys: list[object], least: int) -> Values:
    """Means (keys, months) of at least `least` loans."""
    loans, total = np.moveaxis(tally.stacked(keys), 2, 0)
    return np.where(loans >= least, total / 1e6 / np.maximum(loans, 1), np.nan)


def _percentiles(loans: Int, least: int) -> Values:
    """Percentiles 0, 5, ... 100 (keys, months, 21), in hundredths, of counts by hundredth (keys, months, 151)."""
    below = np.cumsum(loans, axis=2)
    total = below[..., -1]
    edges = np.full((*total.shape, EDGES), np.nan)
    for e in range(EDGES):
        needed = np.maximum((e * 5 * total + 99) // 100, 1)
        edges[..., e] = (below < needed[..., None]).sum(axis=2)
    edges[total < least] = np.nan
    return edges
