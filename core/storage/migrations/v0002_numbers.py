"""Revision 0002's way to numbers that are never used again, for SQLite. Frozen with it.

SQLite gives the number of a deleted last row to the next one, unless the table says AUTOINCREMENT, which only a new
table can. PostgreSQL's sequences never go back.
"""

from __future__ import annotations

from typing import Any, Final

import sqlalchemy as sa

TABLES: Final = (
    "alert_messages",
    "alerts",
    "audit_log",
    "batches",
    "codes",
    "job_items",
    "jobs",
    "leases",
    "notices",
    "people",
    "pools",
    "redemptions",
    "removals",
    "seats",
    "staff_tokens",
    "subscriptions",
    "teams",
    "transfers",
    "waitlist",
)
"""Whose numbers leave the transaction that reads them. Those of `batch_changes` and `figure_changes` do not."""

AUDITED: Final = {
    "alert": "alerts",
    "batch": "batches",
    "code": "codes",
    "job": "jobs",
    "lease": "leases",
    "person": "people",
    "pool": "pools",
    "redemption": "redemptions",
    "removal": "removals",
    "staff_token": "staff_tokens",
    "subscription": "subscriptions",
    "team": "teams",
    "transfer": "transfers",
    "waitlist": "waitlist",
}
"""Which table a subject of the audit log names a row of: what stands there is not given to anybody else either."""


def never_again(tx: sa.Connection) -> None:
    """Make every table of `TABLES` anew, with all it holds, and begin its numbers after any that was ever audited."""
    triggers = _stored(tx, "trigger")
    for name, _ in triggers:
        tx.exec_driver_sql(f'DROP TRIGGER "{name}"')
    for table in TABLES:
        _make_anew(tx, table)
    for _, statement in triggers:
        tx.exec_driver_sql(statement)
    for subject, table in AUDITED.items():
        _begin_after(tx, table, subject)
    broken = tx.exec_driver_sql("PRAGMA foreign_key_check").all()
    if broken:
        raise RuntimeError(f"rows that point nowhere, in {sorted({row[0] for row in broken})}")


def _make_anew(tx: sa.Connection, table: str) -> None:
    statement = dict(_stored(tx, "table"))[table]
    # Written by SQLAlchemy in revision 0001, so the shape is known; whoever finds another one must not go on.
    numbered = statement
    if "AUTOINCREMENT" not in statement:  # else somebody went back to 0001 and comes again
        numbered = numbered.replace("id INTEGER NOT NULL", "id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT", 1)
        numbered = numbered.replace(f"CONSTRAINT pk_{table} PRIMARY KEY (id), ", "", 1)
        numbered = numbered.replace(f", \n\tCONSTRAINT pk_{table} PRIMARY KEY (id)", "", 1)
    made = numbered.replace(f"CREATE TABLE {table} (", f"CREATE TABLE next_{table} (", 1)
    made = made.replace(f'CREATE TABLE "{table}" (', f"CREATE TABLE next_{table} (", 1)
    made = made.replace("name_key TEXT", "name_key TEXT NOT NULL", 1)
    if made.count("PRIMARY KEY") != 1 or "AUTOINCREMENT" not in made or f"next_{table}" not in made:
        raise RuntimeError(f"the table {table} is not as revision 0001 made it")
    indexes = [text for name, text in _stored(tx, "index", table)]
    tx.exec_driver_sql(made)
    tx.exec_driver_sql(f"INSERT INTO next_{table} SELECT * FROM {table}")  # noqa: S608 - our own names
    tx.exec_driver_sql(f"DROP TABLE {table}")
    tx.exec_driver_sql(f"ALTER TABLE next_{table} RENAME TO {table}")
    for text in indexes:
        tx.exec_driver_sql(text)


def _stored(tx: sa.Connection, kind: str, table: str | None = None) -> list[tuple[str, str]]:
    """Name and text of everything of one kind that somebody wrote."""
    found: Any = tx.execute(
        sa.text("SELECT name, tbl_name, sql FROM sqlite_master WHERE type = :kind AND sql IS NOT NULL ORDER BY rowid"),
        {"kind": kind},
    )
    return [(name, text) for name, owner, text in found if table in {None, owner}]


def _begin_after(tx: sa.Connection, table: str, subject: str) -> None:
    highest = "SELECT COALESCE(max(subject_id), 0) FROM audit_log WHERE subject = :subject"
    used = int(tx.execute(sa.text(highest), {"subject": subject}).scalar_one())
    last = tx.execute(sa.text("SELECT seq FROM sqlite_sequence WHERE name = :name"), {"name": table}).scalar()
    if last is None:
        tx.execute(
            sa.text("INSERT INTO sqlite_sequence (name, seq) VALUES (:name, :seq)"), {"name": table, "seq": used}
        )
    elif used > last:
        tx.execute(sa.text("UPDATE sqlite_sequence SET seq = :seq WHERE name = :name"), {"name": table, "seq": used})
