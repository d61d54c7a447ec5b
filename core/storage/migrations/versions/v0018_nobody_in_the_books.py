"""Whoever wrote a line of the ledger by hand may be forgotten: an actor becomes a pseudonym. Frozen."""

from __future__ import annotations

from alembic import op

revision = "0018"
down_revision = "0017"


def upgrade() -> None:
    _let_go()
    _protect(pseudonyms=True)


def downgrade() -> None:
    _let_go()
    _protect(pseudonyms=False)


def _let_go() -> None:
    if op.get_bind().dialect.name == "sqlite":
        op.execute("DROP TRIGGER ledger_no_update")
        return
    op.execute("DROP TRIGGER ledger_append_only ON ledger")
    op.execute("DROP FUNCTION ledger_append_only()")


def _protect(*, pseudonyms: bool) -> None:
    """Refuse changes of the ledger again. With `pseudonyms`, one is let through: an actor becomes `erased:…`."""
    sqlite = op.get_bind().dialect.name == "sqlite"
    same = "IS" if sqlite else "IS NOT DISTINCT FROM"
    kept = ("id", "wallet_id", "call_id", "code_id", "kind", "amount", "reason", '"at"')
    allowed = " AND ".join(["NEW.actor LIKE 'erased:%'", *(f"NEW.{name} {same} OLD.{name}" for name in kept)])
    if sqlite:
        when = f"WHEN NOT ({allowed}) " if pseudonyms else ""
        op.execute(
            f"CREATE TRIGGER ledger_no_update BEFORE UPDATE ON ledger {when}"
            "BEGIN SELECT RAISE(ABORT, 'the ledger is append-only'); END"
        )
        return
    let_through = f"IF TG_OP = 'UPDATE' THEN IF {allowed} THEN RETURN NEW; END IF; END IF; " if pseudonyms else ""
    op.execute(
        "CREATE FUNCTION ledger_append_only() RETURNS trigger LANGUAGE plpgsql AS "
        f"$$ BEGIN {let_through}RAISE EXCEPTION 'the ledger is append-only'; END $$"
    )
    op.execute(
        "CREATE TRIGGER ledger_append_only BEFORE UPDATE OR DELETE ON ledger "
        "FOR EACH ROW EXECUTE FUNCTION ledger_append_only()"
    )
