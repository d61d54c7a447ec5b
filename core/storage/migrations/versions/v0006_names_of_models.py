"""Models, sources and limit groups are told apart and found by one folded name, like pools and teams. Frozen.

Of two that were written differently and are one name, the younger gets a number behind its name, and the audit log
says so: it keeps its prices, accounts and calls.
"""

from __future__ import annotations

import unicodedata
from datetime import datetime
from typing import Final

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0006"
down_revision = "0005"

Id = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
Moment = sa.DateTime(timezone=True).with_variant(sa.BigInteger(), "sqlite")
Json = sa.JSON().with_variant(JSONB(), "postgresql")

# A model's name stands in requests of programs, where a space would be an accident.
NAMED: Final = {"models": ("model", "-"), "sources": ("source", " "), "limit_groups": ("limit_group", " ")}
"""The tables, what the audit log calls their rows, and what stands before a number."""
LONGEST: Final = 100

audit_log = sa.table(
    "audit_log",
    sa.column("at", Moment),
    *(sa.column(name, sa.String) for name in ("actor", "action", "subject")),
    sa.column("subject_id", Id),
    sa.column("before", Json),
    sa.column("after", Json),
)


def upgrade() -> None:
    for table in NAMED:
        op.add_column(table, sa.Column("name_key", sa.Text, nullable=False, server_default=""))
        _fold_names(op.get_bind(), table)
        op.create_index(f"uq_{table}_name_key", table, ["name_key"], unique=True)


def downgrade() -> None:
    for table in NAMED:
        op.drop_index(f"uq_{table}_name_key", table_name=table)
        op.drop_column(table, "name_key")


def _fold_names(tx: sa.Connection, table: str) -> None:
    subject, joint = NAMED[table]
    named = sa.table(table, sa.column("id", Id), sa.column("name", sa.String), sa.column("name_key", sa.Text))
    rows = tx.execute(sa.select(named.c.id, named.c.name).order_by(named.c.id)).all()
    taken = {_key(row.name) for row in rows}
    used: set[str] = set()
    for row in rows:
        name, number = row.name, 2
        while _key(name) in used or (name != row.name and _key(name) in taken):
            tail = f"{joint}{number}"
            name, number = f"{row.name[: LONGEST - len(tail)]}{tail}", number + 1
        used.add(_key(name))
        tx.execute(sa.update(named).where(named.c.id == row.id).values(name=name, name_key=_key(name)))
        if name != row.name:
            line = {"actor": "system:usher", "action": f"{subject}.changed", "subject": subject, "subject_id": row.id}
            changed = {"at": _now(tx), "before": {"name": row.name}, "after": {"name": name}}
            tx.execute(sa.insert(audit_log).values(**line, **changed))


def _now(tx: sa.Connection) -> sa.ColumnElement[datetime]:
    microseconds = "CAST((julianday('now') - 2440587.5) * 86400000000 AS INTEGER)"
    return sa.literal_column(microseconds) if tx.dialect.name == "sqlite" else sa.func.now()


def _key(name: str) -> str:
    folded = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", name).casefold())
    return " ".join(folded.split())
