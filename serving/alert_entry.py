"""A fired alert as an entry of the journal, whoever fired it: a night, a score or an event."""

from __future__ import annotations

from policy.alerts import Alert
from policy.pack import Pack
from serving.journal.entries import Alert as AlertEntry
from serving.journal.entries import alert_id_of


def alert_entry(alert: Alert, pack: Pack, *, score_id: str, request_id: str, actor: str) -> AlertEntry:
    """An alert as an entry of the journal; the same alert always has the same id."""
    return AlertEntry(
        alert_id=alert_id_of(alert.rule, alert.subject, alert.fired_on, alert.severity),
        rule=alert.rule,
        version=str(alert.version),
        severity=alert.severity,
        family=alert.family,
        level=alert.level,
        subject=alert.subject,
        loan_id=alert.loan_id,
        borrower_id=alert.borrower_id,
        fired_on=alert.fired_on,
        owner=alert.owner,
        action=alert.action,
        score_id=score_id,
        request_id=request_id,
        actor=actor,
        evidence=alert.to_plain(pack),
    )
