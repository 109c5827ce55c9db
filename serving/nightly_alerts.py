"""Alerts of a night, and the messages to other systems that go with them, into the journal."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any, Final

import numpy as np
import pyarrow.parquet as pq

from policy.alerts import Alert
from policy.pack import Pack
from serving.alert_entry import alert_entry
from serving.journal.entries import Delivery, Entry
from serving.journal.journal import Journal
from serving.nightly_rows import ALERTS, STATE_NEXT, STATE_USED, alerts_of
from serving.webhooks.outbox import not_written

FIRED: Final = "alert.fired"
TIER_CHANGED: Final = "tier.changed"
BATCH: Final = 20_000
"""Alerts in one transaction: each touches pages all over the indices, which so many share."""
_READ = ("loan_id", "borrower_id", ALERTS, STATE_USED, STATE_NEXT)

Announce = Callable[[str, str, dict[str, Any]], Sequence[Delivery]]
"""Messages about a fact: topic, the id of the fact, what to say. The same fact gives messages of the same ids."""


@dataclass(frozen=True)
class Telling:
    """Where a night tells what it found, and in whose name."""

    journal: Journal
    pack: Pack
    night: str
    as_of: int
    actor: str
    announce: Announce | None = None


def tell(telling: Telling, rows: Sequence[Path], book: Sequence[Alert], say: Callable[[str, int, int], None]) -> None:
    """Write every alert with its messages, a batch in one transaction; what is there from before is left out.

    Raises JournalDown where the journal cannot be written: what was written stays, the same call goes on from there.
    """
    for done, path in enumerate(rows):
        say("Telling of alerts", done, len(rows))
        _write(telling, _of_part(telling, path))
    _write(telling, (_fired(telling, alert, "") for alert in book))
    say("Telling of alerts", len(rows), len(rows))


def _of_part(telling: Telling, path: Path) -> Iterator[list[Entry]]:
    """What is to be written about the loans of a part, loan by loan."""
    part = path.stem.removeprefix("part-")
    columns = [column.to_pylist() for column in pq.read_table(path, columns=list(_READ), partitioning=None).columns]
    for row, (loan, borrower, alerts, used, after) in enumerate(zip(*columns, strict=True)):
        for alert in alerts_of(alerts) if alerts else ():
            yield _fired(telling, alert, f"{telling.night}.{part}.{row}")
        if telling.announce and used:
            moved = _moved(telling, str(loan), str(borrower), json.loads(used), json.loads(after or "{}"))
            if moved:
                yield moved


def _fired(telling: Telling, alert: Alert, score_id: str) -> list[Entry]:
    """The entry of an alert and its messages."""
    entry = alert_entry(alert, telling.pack, score_id=score_id, request_id=telling.night, actor=telling.actor)
    told: Sequence[Delivery] = ()
    if telling.announce:
        said = {"alert_id": entry.alert_id, "score_id": score_id} | alert.to_plain(telling.pack)
        told = telling.announce(FIRED, entry.alert_id, said)
    return [entry, *told]


def _moved(telling: Telling, loan: str, borrower: str, used: dict[str, Any], after: dict[str, Any]) -> list[Entry]:
    """The messages about a loan whose tier is another than after the night before."""
    was, now = used.get("tier"), after.get("tier")
    if telling.announce is None or was is None or now is None or was == now:
        return []
    said = {
        "loan_id": loan,
        "borrower_id": borrower,
        "was": telling.pack.tier_of(was).code,
        "becomes": telling.pack.tier_of(now).code,
        "as_of": str(np.datetime64(telling.as_of, "D")),
        "night": telling.night,
    }
    return list(telling.announce(TIER_CHANGED, f"{telling.night}.{loan}", said))


def _write(telling: Telling, facts: Iterator[list[Entry]]) -> None:
    while batch := list(islice(facts, BATCH)):
        entries = [entry for fact in batch for entry in fact]
        messages = [entry for entry in entries if isinstance(entry, Delivery)]
        new = not_written(telling.journal, [one.delivery_id for one in messages]) if messages else set()
        telling.journal.write(
            *(entry for entry in entries if not isinstance(entry, Delivery) or entry.delivery_id in new)
        ).result()
