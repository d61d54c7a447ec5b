"""Addresses of other systems that are told what happens, and when a batch was used up. Frozen."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"

Moment = sa.DateTime(timezone=True).with_variant(sa.BigInteger(), "sqlite")
Id = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "hooks",
        sa.Column("id", Id, primary_key=True, autoincrement=True),
        sa.Column("url", sa.String(500), nullable=False),
        sa.Column("events", sa.Text(), nullable=False, server_default=""),
        sa.Column("reference", sa.String(32), nullable=False),
        sa.Column("secret", sa.LargeBinary(), nullable=False),
        sa.Column("state", sa.String(8), nullable=False, server_default="active"),
        sa.Column("maker", sa.String(120), nullable=False),
        sa.Column("failing_since", Moment),
        sa.Column("last_error", sa.String(200)),
        sa.Column("created_at", Moment, nullable=False),
        sa.CheckConstraint("state IN ('active', 'paused', 'removed')", name="ck_hooks_state"),
        sa.UniqueConstraint("reference", name="uq_hooks_reference"),
        sa.PrimaryKeyConstraint("id", name="pk_hooks"),
        sqlite_autoincrement=True,
    )
    op.add_column("batches", sa.Column("used_up_at", Moment))
    # What was used up before is no news.
    op.execute("UPDATE batches SET used_up_at = created_at WHERE uses > 0 AND used > 0 AND used + voided >= uses")


def downgrade() -> None:
    op.drop_column("batches", "used_up_at")
    op.execute("DELETE FROM notices WHERE channel = 'hook'")
    op.drop_table("hooks")
