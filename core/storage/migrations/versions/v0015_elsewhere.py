"""Who people are at other sites, and their visits there. Frozen."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"

Moment = sa.DateTime(timezone=True).with_variant(sa.BigInteger(), "sqlite")
Id = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "outside_links",
        sa.Column("id", Id, primary_key=True, autoincrement=True),
        sa.Column("site", sa.String(32), nullable=False),
        sa.Column("subject", sa.String(200), nullable=False),
        sa.Column("person_id", Id, nullable=False),
        sa.Column("facts", sa.JSON(), nullable=False),
        sa.Column("linked_at", Moment, nullable=False),
        sa.Column("seen_at", Moment, nullable=False),
        sa.UniqueConstraint("site", "subject", name="uq_outside_links_subject"),
        sa.UniqueConstraint("site", "person_id", name="uq_outside_links_person"),
        sa.PrimaryKeyConstraint("id", name="pk_outside_links"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_outside_links_person", "outside_links", ["person_id"])
    op.create_table(
        "outside_visits",
        sa.Column("id", Id, primary_key=True, autoincrement=True),
        sa.Column("digest", sa.LargeBinary(32), nullable=False),
        sa.Column("site", sa.String(32), nullable=False),
        sa.Column("person_id", Id, nullable=False),
        sa.Column("platform", sa.String(16), nullable=False),
        sa.Column("identity", sa.String(100), nullable=False),
        sa.Column("language", sa.String(16)),
        sa.Column("expires_at", Moment, nullable=False),
        sa.Column("used_at", Moment),
        sa.UniqueConstraint("digest", name="uq_outside_visits_digest"),
        sa.PrimaryKeyConstraint("id", name="pk_outside_visits"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_outside_visits_person_id", "outside_visits", ["person_id"])
    op.create_index("ix_outside_visits_expires_at", "outside_visits", ["expires_at"])


def downgrade() -> None:
    op.drop_table("outside_visits")
    op.drop_table("outside_links")
