"""Live panels: one message of a chat that is kept up to date, as a notice that is never done.

There is one row for each chat. Whoever sends it puts it back, due again in a minute; it is sent only where its words have
changed. No process owns it, and a killed one delays it by its claim.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from core import audit, outbox
from core.actors import Actor, Role
from core.storage import tables as t

if TYPE_CHECKING:
    from core.service import Core

TEMPLATE = "panel"


async def pin(core: Core, actor: Actor, recipient: str, wish: Mapping[str, Any], language: str) -> None:
    """Keep a panel in a chat from now on, in place of the one it had. `wish` says what it shows. Raises: NotAllowed."""
    actor.require(Role.OPERATOR)
    await core.write(_pin, actor, recipient, {**wish, "maker": actor.key, "shown": ""}, language, core.now())


async def unpin(core: Core, actor: Actor, recipient: str) -> bool:
    """Leave the panel as it is; False where the chat has none. Raises: NotAllowed."""
    actor.require(Role.OPERATOR)
    return await core.write(_unpin, actor, recipient, core.now())


def _pin(
    tx: sa.Connection, actor: Actor, recipient: str, facts: Mapping[str, Any], language: str, now: datetime
) -> None:
    _end(tx, actor.platform, recipient)
    dedupe = _name(actor.platform, recipient)
    outbox.put(tx, actor.platform, recipient, outbox.Notice(TEMPLATE, facts, language=language, dedupe=dedupe), now)
    audit.record(tx, actor, "panel.pinned", "chat", None, now, after={"chat": recipient})


def _unpin(tx: sa.Connection, actor: Actor, recipient: str, now: datetime) -> bool:
    ended = _end(tx, actor.platform, recipient)
    if ended:
        audit.record(tx, actor, "panel.unpinned", "chat", None, now, before={"chat": recipient})
    return ended


def _end(tx: sa.Connection, platform: str, recipient: str) -> bool:
    """Also one that is being sent: its sender finds that the row is gone, and puts nothing back."""
    return tx.execute(sa.delete(t.notices).where(t.notices.c.dedupe == _name(platform, recipient))).rowcount > 0


def _name(platform: str, recipient: str) -> str:
    return f"{TEMPLATE}:{platform}:{recipient}"
