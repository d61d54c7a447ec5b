"""Since when a member whom Usher did not invite is in the team. Frozen."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = "0018"

Moment = sa.DateTime(timezone=True).with_variant(sa.BigInteger(), "sqlite")


def upgrade() -> None:
    op.add_column("seats", sa.Column("occupied_at", Moment))


def downgrade() -> None:
    op.drop_column("seats", "occupied_at")
