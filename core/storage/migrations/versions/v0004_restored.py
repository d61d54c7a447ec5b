"""Codes that wait for staff after an old backup was restored, and the wishes to redeem one meanwhile. Frozen."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"

Id = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
Moment = sa.DateTime(timezone=True).with_variant(sa.BigInteger(), "sqlite")


def upgrade() -> None:
    op.add_column("batches", sa.Column("suspended_at", Moment))
    op.create_table(
        "code_requests",
        sa.Column("id", Id, autoincrement=True, nullable=False),
        sa.Column("code_id", Id, nullable=False),
        sa.Column("address", sa.String(320), nullable=False),
        sa.Column("address_key", sa.String(320), nullable=False),
        sa.Column("state", sa.String(8), nullable=False),
        sa.Column("platform", sa.String(16), nullable=False),
        sa.Column("identity", sa.String(100), nullable=False),
        sa.Column("language", sa.String(16)),
        sa.Column("created_at", Moment, nullable=False),
        sa.Column("decided_at", Moment),
        sa.Column("decided_by", sa.String(120)),
        sa.CheckConstraint("state IN ('asked', 'approved', 'declined')", name=op.f("ck_code_requests_state")),
        sa.ForeignKeyConstraint(["code_id"], ["codes.id"], name=op.f("fk_code_requests_code_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_code_requests")),
        sqlite_autoincrement=True,
    )
    op.create_index(
        "uq_code_requests_once",
        "code_requests",
        ["code_id", "address_key"],
        unique=True,
        sqlite_where=sa.text("state <> 'declined'"),
        postgresql_where=sa.text("state <> 'declined'"),
    )


def downgrade() -> None:
    op.drop_table("code_requests")
    op.drop_column("batches", "suspended_at")
