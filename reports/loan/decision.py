"""What policy decided of a loan, as plain facts: class, stage, actions, alerts, and what the contact guard says."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from features.history import History
from policy.channels import channels
from policy.contact import ContactRequest
from policy.guard import allowed
from policy.guard_book import records
from policy.pack import Pack
from policy.parts.guarding import CHANNELS
from policy.vocabulary import COHORT, FACTS, FIGURES
from reports.loan.units import in_unit

Texts = Mapping[str, str]
Plain = Mapping[str, Any]
LANGUAGES = ("en", "zh")
_TIERS = ("", "T1", "T2", "T3", "T4", "T5", "D")
_CLASSES = (
    {"en": "normal", "zh": "正常"},
    {"en": "special mention", "zh": "关注"},
    {"en": "substandard", "zh": "次级"},
    {"en": "doubtful", "zh": "可疑"},
    {"en": "loss", "zh": "损失"},
)
_SEVERITIES = (
    {"en": "none", "zh": "无"},
    {"en": "blue", "zh": "蓝色"},
    {"en": "yellow", "zh": "黄色"},
    {"en": "orange", "zh": "橙色"},
    {"en": "red", "zh": "红色"},
)
_CODES: Mapping[str, tuple[Texts, Sequence[str | Texts]]] = {
    "tier": ({"en": "Tier", "zh": "等级"}, _TIERS),
    "tier_before": ({"en": "Tier after the last decision", "zh": "上次决定后的等级"}, _TIERS),
    "pd_tier": ({"en": "Tier by probability alone", "zh": "仅按概率的等级"}, _TIERS),
    "pd_tier_3m_ago": ({"en": "The same three months ago", "zh": "三个月前的同一等级"}, _TIERS),
    "five_class": ({"en": "Class", "zh": "五级分类"}, _CLASSES),
    "class_before": ({"en": "Class after the last decision", "zh": "上次决定后的五级分类"}, _CLASSES),
    "alert": ({"en": "Gravest alert", "zh": "最高预警"}, _SEVERITIES),
}
NPL = ("substandard", "doubtful", "loss")
ARREARS = ("overdue", "overdue_over_90", "overdue_over_270", "overdue_over_360")
"""Clauses of the classes that go by days overdue, as the model does."""


@dataclass(frozen=True)
class Ground:
    """Why a class or a stage: its clause in words, where it stands, and the facts it went by.

    `five_class` is the class that the clause asks for, "" where it keeps the class or speaks of a stage.
    """

    clause: str
    text: Texts
    article: str
    evidence: tuple[Texts, ...]
    five_class: str = ""


@dataclass(frozen=True)
class ActionView:
    """A suggested action: what to do, whether a person approves first, by which channels it reaches the borrower."""

    code: str
    kind: str
    text: Texts
    approval: bool
    channels: tuple[str, ...]


@dataclass(frozen=True)
class ChannelView:
    """What the contact guard says of a channel: allowed, or every reason why not, each with its source."""

    channel: str
    allowed: bool
    reasons: tuple[tuple[Texts, str], ...]


@dataclass(frozen=True)
class ContactView:
    """The guard's answers for a moment (UTC microseconds)."""

    at: int
    channels: tuple[ChannelView, ...]


@dataclass(frozen=True)
class AlertView:
    """An alert that is told now or still open. `severity` B, Y, O or R; `status` of the journal, "" where not kept."""

    rule: str
    severity: str
    text: Texts
    evidence: tuple[Texts, ...]
    owner: str
    action: Texts
    fired_on: str
    status: str = ""


@dataclass(frozen=True)
class DecisionView:
    """What follows from score and facts. `ead` and `el` are in minor units; indices are 0 to 1, None = not known.

    `five_class` is None for a closed loan. `unasked` are rules, clauses and triggers whose facts are not known.
    """

    five_class: str | None
    class_name: Texts | None
    class_grounds: tuple[Ground, ...]
    class_held: bool
    class_review_on: str
    stage: int | None
    stage_grounds: tuple[Ground, ...]
    actions: tuple[ActionView, ...]
    treatment: Texts | None
    needs_approval: bool
    approval: Texts | None
    review: Texts | None
    review_days: int | None
    raised: bool
    ask_for_data: bool
    holdout: bool
    ability: float | None
    willingness: float | None
    ead: int | None
    el: int | None
    alerts: tuple[AlertView, ...]
    unasked: tuple[Texts, ...]

    @property
    def non_performing(self) -> bool:
        """Whether the class is substandard or worse."""
        return self.five_class in NPL

    @property
    def beyond_arrears(self) -> tuple[Ground, ...]:
        """The grounds of the class that do not go by days overdue: facts that the model does not judge by."""
        return tuple(one for one in self.class_grounds if one.clause not in ARREARS)


def decision_view(decided: Plain, pack: Pack, currency: str, status: Mapping[str, str] | None = None) -> DecisionView:
    """The decision of `serving.ruling.Ruling.decided` (or of the journal), with its `alerts`; `status` by rule."""
    return DecisionView(
        five_class=decided["class"],
        class_name=decided["class_name"],
        class_grounds=tuple(_ground(one, "clause", "article", currency) for one in decided["class_reasons"]),
        class_held=bool(decided["class_held"]),
        class_review_on=str(decided["class_review_on"]),
        stage=int(decided["stage"] or 0) or None,
        stage_grounds=tuple(_ground(one, "trigger", "reference", currency) for one in decided["stage_reasons"]),
        actions=tuple(_action(one, pack) for one in decided["actions"]),
        treatment=decided["treatment"],
        needs_approval=bool(decided["needs_approval"]),
        approval=decided["approval"],
        review=decided["review"],
        review_days=decided["review_days"],
        raised=bool(decided["raised_by_exposure"]),
        ask_for_data=bool(decided["ask_for_data"]),
        holdout=bool(decided["holdout"]),
        ability=decided["ability"],
        willingness=decided["willingness"],
        ead=_minor(decided["ead"]),
        el=_minor(decided["el"]),
        alerts=_alerts(decided.get("alerts", ()), status or {}, currency),
        unasked=tuple(_unasked(name, pack) for name in decided["not_evaluated"]),
    )


def _ground(plain: Plain, clause: str, article: str, currency: str) -> Ground:
    return Ground(
        str(plain[clause]),
        plain["text"],
        str(plain[article]),
        _evidence(plain["evidence"], currency),
        str(plain.get("five_class", "")),
    )


def _evidence(facts: Mapping[str, float | None], currency: str) -> tuple[Texts, ...]:
    """Facts in words; what is not known is left out, since a clause does not hold by what is not known."""
    told = {name: value for name, value in facts.items() if value is not None and _declared(name)}
    return tuple({lang: _fact(name, value, lang, currency) for lang in LANGUAGES} for name, value in told.items())


def _fact(name: str, value: float, lang: str, currency: str) -> str:
    """A fact with its value; codes of tiers, classes and severities by their names."""
    told = _CODES.get(name)
    if told is not None and 0 <= int(value) < len(told[1]):
        label, word = told[0][lang], told[1][int(value)]
        shown = word if isinstance(word, str) else word[lang]
    else:
        fact = FACTS.get(name) or FIGURES.get(name) or COHORT[name]
        label, shown = fact.label[lang], in_unit(value, fact.unit, currency)[lang]
    return f"{label}{': ' if lang == 'en' else '：'}{shown}"


def _declared(name: str) -> bool:
    return name in FACTS or name in FIGURES or name in COHORT


def _action(plain: Plain, pack: Pack) -> ActionView:
    known = pack.treatments.actions.get(plain["code"])
    approval = bool(known.approval) if known else bool(plain.get("approval", True))
    return ActionView(plain["code"], plain["kind"], plain["text"], approval, channels(plain["code"]))


def _alerts(alerts: Sequence[Plain], status: Mapping[str, str], currency: str) -> tuple[AlertView, ...]:
    gravest_first = sorted(alerts, key=lambda one: ("ROYB".find(one["severity"]), one["rule"]))
    return tuple(
        AlertView(
            one["rule"],
            one["severity"],
            one["text"],
            _evidence(one["evidence"], currency),
            one["owner"],
            one["action_text"],
            str(one["fired_on"]),
            str(one.get("status") or status.get(one["rule"], "")),
        )
        for one in gravest_first
    )


def _unasked(name: str, pack: Pack) -> Texts:
    kind, _, of = name.rpartition(" ")
    if kind == "class":
        return next((one.text for one in pack.classes.clauses if one.id == of), dict.fromkeys(LANGUAGES, of))
    if kind == "stage":
        return next((one.text for one in pack.stages if one.id == of), dict.fromkeys(LANGUAGES, of))
    return {lang: f"{of} {text}" for lang, text in pack.rules[of].name.items()}


def _minor(major: float | None) -> int | None:
    return None if major is None else round(100 * major)


def contact_view(h: History, i: int, pack: Pack, at: datetime, wanted: Sequence[str] = CHANNELS) -> ContactView:
    """The contact guard's answer for observation `i` at a moment with its zone, by what the book knew.

    Asked as a person (not a machine) who reaches the borrower; a visit by as many staff as the rules ask.
    """
    book = records(h, i)
    point = book.past[-1].contact_point_id if book.past else ""
    told = []
    for channel in wanted:
        staff = pack.guard.visit_staff if channel == "visit" else 1
        request = ContactRequest(
            str(h.borrower_ids[i]), str(h.loan_ids[i]), at, h.settings.timezone, channel, point, staff=staff
        )
        answer = allowed(request, *book, pack)
        told.append(ChannelView(channel, answer.allowed, tuple((r.text, r.article) for r in answer.reasons)))
    return ContactView(round(at.timestamp() * 1_000_000), tuple(told))
