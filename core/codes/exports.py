"""Showing codes again: an export is audited like a change, for it hands out rights."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from core import audit
from core.actors import Actor, Role
from core.codes.foreign import make_real
from core.errors import NotFound
from core.rules.codes import CodeText
from core.rules.gifts import Giving
from core.service import code_row
from core.storage import tables as t
from core.storage.names import is_called
from core.vault import Undecipherable

if TYPE_CHECKING:
    from core.service import Core
    from core.vault import Vault

CHUNK = 5_000
"""Codes read at once: memory stays flat however large the batch is."""

HEADER = ("code", "state", "uses", "used", "batch", "pool", "label", "term", "expires_at", "created_at", "gives")


@dataclass(frozen=True, slots=True)
class ExportedCode:
    """One code in full, with what a list beside it shows. `gives` is as it is written: `seat`, `credit:5`, `plan:vip`."""

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
    gives: str

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


async def reveal_codes(core: Core, actor: Actor, code_ids: Sequence[int]) -> dict[int, str]:
    """Stored codes in full, by their numbers; one whose key is gone is left out. Raises: NotAllowed."""
    actor.require(Role.OPERATOR)
    rows = await core.write(_reveal_several, actor, code_ids, core.now())
    found = {}
    for row in rows:
        with suppress(Undecipherable):
            found[int(row.id)] = core.vault.decrypt(row.cipher, row=code_row(row.digest))
    return found


async def reveal_code(core: Core, actor: Actor, code: CodeText) -> str:
    """One stored code in full. Raises: NotAllowed, NotFound, Undecipherable."""
    actor.require(Role.OPERATOR)
    await make_real(core, [code])
    row = await core.write(_reveal, core.vault.digests(code.canonical), actor, code.last4, core.now())
    return core.vault.decrypt(row.cipher, row=code_row(row.digest))


def _reveal_several(tx: sa.Connection, actor: Actor, code_ids: Sequence[int], now: datetime) -> list[Any]:
    columns = (t.codes.c.id, t.codes.c.digest, t.codes.c.cipher)
    rows = tx.execute(sa.select(*columns).where(t.codes.c.id.in_(list(code_ids)))).all()
    audit.record(tx, actor, "code.exported", "code", None, now, after={"count": len(rows)})
    return list(rows)


def _note(tx: sa.Connection, actor: Actor, batch: int | None, pool: str | None, now: datetime) -> None:
    if batch is not None and tx.execute(sa.select(t.batches.c.id).where(t.batches.c.id == batch)).first() is None:
        raise NotFound(kind="batch", name=str(batch))
    if pool is not None:
        named = sa.select(t.pools.c.id).where(is_called(t.pools, pool))
        if tx.execute(named).first() is None:
            raise NotFound(kind="pool", name=pool)
    audit.record(tx, actor, "code.exported", "batch", batch, now, after={"pool": pool} if pool else None)


def _chunk(
    tx: sa.Connection, batch: int | None, pool: str | None, unused_only: bool, after: int, now: datetime
) -> list[Any]:
    statement = (
        sa.select(
            t.codes.c.id,
            t.codes.c.digest,
            t.codes.c.cipher,
            t.codes.c.status,
            t.codes.c.max_uses,
            t.codes.c.used,
            t.codes.c.reserved,
            t.codes.c.batch_id,
            t.batches.c.label,
            t.batches.c.term,
            t.batches.c.expires_at,
            t.batches.c.created_at,
            t.batches.c.gives,
            t.batches.c.gift,
            t.pools.c.name.label("pool"),
        )
        .join(t.batches, t.batches.c.id == t.codes.c.batch_id)
        .join(t.pools, t.pools.c.id == t.batches.c.pool_id)
        .where(t.codes.c.id > after, t.codes.c.status != "deleted")
        .order_by(t.codes.c.id)
        .limit(CHUNK)
    )
    if batch is not None:
        statement = statement.where(t.codes.c.batch_id == batch)
    if pool is not None:
        statement = statement.where(is_called(t.pools, pool))
    if unused_only:
        alive = sa.or_(t.batches.c.expires_at.is_(None), t.batches.c.expires_at > now)
        left = t.codes.c.used + t.codes.c.reserved < t.codes.c.max_uses
        statement = statement.where(t.codes.c.status == "active", left, alive)
    return list(tx.execute(statement).all())


def _exported(vault: Vault, row: Any, now: datetime) -> ExportedCode:
    # Taken apart once: a row finds each column by its name anew, which a million rows notice.
    (
        _,
        digest,
        cipher,
        status,
        max_uses,
        used,
        reserved,
        batch,
        label,
        term,
        expires_at,
        created_at,
        gives,
        gift,
        pool,
    ) = row
    if status != "active":
        state = str(status)
    elif used + reserved >= max_uses:
        state = "used"
    else:
        state = "expired" if expires_at is not None and expires_at <= now else "unused"
    code = vault.decrypt(cipher, row=code_row(digest))
    given = gives if gift is None else str(Giving.of(gives, gift))
    return ExportedCode(code, state, max_uses, used, batch, pool, label, term, expires_at, created_at, given)


def _reveal(tx: sa.Connection, digests: list[bytes], actor: Actor, last4: str, now: datetime) -> Any:
    row = tx.execute(
        sa.select(t.codes.c.id, t.codes.c.digest, t.codes.c.cipher).where(t.codes.c.digest.in_(digests))
    ).first()
    if row is None:
        raise NotFound(kind="code", name=f"…{last4}")
    audit.record(tx, actor, "code.revealed", "code", row.id, now)
    return row
