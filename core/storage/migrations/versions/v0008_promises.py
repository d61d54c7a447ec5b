"""Seats without a code, grace after an end, a budget of moves, wishes to stay longer, settings by command. Frozen."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0008"
down_revision = "0007"

Id = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
Json = sa.JSON().with_variant(JSONB(), "postgresql")
Moment = sa.DateTime(timezone=True).with_variant(sa.BigInteger(), "sqlite")


def upgrade() -> None:
    op.add_column("batches", sa.Column("direct", sa.Boolean, nullable=False, server_default=sa.false()))
    op.add_column("pools", sa.Column("grace_hours", sa.Integer, nullable=False, server_default="0"))
    op.add_column("pools", sa.Column("transfers_allowed", sa.Integer))
    op.create_table(
        "extension_requests",
        sa.Column("id", Id, autoincrement=True, nullable=False),
        sa.Column("lease_id", Id, nullable=False),
        sa.Column("term", sa.String(16), nullable=False),
        sa.Column("state", sa.String(8), nullable=False),
        sa.Column("created_at", Moment, nullable=False),
        sa.Column("decided_at", Moment),
        sa.Column("decided_by", sa.String(120)),
        sa.CheckConstraint(
            "state IN ('asked', 'approved', 'declined', 'closed')", name=op.f("ck_extension_requests_state")
        ),
        sa.ForeignKeyConstraint(["lease_id"], ["leases.id"], name=op.f("fk_extension_requests_lease_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_extension_requests")),
        sqlite_autoincrement=True,
    )
    op.create_index(
        "uq_extension_requests_asked",
        "extension_requests",
        ["lease_id"],
        unique=True,
        sqlite_where=sa.text("state = 'asked'"),
        postgresql_where=sa.text("state = 'asked'"),
    )
    op.create_table(
        "setting_rows",
        sa.Column("name", sa.String(64), nullable=False),
        sa.Column("value", Json, nullable=False),
        sa.Column("changed_at", Moment, nullable=False),
        sa.Column("changed_by", sa.String(120), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_setting_rows")),
    )


def downgrade() -> None:
    op.drop_table("setting_rows")
    op.drop_table("extension_requests")
    op.drop_column("pools", "transfers_allowed")
    op.drop_column("pools", "grace_hours")
    op.drop_column("batches", "direct")
