"""Numbers that are never used again, names in any script, links that both sides agree to, and bans.

Brings what 0001 made to this state with all its data. Frozen: it calls nothing but the file that carries its number.
"""

from __future__ import annotations

import unicodedata
from datetime import datetime
from typing import Final

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

from core.storage.migrations import v0002_numbers

revision = "0002"
down_revision = "0001"

Id = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
Moment = sa.DateTime(timezone=True).with_variant(sa.BigInteger(), "sqlite")
Json = sa.JSON().with_variant(JSONB(), "postgresql")

NAMED: Final = {"pools": ("pool", 64), "teams": ("team", 100)}
"""The tables with names that people write, what the audit log calls them, and how long a name may be."""

audit_log = sa.table(
    "audit_log",
    sa.column("id", Id),
    sa.column("at", Moment),
    *(sa.column(name, sa.String) for name in ("actor", "action", "subject")),
    sa.column("subject_id", Id),
    sa.column("before", Json),
    sa.column("after", Json),
)


def upgrade() -> None:
    tx = op.get_bind()
    sqlite = tx.dialect.name == "sqlite"
    _let_go_of_the_log()
    for table in NAMED:
        _fold_names(tx, table)
    _forget_who_linked(tx)
    if sqlite:
        v0002_numbers.never_again(tx)
    for table in NAMED:
        op.create_index(f"uq_{table}_name_key", table, ["name_key"], unique=True)
    _make_links()
    _make_bans()
    # A token of the old kind named its maker by a number that somebody else may have by now.
    op.execute("DELETE FROM staff_tokens WHERE role = 'link'")
    _protect_the_log(pseudonyms=True)


def downgrade() -> None:
    op.drop_table("bans")
    op.drop_table("links")
    for table in NAMED:
        op.drop_index(f"uq_{table}_name_key", table_name=table)
        op.drop_column(table, "name_key")
    _let_go_of_the_log()
    _protect_the_log(pseudonyms=False)


def _fold_names(tx: sa.Connection, table: str) -> None:
    """Give every name its key. Of two names that are one, the younger gets a number behind it."""
    subject, longest = NAMED[table]
    op.add_column(table, sa.Column("name_key", sa.Text, nullable=True))
    named = sa.table(table, sa.column("id", Id), sa.column("name", sa.String), sa.column("name_key", sa.Text))
    rows = tx.execute(sa.select(named.c.id, named.c.name).order_by(named.c.id)).all()
    taken = {_key(row.name) for row in rows}
    used: set[str] = set()
    for row in rows:
        name, number = row.name, 2
        while _key(name) in used or (name != row.name and _key(name) in taken):
            tail = f" {number}"
            name, number = f"{row.name[: longest - len(tail)]}{tail}", number + 1
        used.add(_key(name))
        tx.execute(sa.update(named).where(named.c.id == row.id).values(name=name, name_key=_key(name)))
        if name != row.name:
            line = {"actor": "system:usher", "action": f"{subject}.changed", "subject": subject, "subject_id": row.id}
            changed = {"at": _now(tx), "before": {"name": row.name}, "after": {"name": name}}
            tx.execute(sa.insert(audit_log).values(**line, **changed))
    if tx.dialect.name == "postgresql":
        op.alter_column(table, "name_key", nullable=False)


def _now(tx: sa.Connection) -> sa.ColumnElement[datetime]:
    microseconds = "CAST((julianday('now') - 2440587.5) * 86400000000 AS INTEGER)"
    return sa.literal_column(microseconds) if tx.dialect.name == "sqlite" else sa.func.now()


def _key(name: str) -> str:
    folded = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", name).casefold())
    return " ".join(folded.split())


def _forget_who_linked(tx: sa.Connection) -> None:
    """Lines about links said twice who it was: as the actor, and in their facts, where erasing does not reach."""
    for row in tx.execute(sa.select(audit_log.c.id, audit_log.c.after).where(audit_log.c.action == "person.linked")):
        if row.after and "identity" in row.after:
            after = {name: value for name, value in row.after.items() if name != "identity"}
            tx.execute(sa.update(audit_log).where(audit_log.c.id == row.id).values(after=after))


def _make_links() -> None:
    op.create_table(
        "links",
        sa.Column("id", Id, autoincrement=True, nullable=False),
        sa.Column("digest", sa.LargeBinary(length=32), nullable=False),
        sa.Column("maker", sa.String(length=120), nullable=False),
        sa.Column("joiner", sa.String(length=120), nullable=True),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("created_at", Moment, nullable=False),
        sa.Column("expires_at", Moment, nullable=False),
        sa.Column("ended_at", Moment, nullable=True),
        sa.CheckConstraint("state IN ('open', 'agreed', 'joined', 'declined', 'ended')", name=op.f("ck_links_state")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_links")),
        sa.UniqueConstraint("digest", name=op.f("uq_links_digest")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_links_maker"), "links", ["maker"], unique=False)
    op.create_index(op.f("ix_links_joiner"), "links", ["joiner"], unique=False)


def _make_bans() -> None:
    op.create_table(
        "bans",
        sa.Column("id", Id, autoincrement=True, nullable=False),
        sa.Column("platform", sa.String(length=16), nullable=False),
        sa.Column("identity", sa.String(length=100), nullable=False),
        sa.Column("reason", sa.String(length=200), nullable=False),
        sa.Column("maker", sa.String(length=120), nullable=False),
        sa.Column("created_at", Moment, nullable=False),
        sa.Column("until", Moment, nullable=True),
        sa.Column("lifted_at", Moment, nullable=True),
        sa.Column("lifted_by", sa.String(length=120), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_bans")),
        sqlite_autoincrement=True,
    )
    op.create_index(
        "uq_bans_live",
        "bans",
        ["platform", "identity"],
        unique=True,
        sqlite_where=sa.text("lifted_at IS NULL"),
        postgresql_where=sa.text("lifted_at IS NULL"),
    )


def _let_go_of_the_log() -> None:
    if op.get_bind().dialect.name == "sqlite":
        op.execute("DROP TRIGGER audit_log_no_update")
        return
    op.execute("DROP TRIGGER audit_log_append_only ON audit_log")
    op.execute("DROP FUNCTION audit_log_append_only()")


def _protect_the_log(*, pseudonyms: bool) -> None:
    """Refuse changes of the log again. With `pseudonyms`, one is let through: an actor becomes `erased:…`."""
    sqlite = op.get_bind().dialect.name == "sqlite"
    same = "IS" if sqlite else "IS NOT DISTINCT FROM"
    kept = ("id", "at", "action", "subject", "subject_id", '"before"', '"after"')
    allowed = " AND ".join(["NEW.actor LIKE 'erased:%'", *(f"NEW.{name} {same} OLD.{name}" for name in kept)])
    if sqlite:
        when = f"WHEN NOT ({allowed}) " if pseudonyms else ""
        op.execute(
            f"CREATE TRIGGER audit_log_no_update BEFORE UPDATE ON audit_log {when}"
            "BEGIN SELECT RAISE(ABORT, 'the audit log is append-only'); END"
        )
        return
    let_through = f"IF TG_OP = 'UPDATE' THEN IF {allowed} THEN RETURN NEW; END IF; END IF; " if pseudonyms else ""
    op.execute(
        "CREATE FUNCTION audit_log_append_only() RETURNS trigger LANGUAGE plpgsql AS "
        f"$$ BEGIN {let_through}RAISE EXCEPTION 'the audit log is append-only'; END $$"
    )
    op.execute(
        "CREATE TRIGGER audit_log_append_only BEFORE UPDATE OR DELETE ON audit_log "
        "FOR EACH ROW EXECUTE FUNCTION audit_log_append_only()"
    )
