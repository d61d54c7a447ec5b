"""The first schema."""

from __future__ import annotations

from alembic import op

from core.storage.migrations import append_only, figures
from core.storage.tables import metadata

revision = "0001"
down_revision = None


def upgrade() -> None:
    metadata.create_all(op.get_bind())
    append_only.protect(op)
    figures.maintain(op)


def downgrade() -> None:
    figures.release(op)
    append_only.release(op)
    metadata.drop_all(op.get_bind())
