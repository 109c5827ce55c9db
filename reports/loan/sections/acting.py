"""What to do: suggested actions, whether the borrower may be contacted, alerts, why this class and stage."""

from __future__ import annotations

from reports.blocks import Block, Section, Sub, Table, Text, section
from reports.formats import NOTHING
from reports.loan.citing import cited
from reports.loan.decision import ActionView, ContactView, DecisionView, Ground
from reports.loan.sections.standing import day_number
from reports.loan.view import LoanView
from reports.wording import Wording


def doing(view: LoanView, w: Wording) -> Section | None:
    """Actions with their channels and who decides, the guard's answer, notes; None where nothing was decided."""
    told = view.decision
    if told is None:
        return None
    blocks: list[Block | None] = [
        Text((w.sentence(told.treatment[w.lang]) if told.treatment else w("do.none"),), "strong"),
        _actions(told, w, view.contact),
        Text(tuple(_notes(told, w)), "note"),
        *_guard(view.contact, w),
        Sub(w("alerts.title")),
        _alerts(told, w),
        *_grounds(w("do.class_why"), told.class_grounds, w),
        *_grounds(w("do.stage_why"), told.stage_grounds, w),
    ]
    return section("do", w("do.title"), blocks)


def _actions(told: DecisionView, w: Wording, contact: ContactView | None) -> Table | None:
    if not told.actions:
        return None
    rows = tuple(
        (
            w.sentence(one.text[w.lang]),
            w.name("action_kind", one.kind),
            _channels(one, w, contact),
            _who(one, told, w),
        )
        for one in told.actions
    )
    return Table((w("do.action"), w("do.kind"), w("do.by"), w("do.approval")), rows)


def _channels(one: ActionView, w: Wording, contact: ContactView | None) -> str:
    """The channels of an action, each with the guard's answer where it was asked."""
    answers = {told.channel: told.allowed for told in contact.channels} if contact else {}
    said = []
    for channel in one.channels:
        name = w.name("channel", channel)
        if channel in answers:
            name = w("do.answered", channel=name, answer=w("do.allowed" if answers[channel] else "do.denied"))
        said.append(name)
    return w.joined(said) or NOTHING


def _who(one: ActionView, told: DecisionView, w: Wording) -> str:
    if not (one.approval or told.needs_approval):
        return w("do.free")
    return w("do.person", who=told.approval[w.lang]) if told.approval else w("do.person_any")


def _notes(told: DecisionView, w: Wording) -> list[str]:
    index = [w("do.unknown") if one is None else f"{one:.2f}" for one in (told.ability, told.willingness)]
    said = [w("do.review_by", review=told.review[w.lang])] if told.review else []
    said.append(w("do.index", ability=index[0], willingness=index[1]))
    for flag, key in ((told.raised, "raised"), (told.ask_for_data, "ask_data"), (told.holdout, "holdout")):
        said += [w(f"do.{key}")] if flag else []
    return said


def _guard(contact: ContactView | None, w: Wording) -> list[Block]:
    if contact is None:
        return [Sub(w("do.guard")), Text((w("do.guard_none"),), "note")]
    rows = tuple(
        (
            w.name("channel", one.channel),
            w("do.allowed" if one.allowed else "do.denied"),
            w.listed(w.bracketed(text[w.lang], cited(article, w)) for text, article in one.reasons) or NOTHING,
        )
        for one in contact.channels
    )
    table = Table((w("do.channel"), w("do.answer"), w("do.why")), rows)
    return [Sub(w("do.guard")), Text((w("do.guard_at", moment=w.moment(contact.at)),), "note"), table]


def _alerts(told: DecisionView, w: Wording) -> Block:
    if not told.alerts:
        return Text((w("alerts.none"),), "note")
    lang, kept = w.lang, any(one.status for one in told.alerts)
    rows = tuple(
        (
            w.name("severity", one.severity),
            f"{one.rule} {one.text[lang]}",
            w.listed(fact[lang] for fact in one.evidence),
            w.name("owner", one.owner),
            one.action[lang],
            w.day(day_number(one.fired_on)),
            *((w.name("alert_status", one.status or None),) if kept else ()),
        )
        for one in told.alerts
    )
    names = ("severity", "what", "evidence", "owner", "action", "since", *(("status",) if kept else ()))
    strong = frozenset(k for k, one in enumerate(told.alerts) if one.severity in ("O", "R"))
    return Table(tuple(w(f"alerts.{name}") for name in names), rows, strong=strong)


def _grounds(title: str, grounds: tuple[Ground, ...], w: Wording) -> list[Block]:
    if not grounds:
        return []
    rows = tuple(
        (
            w.sentence(one.text[w.lang]),
            cited(one.article, w),
            w.listed(fact[w.lang] for fact in one.evidence) or NOTHING,
        )
        for one in grounds
    )
    return [Sub(title), Table((w("do.ground"), w("do.source"), w("do.facts")), rows, name=title)]
