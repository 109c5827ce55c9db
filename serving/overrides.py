"""Deciding otherwise: one person proposes with a reason, another approves or declines by their own credentials."""

from __future__ import annotations

from typing import Final

import msgspec

from book.errors import Fault, RequestRefused
from policy.parts.classes import CLASSES
from serving.case_answers import OverrideAnswered, OverrideAsked, OverrideOut
from serving.errors import Forbidden, NotHeld
from serving.holding import loan_out, override_out
from serving.journal import Conflict, Kept, Override, OverrideStep, new_id, now_us
from serving.journal.entry import APPROVED, DECLINED, PROPOSED
from serving.journal.lives import Life, Story
from serving.render import day_number
from serving.routes.entry import Visit
from serving.scorer import Scorer
from serving.service import Made

ANSWERS: Final = {"approve": APPROVED, "decline": DECLINED}
MICROS_A_DAY: Final = 86_400_000_000


def proposed(visit: Visit, asked: OverrideAsked, scorer: Scorer) -> Made:
    """A proposal and its entry. Raises RequestRefused with every fault, NotHeld."""
    pack = scorer.pack
    choices = {
        "tier": (*(step.code for step in pack.tiers), pack.state_d.code),
        "class": CLASSES,
        "action": tuple(pack.treatments.actions),
    }[asked.what]
    if asked.becomes not in choices:
        fault = Fault("not_allowed", "it cannot become this", path="becomes", got=asked.becomes[:50],
                      allowed=", ".join(choices))  # fmt: skip
        raise RequestRefused([fault])
    latest = loan_out(visit.backing.kept(), visit.backing.memory.runs, asked.loan_id, None, 1, None).latest
    entry = Override(
        override_id=new_id("O"),
        loan_id=asked.loan_id,
        score_id=latest.score_id,
        what=asked.what,
        was={"tier": latest.tier, "class": latest.five_class, "action": latest.action}[asked.what],
        becomes=asked.becomes,
        reason=asked.reason,
        expires_on=None if asked.expires_on is None else day_number(asked.expires_on),
        actor=visit.actor.name,
        request_id=visit.request_id,
    )
    life = Life(Kept(entry, 0, "", 0, now_us()), PROPOSED, 0, 0)
    return Made(_told(override_out(Story(life, ()), None)), [entry], asked.loan_id)


def answered(visit: Visit, override_id: str, verb: str, asked: OverrideAnswered) -> Made:
    """Another person's answer and its entry.

    Raises NotHeld, Forbidden for whoever proposed it, Conflict where it was answered or has run out.
    """
    story = visit.backing.kept().override(override_id)
    if story is None:
        raise NotHeld(f"override {override_id!r}: the journal does not know it")
    life, entry, now = story.life, story.life.entry, now_us()
    if entry.actor.strip().casefold() == visit.actor.name.strip().casefold():
        raise Forbidden(f"{visit.actor.name} proposed override {override_id}: another approver has to answer it")
    if life.status != PROPOSED:
        raise Conflict(f"override {override_id}: it was {life.status} already")
    if verb == "approve" and entry.expires_on is not None and entry.expires_on < now // MICROS_A_DAY:
        raise Conflict(f"override {override_id}: it has run out; it can be proposed again")
    step = OverrideStep(
        override_id=override_id,
        step=life.step + 1,
        status=ANSWERS[verb],
        actor=visit.actor.name,
        request_id=visit.request_id,
        note={"reason": asked.reason},
    )
    after = Story(Life(life.kept, step.status, step.step, 0), (Kept(step, 0, "", 0, now),))
    return Made(_told(override_out(after, asked.reason)), [step], entry.loan_id)


def _told(out: OverrideOut) -> bytes:
    return msgspec.json.encode(out)
