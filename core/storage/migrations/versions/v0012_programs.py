"""What a key may be used for, and the role that it needs; what came along with an answer. Frozen."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0012"
down_revision = "0011"

Json = sa.JSON().with_variant(JSONB(), "postgresql")


def upgrade() -> None:
    op.add_column("keys", sa.Column("scopes", Json, nullable=False, server_default='["chat"]'))
    op.add_column("keys", sa.Column("role", sa.String(16), nullable=False, server_default="anyone"))
    op.add_column("calls", sa.Column("beside", sa.LargeBinary()))


def downgrade() -> None:
    op.drop_column("calls", "beside")
    op.drop_column("keys", "role")
    op.drop_column("keys", "scopes")
