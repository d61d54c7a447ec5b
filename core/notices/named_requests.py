"""Requests with a key of their own: asked again, they are not done again, and whoever asks is told what became of them.

They stand in the inbox, where what the chats brought stands as well, and are forgotten with it
(`sweeps.inbox_hours`). No inbox begins them: they are done for whoever asks, or not at all.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from core.actors import Actor, Role
from core.errors import RequestKeyReused
from core.storage import tables as t
from core.storage.database import dialect_insert

if TYPE_CHECKING:
    from core.service import Core

LONGEST = 100
"""Characters of a key."""


@dataclass(frozen=True, slots=True)
class Earlier:
    """A request that was begun before. `answer` is None while it is not known how it ended."""

    begun_at: datetime
    answer: Any


async def begin(core: Core, actor: Actor, key: str, content: str) -> Earlier | None:
    """Claim the key for whoever asks for `content`. None: nobody has asked under this key, and it may be done now.

    Raises: NotAllowed, and RequestKeyReused where the key stood for something else.
    """
    actor.require(Role.OPERATOR)
    payload = core.vault.encrypt(json.dumps({"content": content}), row=_row(key))
    earlier = await core.write(_begin, actor.key, _row(key), payload, core.now())
    if earlier is None:
        return None
    known = json.loads(core.vault.decrypt(bytes(earlier.payload), row=_row(key)))
    if known["content"] != content:
        raise RequestKeyReused
    return Earlier(earlier.received_at, known.get("answer"))


async def finish(core: Core, key: str, content: str, answer: Any) -> None:
    """Keep the answer (JSON values) of a request that this process has begun."""
    payload = core.vault.encrypt(json.dumps({"content": content, "answer": answer}), row=_row(key))
    await core.write(_finish, _row(key), payload, core.now())


def _row(key: str) -> str:
    return f"cli:{key[:LONGEST]}"


def _begin(tx: sa.Connection, lane: str, row: str, payload: bytes, now: datetime) -> Any:
    values = {"key": row, "lane": lane, "payload": payload, "state": "done", "due_at": now, "received_at": now}
    statement = dialect_insert(t.inbox, tx).values(**values).on_conflict_do_nothing(index_elements=["key"])
    if tx.execute(statement).rowcount == 1:
        return None
    return tx.execute(sa.select(t.inbox).where(t.inbox.c.key == row)).one()


def _finish(tx: sa.Connection, row: str, payload: bytes, now: datetime) -> None:
    begun = sa.and_(t.inbox.c.key == row, t.inbox.c.done_at.is_(None))
    tx.execute(sa.update(t.inbox).where(begun).values(payload=payload, done_at=now))
