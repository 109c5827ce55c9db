"""The first form of the journal."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op

from serving.journal.guards import guards

revision = "0001"
down_revision = None

PLACE = sa.BigInteger().with_variant(sa.Integer, "sqlite")
TYPES: dict[str, Any] = {
    "": sa.Text,
    "int": sa.BigInteger,
    "int?": sa.BigInteger,
    "float": sa.Double,
    "bool": sa.Boolean,
}
KINDS = {
    "scores": "score_id request_id actor source loan_id borrower_id as_of:int cutoff:int status pd:float raw:float "
    "grade tier floor five_class stage action dpd:int exposure:int? bundle_id pack pack_hash context_hash "
    "feature_hash explainer data details state_used state_next",
    "alerts": "alert_id rule version severity family level subject loan_id borrower_id fired_on:int owner action "
    "score_id request_id actor evidence",
    "alert_steps": "alert_id step:int status outcome actor request_id note",
    "overrides": "override_id loan_id score_id what was becomes reason approved_by expires_on:int? actor request_id",
    "accesses": "actor role method path subject status:int purpose request_id",
    "contacts": "contact_id borrower_id loan_id channel allowed:bool reasons pack_hash asked_for:int actor "
    "request_id details",
    "tasks": "task_id loan_id borrower_id kind due_on:int alert_id actor request_id details",
    "task_steps": "task_id step:int status outcome actor request_id note",
    "events": "event_id borrower_id received_at:int tables actor request_id rows",
    "deliveries": "delivery_id endpoint topic subject due_at:int request_id body",
    "attempts": "delivery_id attempt:int outcome status:int error next_at:int",
    "segments": "name kind as_of:int cutoff:int rows:int parts:int manifest_hash bundle_id pack pack_hash "
    "context_hash book_hash store actor",
    "erasures": "erasure_id before:int payloads:int digest actor",
    "openings": "writer version heads",
}
UNIQUE = {
    "scores": ["score_id"],
    "alerts": ["alert_id"],
    "alert_steps": ["alert_id step"],
    "overrides": ["override_id"],
    "contacts": ["contact_id"],
    "tasks": ["task_id"],
    "task_steps": ["task_id step"],
    "events": ["event_id"],
    "deliveries": ["delivery_id"],
    "attempts": ["delivery_id attempt"],
    "segments": ["name"],
    "erasures": ["erasure_id"],
}
INDEXED = {
    "scores": ["loan_id place", "request_id"],
    "alerts": ["loan_id", "borrower_id", "rule fired_on"],
    "overrides": ["loan_id place"],
    "accesses": ["actor place", "subject place"],
    "contacts": ["borrower_id place", "loan_id place"],
    "tasks": ["loan_id", "borrower_id"],
    "events": ["borrower_id received_at"],
    "deliveries": ["subject place"],
    "segments": ["kind as_of"],
}


def upgrade() -> None:
    """Make all tables and put the guards in place."""
    _chains()
    _beside_the_chains()
    for name in KINDS:
        _kind(name)
    dialect = op.get_bind().dialect.name
    for statement in guards(dialect, ("entries", *KINDS)):
        op.get_bind().exec_driver_sql(statement.replace("%", "%%") if dialect == "postgresql" else statement)


def _chains() -> None:
    op.create_table(
        "entries",
        sa.Column("place", PLACE, primary_key=True, autoincrement=False),
        sa.Column("chain", sa.Text, nullable=False),
        sa.Column("seq", sa.BigInteger, nullable=False),
        sa.Column("at", sa.BigInteger, nullable=False),
        *(sa.Column(name, sa.Text, nullable=False) for name in ("kind", "body", "before", "hash")),
        sa.UniqueConstraint("chain", "seq", name="entries_once"),
    )


def _beside_the_chains() -> None:
    op.create_table(
        "payloads",
        sa.Column("hash", sa.Text, primary_key=True),
        sa.Column("form", sa.Text, nullable=False),
        sa.Column("content", sa.LargeBinary, nullable=True),
        sa.Column("last_used", sa.BigInteger, nullable=False),
        sa.Column("erased_by", sa.Text, nullable=False),
    )
    op.create_index("payloads_by_use", "payloads", ["last_used"])
    op.create_table(
        "answers",
        sa.Column("scope", sa.Text, primary_key=True),
        sa.Column("key", sa.Text, primary_key=True),
        sa.Column("body_hash", sa.Text, nullable=False),
        sa.Column("status", sa.Integer, nullable=False),
        sa.Column("content", sa.LargeBinary, nullable=False),
        sa.Column("at", sa.BigInteger, nullable=False),
    )
    op.create_table(
        "standings",
        sa.Column("kind", sa.Text, primary_key=True),
        sa.Column("id", sa.Text, primary_key=True),
        sa.Column("status", sa.Text, nullable=False),
        *(sa.Column(name, sa.BigInteger, nullable=False) for name in ("step", "next_at", "place")),
    )
    op.create_index("standings_by_status", "standings", ["kind", "status", "next_at"])


def _kind(name: str) -> None:
    columns: list[sa.Column[Any]] = []
    for word in KINDS[name].split():
        column, _, type_ = word.partition(":")
        columns.append(sa.Column(column, TYPES[type_], nullable=type_ in ("int?", "float")))
    once = [
        sa.UniqueConstraint(*names.split(), name=f"{name}_once_{names.replace(' ', '_')}")
        for names in UNIQUE.get(name, [])
    ]
    op.create_table(name, sa.Column("place", PLACE, primary_key=True, autoincrement=False), *columns, *once)
    for names in INDEXED.get(name, []):
        op.create_index(f"{name}_by_{names.replace(' ', '_')}", name, names.split())


def downgrade() -> None:
    """A journal is never taken back to nothing."""
    raise RuntimeError("the journal cannot be downgraded: it only grows")
