"""How much stands where in the journal, counted by the database: for the figures of the service."""

from __future__ import annotations

from sqlalchemy import func, select

from serving.journal.entries import OPEN, Alert, Delivery
from serving.journal.reading import Reading
from serving.journal.schema import STANDINGS, TYPED


def open_alerts(journal: Reading) -> dict[tuple[str, str], int]:
    """How many alerts are open, by rule and severity. Raises JournalDown."""
    alerts = TYPED[Alert.KIND]
    at = (STANDINGS.c.kind == Alert.KIND) & (STANDINGS.c.status == OPEN)
    question = select(alerts.c.rule, alerts.c.severity, func.count()).select_from(
        STANDINGS.join(alerts, alerts.c.alert_id == STANDINGS.c.id)
    )
    with journal.connection() as connection:
        rows = connection.execute(question.where(at).group_by(alerts.c.rule, alerts.c.severity)).all()
    return {(rule, severity): int(n) for rule, severity, n in rows}


def deliveries(journal: Reading) -> dict[str, int]:
    """How many messages to other systems stand where: pending, delivered, dead. Raises JournalDown."""
    question = select(STANDINGS.c.status, func.count()).where(STANDINGS.c.kind == Delivery.KIND)
    with journal.connection() as connection:
        return {status: int(n) for status, n in connection.execute(question.group_by(STANDINGS.c.status)).all()}
