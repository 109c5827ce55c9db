"""What a reader must know about the data and the notes of the score do not say."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from book.dossiers import Dossiers
from book.settings import Settings
from book.tables import MISSING_DAY
from reports.loan.known_rows import Known
from reports.loan.view import Feed, Gap, InstalmentView, ScoreCard

_PAYMENTS_STALE = 31
_DERIVED = "derived"


def data_gaps(
    dossiers: Dossiers,
    i: int,
    card: ScoreCard,
    instalments: Sequence[InstalmentView],
    known: Sequence[Feed],
    settings: Settings,
) -> tuple[Gap, ...]:
    """The gaps of observation `i`: its source, silence since the last payment, refused rows."""
    return (*_source(dossiers, i, settings), *_silence(card, instalments, known), *_refused(dossiers, i, card))


def _source(dossiers: Dossiers, i: int, settings: Settings) -> Iterator[Gap]:
    """An extract that starts late, dates by month, a schedule that is not the lender's own."""
    loans, row = dossiers.loans, int(dossiers.loan[i])
    observed = int(loans["observed_from"][row]) if "observed_from" in loans else MISSING_DAY
    if observed != MISSING_DAY and observed > loans["disbursed_on"][row]:
        yield Gap("observed_from", {"day": observed})
    if settings.precision == "month":
        yield Gap("month_precision", {})
    rows = Known(dossiers, "instalments", i)
    sources = rows.get("source", ())
    if any(str(source).startswith(_DERIVED) for source in sources):
        yield Gap("derived", {})


def _silence(card: ScoreCard, instalments: Sequence[InstalmentView], known: Sequence[Feed]) -> Iterator[Gap]:
    paid_on = next((feed.latest_on for feed in known if feed.table == "payments"), None)
    if paid_on is None or not instalments or card.status != "scored":
        return
    quiet = card.as_of - paid_on
    if quiet > _PAYMENTS_STALE and instalments[-1].due_on > paid_on:
        yield Gap("stale_payments", {"days": quiet})


def _refused(dossiers: Dossiers, i: int, card: ScoreCard) -> Iterator[Gap]:
    day = int(dossiers.data_fault_on[dossiers.loan[i]])
    if card.status == "data_fault" and MISSING_DAY < day <= card.as_of:
        yield Gap("faults", {"day": day})
