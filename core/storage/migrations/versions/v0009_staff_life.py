"""Pools that are put away, codes that move people otherwise than their batch, and conditions that are over. Frozen."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"

Moment = sa.DateTime(timezone=True).with_variant(sa.BigInteger(), "sqlite")

COLUMNS = (
    ("pools", "removed_at", Moment),
    ("codes", "auto_transfer", sa.Boolean()),
    ("alerts", "over_at", Moment),
)


def upgrade() -> None:
    for table, name, kind in COLUMNS:
        op.add_column(table, sa.Column(name, kind))
    # Whatever was resolved until now may be raised again. What was an alert of its own beside that of its pool is one
    # with it from now on, and nobody would ever end it.
    op.execute("UPDATE alerts SET over_at = resolved_at WHERE resolved_at IS NOT NULL")
    op.execute(
        "UPDATE alerts SET resolved_at = last_seen_at, over_at = last_seen_at, resolved_by = 'system:usher' "
        "WHERE resolved_at IS NULL AND category = 'team_capacity' AND subject LIKE 'free:%'"
    )


def downgrade() -> None:
    for table, name, _ in COLUMNS:
        op.drop_column(table, name)
