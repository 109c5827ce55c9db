"""The start page of a scored book: tiers, how good the model is, loans to read, where everything is."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from markupsafe import Markup

from reports.charts.bars import share_bar
from reports.formats import LANGS, Lang, count
from reports.loan.view import Texts
from reports.pages import environment, page
from reports.wording import Wording, wording

STATE_D = "D"
"""The state of loans in default or classed as non-performing, beside the tiers."""


@dataclass(frozen=True)
class TierRow:
    """Loans of one tier with a probability: number, principal (minor units), mean PD, expected defaults."""

    code: str
    name: Texts
    loans: int
    exposure: int
    mean_pd: float | None
    expected: float


@dataclass(frozen=True)
class StatusRow:
    """Loans without a probability, by status."""

    status: str
    loans: int
    exposure: int


@dataclass(frozen=True)
class Judgement:
    """Figures of the model on months after its training, for one segment ("all" or "current")."""

    segment: str
    loans: int
    defaults: int
    auc: float
    ks: float
    observed_expected: float


@dataclass(frozen=True)
class LoanLink:
    """A loan report to open: its address relative to the page, and what it is about."""

    href: str
    loan_id: str
    tier: str
    tier_name: Texts
    pd: float | None


@dataclass(frozen=True)
class BookView:
    """Everything on the start page. `judged`: first and last day of the months the model was judged on.

    `files` maps text keys (book, check, models, scores, reports, request) to paths, `commands` maps text keys
    (serve, curl, report, own) to what to type. `validation` is the address of the model's validation report relative to
    the page, None where there is none.
    """

    as_of: int
    horizon: int
    currency: str
    timezone: str
    tiers: tuple[TierRow, ...]
    statuses: tuple[StatusRow, ...]
    judgements: tuple[Judgement, ...]
    judged: tuple[int, int] | None
    links: tuple[LoanLink, ...]
    files: Mapping[str, str]
    commands: Mapping[str, str]
    validation: str | None = None

    @property
    def total(self) -> TierRow:
        """All loans with a probability, as one row."""
        loans = sum(row.loans for row in self.tiers)
        expected = sum(row.expected for row in self.tiers)
        exposure = sum(row.exposure for row in self.tiers)
        return TierRow("", {}, loans, exposure, expected / loans if loans else None, expected)


def index_page(view: BookView, langs: Sequence[Lang] = LANGS) -> str:
    """The start page as one self-contained HTML page, in one language or several with a switch."""
    bodies = []
    for lang in langs:
        words = wording(lang, view.currency, view.timezone)
        template = environment().get_template("index.html.j2")
        body = template.render(view=view, w=words, count=count, share=_share(view, words), lead=_lead(view, words))
        bodies.append((words, body))
    return page("Loanwatch", bodies)


def _lead(view: BookView, words: Wording) -> tuple[str, ...]:
    total, worst = view.total, [row for row in view.tiers if row.code != STATE_D][-2:]
    if not total.loans:
        return ()
    n = sum(row.loans for row in worst)
    scored = words(
        "index.lead_scored",
        scored=count(total.loans),
        exposure=words.money(total.exposure),
        mean=words.percent(total.mean_pd),
    )
    worst_said = words(
        "index.lead_worst",
        n=count(n),
        share=words.percent(n / total.loans),
        exposure=words.money(sum(row.exposure for row in worst)),
    )
    return (scored, worst_said)


def _share(view: BookView, words: Wording) -> Mapping[str, Markup]:
    """A bar for each tier: its share of the loans with a probability."""
    most = max((row.loans for row in view.tiers), default=0)
    total = view.total.loans or 1
    return {
        row.code: share_bar(row.loans, most, f"tier-{row.code}", words.percent(row.loans / total)) for row in view.tiers
    }
