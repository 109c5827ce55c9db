"""The sentences that a reader meets first, made from the facts of the score."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

from reports.formats import NOTHING
from reports.loan.decision import NPL
from reports.loan.view import Gap, LoanView, ReasonView
from reports.wording import Wording

_MOVED, _POINTS = 1.25, 0.03  # a change worth telling: a quarter of what it was, or 3 percentage points
_SLOW = 1.5  # times the probability of three months before


@dataclass(frozen=True)
class Headline:
    """Title, sentences under it, what to do, one sentence on repayment, and the data gaps in words."""

    title: str
    sentences: tuple[str, ...]
    to_do: tuple[str, ...]
    repayment: str
    gaps: tuple[str, ...]


def headline(view: LoanView, words: Wording) -> Headline:
    """What the page says of `view`, in the language of `words`."""
    return Headline(
        title=_title(view, words),
        sentences=tuple(_sentences(view, words)),
        to_do=tuple(_to_do(view, words)),
        repayment=_repayment(view, words),
        gaps=(*(note[words.lang] for note in view.card.notes), *(_gap(gap, words) for gap in view.gaps)),
    )


def _title(view: LoanView, words: Wording) -> str:
    card, tier, told = view.card, view.tier, view.decision
    if card.pd is not None:
        pd = words.percent(card.pd)
        if told and told.non_performing and told.class_name:
            return words("headline.npl", **{"class": told.class_name[words.lang]}, pd=pd, horizon=card.horizon)
        name = tier.name[words.lang] if tier else words.name("status", card.status)
        return words("headline.scored", tier=name, code=card.tier or NOTHING, pd=pd, horizon=card.horizon)
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
        said.append(_reason(first, words))
    return [*said, *_apart(view, words)]


def _reason(reason: ReasonView, words: Wording) -> str:
    lang = words.lang
    shown = {"feature": reason.feature[lang], "value": reason.value[lang], "typical": reason.typical[lang]}
    said = words("lead.reason", **shown)
    if reason.doubt:
        said += words.gap + words(f"why.{reason.doubt}_{'adverse' if reason.contribution > 0 else 'protective'}")
    return said


def _apart(view: LoanView, words: Wording) -> list[str]:
    """Where class and probability do not say the same, why: they look at different facts."""
    told, pd = view.decision, view.card.pd
    if told is None or pd is None or not told.non_performing or told.class_name is None:
        return []
    name, lang = {"class": told.class_name[words.lang]}, words.lang
    beyond = [one for one in told.beyond_arrears if one.five_class in NPL or not one.five_class]
    if beyond:
        return [words("lead.beyond", **name, grounds=words.listed(one.text[lang] for one in beyond))]
    return [words("lead.tolerance", **name, pd=words.percent(pd))]


def _to_do(view: LoanView, words: Wording) -> list[str]:
    """What is suggested, and the alerts by severity."""
    told, lang = view.decision, words.lang
    if told is None or view.card.status == "closed":
        return []
    said = []
    if told.treatment:
        what = told.treatment[lang]
        if told.needs_approval and told.approval:
            said.append(words("lead.do_approve", what=what, who=told.approval[lang]))
        else:
            said.append(words("lead.do", what=what))
    counted = Counter(one.severity for one in told.alerts)
    listed = words.joined(
        words("lead.alert_count", n=counted[code], severity=words(f"severity.{code}"))
        for code in "ROYB"
        if counted[code]
    )
    return [*said, words("lead.alerts", list=listed) if listed else words("lead.no_alerts")]


def _frequency(pd: float, horizon: int, words: Wording) -> str:
    if pd < 0.001:
        return words("lead.frequency_rare", horizon=horizon)
    if pd < 0.02:
        return words("lead.frequency_1000", n=f"{1000 * pd:.0f}", horizon=horizon)
    return words("lead.frequency_100", n=f"{100 * pd:.0f}", horizon=horizon)


def _change(view: LoanView, words: Wording) -> str | None:
    """Against the last score; where that hardly differs but the one of three months before does, that as well."""
    now, past = view.card.pd, view.card.past
    move = view.card.move
    last = (move.since, move.before) if move and move.before is not None else None
    if last is None:
        last = next(((one.as_of, one.pd) for one in reversed(past) if one.pd is not None), None)
    if now is None or last is None or last[1] is None:
        return None
    key = _way(now, last[1])
    shown = {"before": words.percent(last[1]), "now": words.percent(now), "day": words.day(last[0])}
    said = words(f"lead.{key}", **shown)
    quarter = past[-3].pd if len(past) >= 3 else None
    if quarter is not None and now / quarter >= _SLOW and quarter < 0.8 * last[1]:
        said += words.gap + words("lead.slow", before=words.percent(quarter), now=words.percent(now))
    return said


def _way(now: float, before: float) -> str:
    ratio = now / before
    if abs(now - before) >= _POINTS:
        return "up" if now > before else "down"
    return "up" if ratio >= _MOVED else "down" if ratio <= 1 / _MOVED else "same"


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
