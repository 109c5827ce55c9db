"""The sentences that a reader meets first, made from the facts of the score."""

from __future__ import annotations

from dataclasses import dataclass

from reports.loan.view import Gap, LoanView
from reports.wording import Wording

_MOVED = 1.25


@dataclass(frozen=True)
class Headline:
    """Title, sentences under it, one sentence on repayment, and the data gaps in words."""

    title: str
    sentences: tuple[str, ...]
    repayment: str
    gaps: tuple[str, ...]


def headline(view: LoanView, words: Wording) -> Headline:
    """What the page says of `view`, in the language of `words`."""
    return Headline(
        title=_title(view, words),
        sentences=tuple(_sentences(view, words)),
        repayment=_repayment(view, words),
        gaps=(*(note[words.lang] for note in view.card.notes), *(_gap(gap, words) for gap in view.gaps)),
    )


def _title(view: LoanView, words: Wording) -> str:
    card, tier = view.card, view.tier
    if card.pd is not None and tier is not None:
        pd = words.percent(card.pd)
        return words("headline.scored", tier=tier.name[words.lang], code=tier.code, pd=pd, horizon=card.horizon)
    if view.status_on is not None and card.status == "in_default":
        return words("headline.in_default_since", day=words.day(view.status_on))
    if view.status_on is not None and card.status == "closed":
        return words("headline.closed_on", day=words.day(view.status_on))
    return words(f"headline.{card.status}")


def _sentences(view: LoanView, words: Wording) -> list[str]:
    card = view.card
    if card.pd is None:
        months = words.plural("units.months", view.loan.months_on_book)
        dues = words.plural("units.instalments", len(view.instalments))
        return [words(f"lead.{card.status}", months=months, dues=dues)]
    said = [_frequency(card.pd, card.horizon, words)]
    change = _change(view, words)
    if change:
        said.append(change)
    if view.reasons:
        first = max(view.reasons, key=lambda reason: abs(reason.contribution))
        said.append(words("lead.reason", text=first.text[words.lang]))
    return said


def _frequency(pd: float, horizon: int, words: Wording) -> str:
    if pd < 0.001:
        return words("lead.frequency_rare", horizon=horizon)
    if pd < 0.02:
        return words("lead.frequency_1000", n=f"{1000 * pd:.0f}", horizon=horizon)
    return words("lead.frequency_100", n=f"{100 * pd:.0f}", horizon=horizon)


def _change(view: LoanView, words: Wording) -> str | None:
    """Against the score of three months before, or the oldest within them; None where there was none."""
    now = view.card.pd
    before = next((past for past in view.card.past[-3:] if past.pd is not None), None)
    if now is None or before is None or before.pd is None:
        return None
    ratio = now / before.pd
    key = "up" if ratio >= _MOVED else "down" if ratio <= 1 / _MOVED else "same"
    shown = {"before": words.percent(before.pd), "now": words.percent(now), "day": words.day(before.as_of)}
    return words(f"lead.{key}", **shown)


def _repayment(view: LoanView, words: Wording) -> str:
    judged = [instalment for instalment in view.instalments if instalment.mark != "unknown"]
    if not judged:
        return words("timeline.month_only") if view.instalments else words("timeline.empty")
    late = sum(instalment.mark in ("late", "open", "part") for instalment in judged)
    everyone = words.plural("units.instalments", len(judged))
    if late:
        return words("timeline.summary", late=late, all=everyone)
    return words("timeline.clean", all=everyone)


def _gap(gap: Gap, words: Wording) -> str:
    values = dict(gap.values)
    if "day" in values:
        values["day"] = words.day(int(values["day"]))
    return words(f"gaps.{gap.code}", **values)
