"""What a monitoring run trips goes into the journal: alerts of the rules on book and model, with their messages."""

from __future__ import annotations

from datetime import date
from pathlib import Path

from monitoring.timeline.figures import Timeline
from policy.alerts import Alert, portfolio_alerts
from policy.pack import Pack
from serving.journal import Journal
from serving.nightly_alerts import Telling, tell
from serving.nightly_past import told_before
from serving.webhooks.endpoints import announcer, read_endpoints

ACTOR = "monitor"


def tell_alerts(found: Timeline, pack: Pack, journal: str, webhooks: Path | None) -> tuple[Alert, ...]:
    """Write the alerts that are due to the journal at a URL, and the messages that go with them; those alerts.

    A rule that fired within its cool-down, here or in a night, fires again only if it is graver. The same run twice
    writes nothing the second time. Raises JournalDown where the journal cannot be written.
    """
    day = (found.on - date(1970, 1, 1)).days
    run = f"{ACTOR}-{found.on}-{found.asked.bundle[:8]}"
    announce = announcer(read_endpoints(webhooks), run) if webhooks else None
    with Journal.open(journal, ACTOR) as opened:
        due = portfolio_alerts(found.policy, pack, day, told_before(pack, day, opened)).alerts
        tell(Telling(opened, pack, run, day, ACTOR, announce), (), due, lambda *_: None)
    return due
