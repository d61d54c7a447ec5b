"""Codes of another system that look like words: recognised only where they exist."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING

import sqlalchemy as sa

from core import attempts
from core.actors import Actor, Role
from core.codes.foreign import make_real
from core.rules.codes import CodeText
from core.storage import tables as t

if TYPE_CHECKING:
    from core.service import Core


async def imported_among(core: Core, actor: Actor, words: Sequence[CodeText]) -> list[CodeText]:
    """Those of `words` that are imported codes. Looking is counted and limited: nobody finds codes by chatting."""
    await make_real(core, words)
    return await core.write(_among, core, actor, words, core.now())


def _among(tx: sa.Connection, core: Core, actor: Actor, words: Sequence[CodeText], now: datetime) -> list[CodeText]:
    if actor.role < Role.OPERATOR and not attempts.claim_look(tx, actor.key, core.settings.limits, now):
        return []
    of = {digest: word for word in words for digest in core.vault.digests(word.canonical)}
    known = tx.execute(
        sa.select(t.codes.c.digest)
        .join(t.batches, t.batches.c.id == t.codes.c.batch_id)
        .where(t.codes.c.digest.in_(list(of)), t.batches.c.imported.is_(True), t.codes.c.status != "deleted")
    ).scalars()
    there = {of[bytes(digest)].canonical for digest in known}
    return [word for word in words if word.canonical in there]
