"""Who hears of what: the messages that are written with a score by day, in the transaction of its alerts."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from policy.pack import Pack
from serving.journal.entries import Alert, Delivery, Score
from serving.journal.ids import now_us
from serving.webhooks.endpoints import Endpoint, announcer

FIRED: Final = "alert.fired"
TIER_CHANGED: Final = "tier.changed"


@dataclass(frozen=True)
class Messages:
    """The systems that are to hear of alerts and changes of tier."""

    endpoints: Sequence[Endpoint] = ()
    clock: Callable[[], int] = now_us

    def of(self, score: Score, alerts: Sequence[Alert], pack: Pack) -> tuple[Delivery, ...]:
        """The messages about one score and the alerts told with it; none where nobody wants to hear.

        An alert that was told before has a message of the same id, which the journal knows.
        """
        if not self.endpoints:
            return ()
        announce = announcer(self.endpoints, score.request_id, self.clock)
        told = [one for alert in alerts for one in announce(FIRED, alert.alert_id, fired(alert))]
        change = changed(score, pack)
        return (*told, *(announce(TIER_CHANGED, score.score_id, change) if change else ()))


NOBODY = Messages()
"""Nobody is to hear of anything."""


def fired(alert: Alert) -> dict[str, Any]:
    """What is said of an alert."""
    return {"alert_id": alert.alert_id, "score_id": alert.score_id, **alert.evidence}


def changed(score: Score, pack: Pack) -> dict[str, Any]:
    """What is said of a loan whose tier is another than after the last decision; empty where it is not."""
    codes = tier_codes(score.state_used, score.state_next, pack)
    said = {"loan_id": score.loan_id, "borrower_id": score.borrower_id, **codes}
    return said | {"as_of": str(np.datetime64(score.as_of, "D")), "score_id": score.score_id} if codes else {}


def tier_codes(used: Mapping[str, Any] | None, after: Mapping[str, Any] | None, pack: Pack) -> dict[str, str]:
    """The tier that a loan had and the one it has, by the policy's states; empty where they are the same or unknown."""
    was, now = (used or {}).get("tier"), (after or {}).get("tier")
    if was is None or now is None or was == now:
        return {}
    return {"was": pack.tier_of(was).code, "becomes": pack.tier_of(now).code}
