"""Showing codes again: an export is audited like a change, for it hands out rights."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from core import audit
from core.actors import Actor, Role
from core.errors import NotFound
from core.rules.codes import CodeText
from core.service import code_row
from core.storage.names import is_called
from core.storage.tables import batches, codes, pools

if TYPE_CHECKING:
    from core.service import Core
    from core.vault import Vault

CHUNK = 5_000
"""Codes read at once: memory stays flat however large the batch is."""

HEADER = ("code", "state", "uses", "used", "batch", "pool", "label", "term", "expires_at", "created_at")


@dataclass(frozen=True, slots=True)
class ExportedCode:
    """One code in full, with what a list beside it shows."""

    code: str
    state: str
    uses: int
    used: int
    batch: int
    pool: str
    label: str
    term: str
    expires_at: datetime | None
    created_at: datetime

    @property
    def cells(self) -> Sequence[Any]:
        """The cells of a table with `HEADER`."""
        return [getattr(self, name) for name in HEADER]


async def export_codes(
    core: Core, actor: Actor, *, batch: int | None = None, pool: str | None = None, unused_only: bool = False
) -> AsyncIterator[ExportedCode]:
    """The codes of a batch, or of a pool, or all, in the order they were made, read chunk by chunk.

    Raises, before the first one: NotAllowed, NotFound.
    """
    actor.require(Role.OPERATOR)
    await core.write(_note, actor, batch, pool, core.now())

    async def read() -> AsyncIterator[ExportedCode]:
        after = 0
        while True:
            now = core.now()
            rows = await core.read(_chunk, batch, pool, unused_only, after, now)
            for row in rows:
                yield _exported(core.vault, row, now)
            if len(rows) < CHUNK:
                return
            after = rows[-1].id

    return read()


async def reveal_code(core: Core, actor: Actor, code: CodeText) -> str:
    """One stored code in full. Raises: NotAllowed, NotFound, Undecipherable."""
    actor.require(Role.OPERATOR)
    row = await core.write(_reveal, core.vault.digests(code.canonical), actor, code.last4, core.now())
    return core.vault.decrypt(row.cipher, row=code_row(row.digest))


def _note(tx: sa.Connection, actor: Actor, batch: int | None, pool: str | None, now: datetime) -> None:
    if batch is not None and tx.execute(sa.select(batches.c.id).where(batches.c.id == batch)).first() is None:
        raise NotFound(kind="batch", name=str(batch))
    if pool is not None:
        named = sa.select(pools.c.id).where(is_called(pools, pool))
        if tx.execute(named).first() is None:
            raise NotFound(kind="pool", name=pool)
    audit.record(tx, actor, "code.exported", "batch", batch, now, after={"pool": pool} if pool else None)


def _chunk(
    tx: sa.Connection, batch: int | None, pool: str | None, unused_only: bool, after: int, now: datetime
) -> list[Any]:
    statement = (
        sa.select(
            codes.c.id,
            codes.c.digest,
            codes.c.cipher,
            codes.c.status,
            codes.c.max_uses,
            codes.c.used,
            codes.c.reserved,
            codes.c.batch_id,
            batches.c.label,
            batches.c.term,
            batches.c.expires_at,
            batches.c.created_at,
            pools.c.name.label("pool"),
        )
        .join(batches, batches.c.id == codes.c.batch_id)
        .join(pools, pools.c.id == batches.c.pool_id)
        .where(codes.c.id > after, codes.c.status != "deleted")
        .order_by(codes.c.id)
        .limit(CHUNK)
    )
    if batch is not None:
        statement = statement.where(codes.c.batch_id == batch)
    if pool is not None:
        statement = statement.where(is_called(pools, pool))
    if unused_only:
        alive = sa.or_(batches.c.expires_at.is_(None), batches.c.expires_at > now)
        left = codes.c.used + codes.c.reserved < codes.c.max_uses
        statement = statement.where(codes.c.status == "active", left, alive)
    return list(tx.execute(statement).all())


def _exported(vault: Vault, row: Any, now: datetime) -> ExportedCode:
    # Taken apart once: a row finds each column by its name anew, which a million rows notice.
    _, digest, cipher, status, max_uses, used, reserved, batch, label, term, expires_at, created_at, pool = row
    if status != "active":
        state = str(status)
    elif used + reserved >= max_uses:
        state = "used"
    else:
        state = "expired" if expires_at is not None and expires_at <= now else "unused"
    code = vault.decrypt(cipher, row=code_row(digest))
    return ExportedCode(code, state, max_uses, used, batch, pool, label, term, expires_at, created_at)


def _reveal(tx: sa.Connection, digests: list[bytes], actor: Actor, last4: str, now: datetime) -> Any:
    row = tx.execute(sa.select(codes.c.id, codes.c.digest, codes.c.cipher).where(codes.c.digest.in_(digests))).first()
    if row is None:
        raise NotFound(kind="code", name=f"…{last4}")
    audit.record(tx, actor, "code.revealed", "code", row.id, now)
    return row
