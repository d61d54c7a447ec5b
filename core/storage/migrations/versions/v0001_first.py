"""The first schema."""

from __future__ import annotations

from alembic import op

from core.storage.migrations import append_only
from core.storage.tables import metadata

revision = "0001"
down_revision = None


def upgrade() -> None:
    metadata.create_all(op.get_bind())
    append_only.protect(op)


def downgrade() -> None:
    append_only.release(op)
    metadata.drop_all(op.get_bind())
