"""Whose codes are, how many one person may use, a team of one's own choice, notes, names of teams, daily reports. Frozen."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"

Id = sa.BigInteger().with_variant(sa.Integer(), "sqlite")

COLUMNS = (
    ("batches", "for_address", sa.String(320)),
    ("batches", "for_identity", sa.String(120)),
    ("batches", "per_person", sa.Integer()),
    ("redemptions", "chosen_team_id", Id),
    ("leases", "note", sa.Text()),
    ("people", "note", sa.Text()),
    ("pools", "team_names", sa.String(100)),
    ("subscriptions", "report_at", sa.String(5)),
    ("subscriptions", "reported_day", sa.Integer()),
)
FLAGS = (("pools", "team_choice"), ("people", "timezone_asked"))


def upgrade() -> None:
    for table, name, kind in COLUMNS:
        op.add_column(table, sa.Column(name, kind))
    for table, name in FLAGS:
        op.add_column(table, sa.Column(name, sa.Boolean, nullable=False, server_default=sa.false()))


def downgrade() -> None:
    for table, name in (*FLAGS, *((table, name) for table, name, _ in COLUMNS)):
        op.drop_column(table, name)
