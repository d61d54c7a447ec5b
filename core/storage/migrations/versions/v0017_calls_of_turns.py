"""Of which turn each of its calls is: a sponsor's limit counts what was written down as well as what was asked. Frozen."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"

Id = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.add_column("calls", sa.Column("turn_id", Id))
    op.execute(
        "UPDATE calls SET turn_id = (SELECT max(turns.id) FROM turns WHERE turns.call_id = calls.id) "
        "WHERE EXISTS (SELECT 1 FROM turns WHERE turns.call_id = calls.id)"
    )


def downgrade() -> None:
    op.drop_column("calls", "turn_id")
