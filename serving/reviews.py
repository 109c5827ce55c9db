"""Reviews that borrowers ask for: a person looks at what was said, and the outcome is kept."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final, Literal, cast

import msgspec

from serving.errors import NotHeld
from serving.holding import loan_out
from serving.journal import Conflict, Journal, Kept, Task, TaskStep, new_id, now_us
from serving.journal.entry import CLOSED, OPEN
from serving.journal.lives import Life, Story
from serving.render import day, day_number, moment
from serving.review_answers import ReviewAsked, ReviewDone, ReviewOut
from serving.routes.entry import Visit
from serving.service import Made

KIND: Final = "borrower_review"


def asked_for(visit: Visit, asked: ReviewAsked) -> Made:
    """A request for a review of the newest score of a loan, and its entry. Raises NotHeld."""
    known = loan_out(visit.backing.kept(), visit.backing.memory.runs, asked.loan_id, None, 1, None)
    details = {"reason": asked.reason, "score_id": known.latest.score_id}
    entry = Task(
        task_id=new_id("V"),
        loan_id=asked.loan_id,
        borrower_id=known.borrower_id,
        kind=KIND,
        due_on=day_number(asked.due_on),
        actor=visit.actor.name,
        request_id=visit.request_id,
        details=details,
    )
    out = review_out(Story(Life(Kept(entry, 0, "", 0, now_us()), OPEN, 0, 0), ()), details, None)
    return Made(msgspec.json.encode(out), [entry], asked.loan_id)


def closed(visit: Visit, review_id: str, done: ReviewDone) -> Made:
    """The outcome of a review and its entry. Raises NotHeld, Conflict where it has one."""
    journal = visit.backing.kept()
    story = journal.task(review_id)
    if story is None or story.life.entry.kind != KIND:
        raise NotHeld(f"review {review_id!r}: the journal does not know it")
    life = story.life
    if life.status == CLOSED:
        raise Conflict(f"review {review_id}: it was closed already")
    note = {"reason": done.reason}
    step = TaskStep(
        task_id=review_id,
        step=life.step + 1,
        status=CLOSED,
        outcome=done.outcome,
        actor=visit.actor.name,
        request_id=visit.request_id,
        note=note,
    )
    after = Story(Life(life.kept, CLOSED, step.step, 0), (Kept(step, 0, "", 0, now_us()),))
    out = review_out(after, journal.value(life.entry.details), note)
    return Made(msgspec.json.encode(out), [step], life.entry.loan_id)


def reviews_out(
    journal: Journal, status: str | None, limit: int, before: int | None, loan_id: str | None
) -> tuple[list[ReviewOut], int | None]:
    """Reviews, newest first, and the place to go on from. Raises JournalDown."""
    stories, following = journal.task_stories(status, limit, before, kind=KIND, loan_id=loan_id)
    named = [story.life.entry.details for story in stories] + [
        story.steps[-1].entry.note for story in stories if story.steps
    ]
    texts = journal.payloads([name for name in named if name])
    values = {name: msgspec.json.decode(text) for name, text in texts.items() if text is not None}
    return [
        review_out(one, values.get(one.life.entry.details), values.get(one.steps[-1].entry.note) if one.steps else None)
        for one in stories
    ], following


def review_out(
    story: Story[Task, TaskStep], details: Mapping[str, Any] | None, note: Mapping[str, Any] | None
) -> ReviewOut:
    """A review with its outcome; `details` and `note` are the payloads, None where they were erased."""
    one, last = story.life.entry, story.steps[-1] if story.steps else None
    return ReviewOut(
        review_id=one.task_id,
        loan_id=one.loan_id,
        borrower_id=one.borrower_id,
        score_id=(details or {}).get("score_id"),
        reason=(details or {}).get("reason"),
        due_on=day(one.due_on),
        actor=one.actor,
        at=moment(story.life.kept.at),
        status=cast(Literal["open", "closed"], story.life.status),
        outcome=last.entry.outcome if last else None,
        answer=(note or {}).get("reason"),
        answered_by=last.entry.actor if last else None,
        answered_at=moment(last.at) if last else None,
    )
