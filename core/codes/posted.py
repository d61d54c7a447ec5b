"""Codes that somebody posted where others read along: for ten minutes they are their poster's alone.

The only trace is a fact whose name holds the beginnings of two keyed digests, of the code and of who posted it: it tells
nobody anything, and the next one sweeps it away. Codes for many people are free for all, as are those that staff hand out.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

import sqlalchemy as sa

from core.actors import Actor, Role
from core.errors import Refusal
from core.rules.codes import CodeText
from core.storage import tables as t
from core.storage.database import dialect_insert
from core.vault import Vault

if TYPE_CHECKING:
    from core.service import Core

KEPT = timedelta(minutes=10)
"""Time enough to open the private chat and redeem; somebody who posted a code by mistake is reading at that moment."""
PREFIX = "posted:"
_LETTERS = 24


class CodePosted(Refusal):
    """Somebody else posted this code a moment ago, and it is kept for them. Facts: until."""

    key = "code_posted"


async def keep_for_poster(core: Core, actor: Actor, codes: Sequence[CodeText]) -> None:
    """Let nobody but `actor` redeem these codes for a while. Nothing tells whether they exist."""
    if codes and actor.role < Role.OPERATOR:
        await core.write(_keep, core, actor, codes, core.now())


def refuse_others(tx: sa.Connection, vault: Vault, actor: Actor, digests: Sequence[bytes], now: datetime) -> None:
    """Return if nobody else posted the code just now. Raises: CodePosted.

    The caller has the code's row locked, and so has whoever binds it: what is read here stays so until the commit.
    """
    if actor.role >= Role.OPERATOR:
        return
    of_code = sa.or_(*(t.facts.c.name.startswith(_name(digest)) for digest in digests))
    fresh = t.facts.c.changed_at > now - KEPT
    posted = tx.execute(sa.select(t.facts.c.name, t.facts.c.changed_at).where(of_code, fresh)).all()
    own = {_of(digest) for digest in vault.digests(actor.key)}
    if posted and not any(row.name.rpartition(":")[2] in own for row in posted):
        raise CodePosted(until=max(row.changed_at for row in posted) + KEPT)


def _keep(tx: sa.Connection, core: Core, actor: Actor, codes: Sequence[CodeText], now: datetime) -> None:
    tx.execute(sa.delete(t.facts).where(t.facts.c.name.startswith(PREFIX), t.facts.c.changed_at <= now - KEPT))
    digests = [digest for code in codes for digest in core.vault.digests(code.canonical)]
    found = sa.select(t.codes.c.digest).where(t.codes.c.digest.in_(digests), t.codes.c.max_uses == 1)
    mine = _of(core.vault.digests(actor.key)[0])
    for digest in tx.execute(found.order_by(t.codes.c.id).with_for_update()).scalars():
        try:
            refuse_others(tx, core.vault, actor, [bytes(digest)], now)
        except CodePosted:
            continue  # who copies somebody's code aloud does not make it theirs
        row = {"name": f"{_name(bytes(digest))}{mine}", "value": {}, "changed_at": now}
        statement = dialect_insert(t.facts, tx).values(row)
        tx.execute(statement.on_conflict_do_update(index_elements=["name"], set_={"changed_at": now}))


def _name(digest: bytes) -> str:
    return f"{PREFIX}{_of(digest)}:"


def _of(digest: bytes) -> str:
    return digest.hex()[:_LETTERS]
