"""What people read instead of a pool's name. Frozen."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"


def upgrade() -> None:
    op.add_column("pools", sa.Column("public_name", sa.String(64)))


def downgrade() -> None:
    op.drop_column("pools", "public_name")
