"""The journal: scores, alerts and their lives, overrides, every access; append-only and hash-chained."""

from serving.journal.entries import (
    Access,
    Alert,
    AlertStep,
    Attempt,
    Contact,
    Delivery,
    Entry,
    Event,
    Means,
    Override,
    OverrideStep,
    Score,
    Segment,
    Task,
    TaskStep,
    alert_id_of,
)
from serving.journal.errors import Conflict, Damaged, JournalDown, KeyReused
from serving.journal.ids import new_id, now_us
from serving.journal.journal import Journal
from serving.journal.reading import Kept, Page
from serving.journal.submission import Answer, Receipt, Submission

__all__ = [
    "Access",
    "Alert",
    "AlertStep",
    "Answer",
    "Attempt",
    "Conflict",
    "Contact",
    "Damaged",
    "Delivery",
    "Entry",
    "Event",
    "Journal",
    "JournalDown",
    "Kept",
    "KeyReused",
    "Means",
    "Override",
    "OverrideStep",
    "Page",
    "Receipt",
    "Score",
    "Segment",
    "Submission",
    "Task",
    "TaskStep",
    "alert_id_of",
    "new_id",
    "now_us",
]
