"""What a loan report shows: plain frozen facts, no formatting, no language.

Money is int minor units (0.01 of the book's currency), days are days since 1970-01-01, probabilities are 0-1,
contributions are log-odds. `Texts` holds one string per language ("en", "zh").
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from reports.loan.decision import ContactView, DecisionView
from reports.loan.rows import RowsView

Texts = Mapping[str, str]


@dataclass(frozen=True)
class ReasonCard:
    """One reason of a score: the family's `contribution` and the feature that leads it, as measured.

    `typical` is the median of loans of the same product that the model learned from; either is None where not
    observed. `doubt` is `not_observed`, `no_effect` or empty: why the reason is weak.
    """

    family: Texts
    contribution: float
    feature: str
    value: float | None
    typical: float | None
    text: Texts
    doubt: str = ""


@dataclass(frozen=True)
class MoveCard:
    """Why the score moved since `since`: the change in log-odds, exactly the sum over families, strongest first.

    `shifts` are (label of the family, what its leading feature was and is or None, change in log-odds). `before` is the
    probability then, by the same model; `source` says where it is from: `journal` (kept then) or `recomputed` (scored
    again with what was known by then).
    """

    since: int
    change: float
    shifts: tuple[tuple[Texts, Texts | None, float], ...]
    before: float | None = None
    source: str = "recomputed"


@dataclass(frozen=True)
class PastScore:
    """The same loan, scored by the same model with what was known on an earlier day."""

    as_of: int
    status: str
    pd: float | None
    tier: str | None


@dataclass(frozen=True)
class ScoreCard:
    """One score, as `serving` answers it, carried into reports as plain values.

    `pd`, `grade` and `start_pd` are None unless `status` is "scored". `grade` counts from 1 (best) to 10;
    `start_pd` is where the contributions start: the probability at the mean log-odds of training.
    `floor` says in words which rule lifted the tier above the one of the PD, None where none did.
    `families` holds the label and summed contribution of every feature family, `notes` what the scorer says
    of the data. `past` is oldest first and ends before `as_of`. `calibration` says what became of the model's own sum.
    """

    loan_id: str
    borrower_id: str
    as_of: int
    cutoff: int
    status: str
    horizon: int
    pd: float | None = None
    start_pd: float | None = None
    grade: int | None = None
    tier: str | None = None
    floor: Texts | None = None
    dpd: int | None = None
    exposure: int | None = None
    reasons: tuple[ReasonCard, ...] = ()
    families: tuple[tuple[Texts, float], ...] = ()
    notes: tuple[Texts, ...] = ()
    past: tuple[PastScore, ...] = ()
    calibration: Texts | None = None
    move: MoveCard | None = None


@dataclass(frozen=True)
class ReasonView:
    """A reason ready to read: sentence, leading feature, its value and the typical value in its unit.

    `behind` are the rows that made the value, None where they were not looked for.
    """

    family: Texts
    text: Texts
    feature: Texts
    value: Texts
    typical: Texts
    contribution: float
    doubt: str = ""
    behind: RowsView | None = None


@dataclass(frozen=True)
class InstalmentView:
    """One judged instalment. `days_late` still runs where `settled_on` is None; None where not known."""

    no: int
    due_on: int
    due: int
    paid: int
    settled_on: int | None
    days_late: int | None

    @property
    def mark(self) -> str:
        """Its state in one word, a text key under `mark`."""
        if self.settled_on is None and self.paid < self.due:
            return "part" if self.paid > 0 else "open"
        if self.days_late is None:
            return "unknown"
        return "late" if self.days_late > 0 else "early" if self.days_late < 0 else "on_time"


@dataclass(frozen=True)
class CashMonth:
    """One month of the borrower's accounts: in and out (both positive), closing balance, dues of the loan.

    `income` is salary and business income, part of what came in.
    """

    month_end: int
    inflow: int
    outflow: int
    balance: int | None
    due_on: tuple[int, ...]
    due: int
    income: int = 0


@dataclass(frozen=True)
class Twice:
    """Instalments by two states of knowledge of the same days up to `as_of`: known until `then`, and until `now`.

    Cut-offs are UTC microseconds. Pairs are in order of due date, None where the instalment was not known, or known
    otherwise, at that cut-off.
    """

    as_of: int
    then: int
    now: int
    pairs: tuple[tuple[InstalmentView | None, InstalmentView | None], ...]

    @property
    def differing(self) -> tuple[int, ...]:
        """Places of the pairs that differ."""
        return tuple(k for k, (then, now) in enumerate(self.pairs) if then != now)


@dataclass(frozen=True)
class Elsewhere:
    """What others know: debts elsewhere, use of the money, public record, security. None: no such table."""

    debts: RowsView | None = None
    reports: RowsView | None = None
    payouts: RowsView | None = None
    trace: RowsView | None = None
    public: RowsView | None = None
    collateral: RowsView | None = None
    guarantees: RowsView | None = None


@dataclass(frozen=True)
class Feed:
    """One table behind the page: rows known of this borrower (None: not supplied), latest event day."""

    table: str
    rows: int | None
    latest_on: int | None


@dataclass(frozen=True)
class Gap:
    """Something a reader must know about the data: a text key under `gaps` and the values it names."""

    code: str
    values: Mapping[str, int | float | str]


@dataclass(frozen=True)
class LoanFacts:
    """The static facts of the loan; None where the lender's tables do not say."""

    product: str
    borrower_type: str | None
    repayment_type: str | None
    currency: str
    principal: int
    annual_rate: float | None
    disbursed_on: int
    maturity_on: int | None
    n_instalments: int | None
    months_on_book: int


@dataclass(frozen=True)
class TierView:
    """One tier of the policy pack. `below` is the upper limit of its PD, None for the last and for D."""

    code: str
    name: Texts
    meaning: Texts
    review: Texts
    below: float | None


@dataclass(frozen=True)
class Versions:
    """Everything needed to repeat the score: model bundle, policy pack, feature list, cohort figures, book, software.

    `score_id` is the score's id in the journal, "" where it was made for this page alone.
    """

    bundle: str
    pack: str
    features: str
    book: str
    software: str
    context: str = ""
    score_id: str = ""


@dataclass(frozen=True)
class LoanView:
    """Everything on the page of one loan. `cash` is None where the book has no cashflow table.

    `status_on` is the day of default or closing, None when there is none; `cash_in_model` says whether
    the model reads account cashflow at all. `liquidity` is what was on the accounts on the eve of the latest due dates.
    """

    card: ScoreCard
    loan: LoanFacts
    tiers: tuple[TierView, ...]
    reasons: tuple[ReasonView, ...]
    instalments: tuple[InstalmentView, ...]
    cash: tuple[CashMonth, ...] | None
    feeds: tuple[Feed, ...]
    gaps: tuple[Gap, ...]
    versions: Versions
    status_on: int | None = None
    cash_in_model: bool = False
    decision: DecisionView | None = None
    contact: ContactView | None = None
    twice: Twice | None = None
    liquidity: RowsView | None = None
    elsewhere: Elsewhere = Elsewhere()

    @property
    def tier(self) -> TierView | None:
        """The loan's tier in the pack's words, None where the score gives none."""
        return next((tier for tier in self.tiers if tier.code == self.card.tier), None)

    @property
    def points(self) -> tuple[PastScore, ...]:
        """The score and those of up to twelve earlier months, oldest first."""
        now = PastScore(self.card.as_of, self.card.status, self.card.pd, self.card.tier)
        return (*self.card.past, now)[-13:]

    @property
    def cuts(self) -> tuple[float, ...]:
        """The PD limits between the tiers, rising."""
        return tuple(tier.below for tier in self.tiers if tier.below is not None)
