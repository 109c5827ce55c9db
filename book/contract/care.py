"""What the lender did after payout: findings, contacts, actions, tasks, consents, complaints."""

from __future__ import annotations

from typing import Final

from book.contract.declare import (
    BORROWER,
    LOAN,
    columns,
    date,
    ident,
    money,
    one_of,
    optional,
    person,
    stamp,
    text,
)
from book.contract.kinds import Table

FINDINGS: Final = Table(
    name="findings",
    meaning="What a named person found out about a loan.",
    owner="loan",
    key=("finding_id",),
    event_date="found_on",
    columns=columns(
        ident("finding_id", "the finding"),
        LOAN,
        one_of(
            "kind",
            "what it is about",
            "use_of_funds evasion technical_overdue credit_enhancement other "
            "eligible_renewal rating_slump ability_assessed difficulty_resolved",
        ),
        date("found_on", "day of the finding"),
        text("detail", "what was found, and by whom"),
    ),
)

CONTACTS: Final = Table(
    name="contacts",
    meaning="Calls, messages and visits.",
    owner="loan",
    key=("contact_id",),
    event_date="at",
    realised=True,
    columns=columns(
        ident("contact_id", "the contact"),
        LOAN,
        person("contact_point_id", "the number or address used"),
        stamp("at", "when, with time zone"),
        text("channel", "call, message, visit"),
        text("direction", "out or in"),
        one_of("outcome", "what came of it", "reached no_answer ptp refused invalid"),
        optional(money("ptp_amount", "amount promised")),
        optional(date("ptp_on", "day promised for")),
        text("agent_type", "who made it"),
    ),
)

ACTIONS: Final = Table(
    name="actions",
    meaning="Actions taken under a policy, with the arm of a trial where there was one.",
    owner="loan",
    key=("action_id",),
    event_date="at",
    columns=columns(
        ident("action_id", "the action"),
        LOAN,
        stamp("at", "when, with time zone"),
        text("action", "what was done"),
        text("policy_version", "policy that asked for it"),
        optional(one_of("arm", "arm of the trial", "treated holdout")),
        optional(money("cost", "what it cost")),
        optional(text("outcome", "what came of it")),
    ),
)

TASKS: Final = Table(
    name="tasks",
    meaning="Work to be done on a loan by a day.",
    owner="loan",
    key=("task_id",),
    event_date="due_on",
    columns=columns(
        ident("task_id", "the task"),
        LOAN,
        one_of("kind", "kind of task", "first_check review site_visit reconciliation"),
        date("due_on", "day it is due"),
        optional(date("done_on", "day it was done")),
        optional(text("result", "result")),
    ),
)


def _dated_by_borrower(name: str, meaning: str) -> Table:
    return Table(
        name=name,
        meaning=meaning,
        owner="borrower",
        key=("id",),
        event_date="from",
        columns=columns(
            ident("id", "the entry"),
            BORROWER,
            text("kind", "what it is about"),
            optional(text("channel", "channel it concerns")),
            date("from", "first day"),
            optional(date("to", "last day")),
        ),
    )


CONSENTS: Final = _dated_by_borrower("consents", "Consents given by the borrower.")
COMPLAINTS: Final = _dated_by_borrower("complaints", "Complaints of the borrower.")
