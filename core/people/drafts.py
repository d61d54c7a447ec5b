"""What somebody has written and not confirmed yet, kept encrypted until they do, cancel or forget it."""

from __future__ import annotations

import json
import secrets
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from core.actors import Actor
from core.errors import ButtonExpired
from core.storage import tables as t

if TYPE_CHECKING:
    from core.service import Core

HOURS = 1
"""How long a draft waits: it may hold a credential that nobody decided to keep."""


async def keep_draft(core: Core, actor: Actor, kind: str, content: Any) -> str:
    """Keep `content` (JSON values) for its writer; returns the draft's name."""
    name = secrets.token_urlsafe(16)
    await core.write(_insert, core, actor.key, name, kind, content, core.now())
    return name


async def read_draft(core: Core, actor: Actor, kind: str, name: str) -> Any:
    """What the draft holds. Raises: ButtonExpired if it is gone, too old or another's."""
    return await core.read(_read, core, actor.key, kind, name, core.now())


async def change_draft(core: Core, actor: Actor, kind: str, name: str, content: Any) -> None:
    """Write the draft anew. Raises: ButtonExpired."""
    await core.write(_change, core, actor.key, kind, name, content, core.now())


async def drop_draft(core: Core, actor: Actor, name: str) -> None:
    """Forget the draft, if it is still there."""
    await core.write(_drop, actor.key, name)


def _insert(tx: sa.Connection, core: Core, owner: str, name: str, kind: str, content: Any, now: datetime) -> None:
    tx.execute(sa.delete(t.drafts).where(t.drafts.c.expires_at <= now))
    sealed = core.vault.encrypt(json.dumps(content), row=_row(name))
    ends = now + timedelta(hours=HOURS)
    values = {"id": name, "owner": owner, "kind": kind, "content": sealed, "created_at": now, "expires_at": ends}
    tx.execute(sa.insert(t.drafts).values(**values))


def _read(tx: sa.Connection, core: Core, owner: str, kind: str, name: str, now: datetime) -> Any:
    sealed = tx.execute(sa.select(t.drafts.c.content).where(*_mine(owner, kind, name, now))).scalar_one_or_none()
    if sealed is None:
        raise ButtonExpired
    return json.loads(core.vault.decrypt(sealed, row=_row(name)))


def _change(tx: sa.Connection, core: Core, owner: str, kind: str, name: str, content: Any, now: datetime) -> None:
    sealed = core.vault.encrypt(json.dumps(content), row=_row(name))
    changed = tx.execute(sa.update(t.drafts).where(*_mine(owner, kind, name, now)).values(content=sealed))
    if changed.rowcount != 1:
        raise ButtonExpired


def _drop(tx: sa.Connection, owner: str, name: str) -> None:
    tx.execute(sa.delete(t.drafts).where(t.drafts.c.id == name, t.drafts.c.owner == owner))


def _mine(owner: str, kind: str, name: str, now: datetime) -> list[sa.ColumnElement[bool]]:
    return [t.drafts.c.id == name, t.drafts.c.owner == owner, t.drafts.c.kind == kind, t.drafts.c.expires_at > now]


def _row(name: str) -> str:
    return f"drafts:{name}:content"
