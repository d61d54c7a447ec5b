"""Parents of subaccounts, and the subaccounts that they make. Frozen."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"

Moment = sa.DateTime(timezone=True).with_variant(sa.BigInteger(), "sqlite")
Id = sa.BigInteger().with_variant(sa.Integer(), "sqlite")

_LIVE = "state IN ('sending', 'unclear', 'ready', 'ending') AND person_id IS NOT NULL"
_DUE = "due_at IS NOT NULL"


def upgrade() -> None:
    op.create_table(
        "parents",
        sa.Column("id", Id, primary_key=True, autoincrement=True),
        sa.Column("source_id", Id, nullable=False),
        sa.Column("adapter", sa.String(32), nullable=False),
        sa.Column("base_url", sa.String(300), nullable=False),
        sa.Column("credential", sa.LargeBinary(), nullable=False),
        sa.Column("last4", sa.String(8), nullable=False),
        sa.Column("for_all", sa.Boolean(), nullable=False, server_default=sa.false()),
        sa.Column("concurrency", sa.Integer(), nullable=False),
        sa.Column("rpm", sa.Integer()),
        sa.Column("tpm", sa.Integer()),
        sa.Column("daily_budget", sa.BigInteger()),
        sa.Column("created_at", Moment, nullable=False),
        sa.CheckConstraint("concurrency >= 1", name="ck_parents_concurrency"),
        sa.ForeignKeyConstraint(["source_id"], ["sources.id"], name="fk_parents_source_id"),
        sa.UniqueConstraint("source_id", name="uq_parents_source_id"),
        sa.PrimaryKeyConstraint("id", name="pk_parents"),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "subaccounts",
        sa.Column("id", Id, primary_key=True, autoincrement=True),
        sa.Column("parent_id", Id, nullable=False),
        sa.Column("person_id", Id),
        sa.Column("name", sa.String(64), nullable=False),
        sa.Column("state", sa.String(8), nullable=False),
        sa.Column("reference", sa.String(200)),
        sa.Column("source_id", Id),
        sa.Column("reason", sa.String(64)),
        sa.Column("sends", sa.Integer(), nullable=False, server_default="1"),
        sa.Column("looks", sa.Integer(), nullable=False, server_default="0"),
        sa.Column("sent_at", Moment, nullable=False),
        sa.Column("created_at", Moment, nullable=False),
        sa.Column("ended_at", Moment),
        sa.Column("claim", sa.String(32)),
        sa.Column("due_at", Moment),
        sa.CheckConstraint(
            "state IN ('sending', 'unclear', 'ready', 'ending', 'failed', 'revoked')", name="ck_subaccounts_state"
        ),
        sa.CheckConstraint(
            "state <> 'ready' OR (source_id IS NOT NULL AND reference IS NOT NULL)",
            name="ck_subaccounts_ready_has_source",
        ),
        sa.CheckConstraint("(state IN ('failed', 'revoked')) = (ended_at IS NOT NULL)", name="ck_subaccounts_ended"),
        sa.CheckConstraint(
            "(state IN ('sending', 'unclear', 'ending')) = (due_at IS NOT NULL)", name="ck_subaccounts_due"
        ),
        sa.ForeignKeyConstraint(["parent_id"], ["parents.id"], name="fk_subaccounts_parent_id"),
        sa.ForeignKeyConstraint(["source_id"], ["sources.id"], name="fk_subaccounts_source_id"),
        sa.PrimaryKeyConstraint("id", name="pk_subaccounts"),
        sqlite_autoincrement=True,
    )
    for column in ("parent_id", "person_id", "source_id"):
        op.create_index(f"ix_subaccounts_{column}", "subaccounts", [column])
    op.create_index(
        "uq_subaccounts_live",
        "subaccounts",
        ["parent_id", "person_id"],
        unique=True,
        sqlite_where=sa.text(_LIVE),
        postgresql_where=sa.text(_LIVE),
    )
    op.create_index(
        "ix_subaccounts_due", "subaccounts", ["due_at"], sqlite_where=sa.text(_DUE), postgresql_where=sa.text(_DUE)
    )


def downgrade() -> None:
    op.drop_table("subaccounts")
    op.drop_table("parents")
