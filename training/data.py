"""From a book to the rows of a training run: features as known then, outcomes as known now."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields, replace

import numpy as np
from numpy.typing import NDArray

from book.clock import month_of
from book.contract import TABLES
from book.known import known
from book.load import Book, Part, load
from book.settings import Settings
from book.tables import Tables
from features.catalogue import CATALOGUE, Catalogue
from features.context import Context
from features.history import History
from features.panel import month_ends, observations
from features.standing import standing
from monitoring.outcome import outcomes
from monitoring.target import Target
from monitoring.triggers import CORE
from training.config import Config, Progress
from training.exclusions import excluded
from training.split import UNUSED, Split, draws, last_day, roles
from training.spool import Spool

_DAY = 86_400_000_000
BULLET = ("bullet", "interest_only")


@dataclass(frozen=True)
class Rows:
    """Observations with their features and outcomes; all (n,) but `x` (n, k) float32, on disk where there are many.

    `role`: position in `training.split.ROLES`; `state`: in `monitoring.target.STATES`; `y`: outcome, NaN
    where censored or immature; `event_on`: day of default; `dpd`: days past due at as_of; `bullet`: repaid at
    the end; `borrower` and `loan`: a number for each, the same in every part of the book; `product`: position in
    `Panel.products`.
    """

    x: NDArray[np.float32]
    y: NDArray[np.float64]
    state: NDArray[np.int8]
    event_on: NDArray[np.int32]
    role: NDArray[np.int8]
    as_of: NDArray[np.int32]
    dpd: NDArray[np.float64]
    bullet: NDArray[np.bool_]
    borrower: NDArray[np.int64]
    loan: NDArray[np.int64]
    product: NDArray[np.int32]

    def __len__(self) -> int:
        return len(self.y)

    def of(self, role: int, usable: bool = True) -> Rows:
        """The rows of one role, only those with an outcome unless `usable` is False."""
        return self.take((self.role == role) & (~np.isnan(self.y) if usable else True))

    def at(self, role: int) -> NDArray[np.intp]:
        """Positions of the rows of one role that have an outcome."""
        return np.flatnonzero((self.role == role) & ~np.isnan(self.y))

    def facts(self) -> Rows:
        """The rows without their features: `x` has no column."""
        return replace(self, x=np.empty((len(self), 0), np.float32))

    def take(self, index: NDArray[np.bool_] | NDArray[np.intp]) -> Rows:
        """The rows at `index`."""
        return Rows(**{one.name: getattr(self, one.name)[index] for one in fields(self)})

    @classmethod
    def joined(cls, parts: list[Rows]) -> Rows:
        """All rows of all parts, in their order."""
        return cls(**{one.name: np.concatenate([getattr(part, one.name) for part in parts]) for one in fields(cls)})


@dataclass(frozen=True)
class Panel:
    """The rows of a run, what was left out and why (observations), and observations not yet mature.

    `catalogue` names the columns of the rows, `products` what their codes mean.
    """

    rows: Rows
    excluded: Mapping[str, int]
    not_yet_mature: int
    catalogue: Catalogue = CATALOGUE
    products: tuple[str, ...] = ()


def span(book: Book, progress: Progress | None = None) -> tuple[int, int]:
    """First month with scorable loans (3 months on book), and when the records end (UTC microseconds).

    The records end when the extract was taken, else with the last row posted.
    """
    first, last = np.iinfo(np.int32).max, np.iinfo(np.int64).min
    for done, part in enumerate(book.parts):
        tables = _core(part, book.settings)
        first = min(first, int(month_of(_seen_from(tables)).min(initial=first)))
        last = max([last, *(int(frame["posted_at"].max(initial=last)) for frame in tables.frames.values())])
        if progress:
            progress(done + 1, len(book.parts))
    received = book.settings.received_at
    return first + 3, received if received is not None else last


def gather(
    book: Book,
    split: Split,
    target: Target,
    cutoff: int,
    config: Config,
    progress: Progress | None = None,
    catalogue: Catalogue = CATALOGUE,
    context: Context | None = None,
    bare: bool = False,
    read: Callable[[Part], Tables] | None = None,
) -> Panel:
    """Walk the parts of a book: rows of the months of `split`, measured as known at each month end.

    Training rows are thinned before they are measured; out-of-time months are kept whole. With `bare` the rows have
    no features: they come from a panel (`training.measured`). `read` gives the tables of a part that are at hand.
    """
    found: list[Rows] = []
    spool = Spool(0 if bare else len(catalogue.names))
    columns = None if bare else catalogue
    products: dict[str, int] = {}
    left_out: Counter[str] = Counter()
    immature = 0
    for done, part in enumerate(book.parts):
        tables = read(part) if read else load(part, book.settings).tables
        loan, as_of, role = _asked(tables, split, config)
        immature += _later(tables, split, cutoff)
        for start in range(0, len(loan), config.chunk):
            piece = slice(start, start + config.chunk)
            asked = loan[piece], as_of[piece], role[piece]
            rows, counts = _measured(tables, asked, target, cutoff, book.settings, columns, context, products)
            spool.add(rows.x)
            found.append(rows.facts())
            left_out.update(counts)
        if progress:
            progress(done + 1, len(book.parts))
    rows = replace(Rows.joined(found), x=spool.matrix())
    return Panel(rows, dict(left_out), immature, catalogue, tuple(products))


def _core(part: Part, settings: Settings) -> Tables:
    """The tables that say when the records begin and end: quicker than all of them."""
    files = {name: paths for name, paths in part.files.items() if name in CORE}
    return load(replace(part, files=files), settings).tables


def _seen_from(tables: Tables) -> NDArray[np.int32]:
    """First day each loan is seen: disbursement, or the start of the extract where that is later."""
    loans = tables["loans"]
    if "observed_from" not in loans:
        return loans["disbursed_on"]
    return np.maximum(loans["disbursed_on"], loans["observed_from"])


def _asked(
    tables: Tables, split: Split, config: Config
) -> tuple[NDArray[np.int32], NDArray[np.int32], NDArray[np.int8]]:
    """Loans, days and roles of the rows that are used, by loan, then day."""
    months = month_ends(last_day(split.train_first), last_day(split.oot_last))
    loan, as_of = observations(tables, months)
    borrower = tables.borrower_of[loan]
    role = roles(
        loan,
        borrower,
        month_of(as_of),
        draws(tables.loan_ids, config.seed),
        draws(tables.borrower_ids, config.seed),
        split,
        (config.stop_share, config.calibrate_share),
    )
    used = np.flatnonzero(role != UNUSED)
    used = used[np.lexsort((as_of[used], loan[used]))]
    return loan[used], as_of[used], role[used]


def _later(tables: Tables, split: Split, cutoff: int) -> int:
    """Observations of the months after the last mature one, up to the end of the records."""
    end = cutoff // _DAY
    if last_day(split.oot_last + 1) > end:
        return 0
    return len(observations(tables, month_ends(last_day(split.oot_last + 1), end))[0])


def _measured(
    tables: Tables,
    asked: tuple[NDArray[np.int32], NDArray[np.int32], NDArray[np.int8]],
    target: Target,
    cutoff: int,
    settings: Settings,
    catalogue: Catalogue | None,
    context: Context | None,
    products: dict[str, int],
) -> tuple[Rows, dict[str, int]]:
    """Features, outcomes and facts of the observations `asked` for that may be scored, and counts of the others."""
    loan, as_of, role = asked
    history = History(known(tables, loan, as_of, settings=settings), settings, context)
    dpd = np.asarray(history.dpd_now, np.float64)
    out, counts = excluded(tables, loan, as_of, standing(history), settings.timezone, target.asks(dpd))
    kept = np.flatnonzero(~out)
    loan, as_of = loan[kept], as_of[kept]
    came = outcomes(tables, loan, as_of, target, cutoff, settings)
    named, product = np.unique(history.of_loan("product").astype(str)[kept], return_inverse=True)
    codes = np.array([products.setdefault(name, len(products)) for name in named.tolist()], np.int32)
    bullets = [TABLES["loans"].column("repayment_type").choices.index(name) for name in BULLET]
    rows = Rows(
        x=catalogue.matrix(history)[kept] if catalogue else np.empty((len(kept), 0), np.float32),
        y=came.y,
        state=came.state,
        event_on=came.event_on,
        role=role[kept],
        as_of=as_of,
        dpd=dpd[kept],
        bullet=np.isin(tables["loans"]["repayment_type"][loan], bullets),
        borrower=numbers_of(tables.borrower_ids)[tables.borrower_of[loan]],
        loan=numbers_of(tables.loan_ids)[loan],
        product=codes[product.reshape(-1)],
    )
    return rows, counts


def numbers_of(ids: NDArray[np.object_]) -> NDArray[np.int64]:
    """A number for each borrower or loan that depends on the id alone."""
    return np.floor(draws(ids, 0) * 2.0**48).astype(np.int64)
