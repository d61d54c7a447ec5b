"""Moments in JSON are marked as such, and what came of a sweep is counted by name instead of said in English. Frozen.

Facts held moments as text that only its shape told from other text. Lines of the audit log stay as they were written.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0007"
down_revision = "0006"

Json = sa.JSON().with_variant(JSONB(), "postgresql")

COLUMNS = (
    ("alerts", "id", "facts"),
    ("calls", "id", "facts"),
    ("facts", "name", "value"),
    ("notices", "id", "facts"),
    ("redemptions", "id", "facts"),
)
_MOMENT = re.compile(r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d+)?(Z|[+-]\d{2}:\d{2})")


def upgrade() -> None:
    op.add_column("sweeps", sa.Column("facts", Json))
    # Each says it anew with its next round.
    op.execute("UPDATE sweeps SET outcome = NULL")
    _rewrite(_marked, "%T__:__:__%")


def downgrade() -> None:
    _rewrite(_plain, "%$moment%")
    op.execute("UPDATE sweeps SET outcome = NULL")
    op.drop_column("sweeps", "facts")


def _rewrite(change: Callable[[Any], Any], holding: str) -> None:
    tx = op.get_bind()
    for name, key, column in COLUMNS:
        table = sa.table(name, sa.column(key), sa.column(column, Json))
        holds = sa.cast(table.c[column], sa.Text).like(holding)
        for row in tx.execute(sa.select(table.c[key], table.c[column]).where(holds)).all():
            changed = change(row[1])
            if changed != row[1]:
                tx.execute(sa.update(table).where(table.c[key] == row[0]).values({column: changed}))


def _marked(value: Any) -> Any:
    if isinstance(value, dict):
        # The words of an announcement are somebody's own.
        return {name: one if name == "text" else _marked(one) for name, one in value.items()}
    if isinstance(value, str) and _MOMENT.fullmatch(value):
        return {"$moment": datetime.fromisoformat(value).astimezone(UTC).isoformat()}
    return value


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return value["$moment"] if value.keys() == {"$moment"} else {name: _plain(one) for name, one in value.items()}
    return value
