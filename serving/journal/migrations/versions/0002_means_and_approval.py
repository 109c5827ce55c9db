"""What scores are made with, and the second person's answer to an override."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from serving.journal.guards import guards_of

revision = "0002"
down_revision = "0001"

PLACE = sa.BigInteger().with_variant(sa.Integer, "sqlite")
MEANS = "bundle_id pack pack_hash context_hash settings_hash version code_hash libraries actor"


def upgrade() -> None:
    """Make both tables, guard them, and say of earlier overrides that they were approved as they were entered."""
    op.create_table(
        "means",
        sa.Column("place", PLACE, primary_key=True, autoincrement=False),
        *(sa.Column(name, sa.Text, nullable=False) for name in MEANS.split()),
    )
    op.create_index("means_by_pack_hash_bundle_id", "means", ["pack_hash", "bundle_id"])
    op.create_table(
        "override_steps",
        sa.Column("place", PLACE, primary_key=True, autoincrement=False),
        sa.Column("override_id", sa.Text, nullable=False),
        sa.Column("step", sa.BigInteger, nullable=False),
        *(sa.Column(name, sa.Text, nullable=False) for name in ("status", "actor", "request_id", "note")),
        sa.UniqueConstraint("override_id", "step", name="override_steps_once_override_id_step"),
    )
    connection = op.get_bind()
    for statement in guards_of(connection.dialect.name, ("means", "override_steps")):
        connection.exec_driver_sql(statement)
    connection.exec_driver_sql(
        "INSERT INTO standings (kind, id, status, step, next_at, place) "
        "SELECT 'override', override_id, CASE WHEN approved_by <> '' THEN 'approved' ELSE 'proposed' END, 0, 0, place "
        "FROM overrides"
    )


def downgrade() -> None:
    """A journal is never taken back to an earlier form."""
    raise RuntimeError("the journal cannot be downgraded: it only grows")
